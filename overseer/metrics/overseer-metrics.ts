import type { Labels, MetricFamily } from "../../shared/metrics/exposition-text.ts";
import { counter, gauge, histogram } from "../../shared/metrics/families.ts";
import { processMetrics } from "../../shared/metrics/process-metrics.ts";
import type { BeaconReading, LiveReading, RunReading } from "../run/run-watch.ts";
import { runStages } from "../run/run-watch.ts";
import { validitySoFar } from "./validity-so-far.ts";

/** What an overseer tells Prometheus; docs/monitoring.md has the table. `waiting`: beacons at the door of one that stays. */
export function overseerMetrics(reading: RunReading | null, waiting: number | null): MetricFamily[] {
  return [
    ...processMetrics("overseer", {}),
    gauge(
      "loadstone_overseer_connected_beacons",
      "Beacons that are connected to an overseer that stays",
      waiting === null ? [] : [{ labels: {}, value: waiting }],
    ),
    ...(reading === null ? [] : runMetrics(reading)),
  ];
}

function runMetrics(reading: RunReading): MetricFamily[] {
  const { runId, scenario, chain, stage, phase, elapsedSeconds, planned, warnings, errors, live } = reading;
  const run = { run: runId };
  return [
    gauge("loadstone_run_info", "1, with what the run is of", [{ labels: { ...run, scenario, chain }, value: 1 }]),
    gauge(
      "loadstone_run_stage",
      "1 for the stage that the run is in, 0 for the others",
      runStages.map((name) => ({ labels: { ...run, stage: name }, value: name === stage ? 1 : 0 })),
    ),
    gauge(
      "loadstone_run_phase",
      "Number of the scenario's phase, while there is one",
      phase === null
        ? []
        : [{ labels: { ...run, phase: phase.name, measured: String(phase.measured) }, value: phase.number }],
    ),
    gauge(
      "loadstone_run_elapsed_seconds",
      "Since the barrier's instant, negative before it",
      elapsedSeconds === null ? [] : [{ labels: run, value: elapsedSeconds }],
    ),
    gauge("loadstone_run_planned_transactions", "What the scenario plans", [{ labels: run, value: planned }]),
    counter("loadstone_run_events_total", "What was told of the run besides its figures", [
      { labels: { ...run, severity: "warning" }, value: warnings },
      { labels: { ...run, severity: "error" }, value: errors },
    ]),
    ...(live === null ? [] : liveMetrics(run, live)),
  ];
}

function liveMetrics(run: Labels, live: LiveReading): MetricFamily[] {
  const one = (value: number | null) => (value === null ? [] : [{ labels: run, value }]);
  const byNode = (of: (node: LiveReading["nodes"][number]) => number) =>
    live.nodes.map((node) => ({ labels: { ...run, node: node.name }, value: of(node) }));
  const { lateness, answerIntended, answerService, inclusion } = live.durations;
  return [
    ...beaconMetrics(run, live.beacons),
    counter(
      "loadstone_run_settled_transactions_total",
      "Came to their end by the rows that beacons handed in, by node, outcome and the reason for it",
      live.outcomes.map(({ node, outcome, reason, count }) => ({
        labels: { ...run, node, outcome, reason },
        value: count,
      })),
    ),
    counter("loadstone_run_inclusions_total", "Came into a block of the winning branch, again after a fork", [
      { labels: run, value: live.inclusions },
    ]),
    gauge("loadstone_run_included_transactions", "In a block of the winning branch now", one(live.included)),
    gauge(
      "loadstone_run_backlog_transactions",
      "Accepted, in no block, and not known to have expired",
      one(live.waiting),
    ),
    gauge(
      "loadstone_run_expired_transactions",
      "Accepted and expired; looked for from the drain on",
      one(live.expired),
    ),
    counter("loadstone_run_forks_total", "Times that the winning branch was replaced", one(live.forks)),
    gauge("loadstone_run_head_block", "Number of the winning branch's head", one(live.head?.number ?? null)),
    gauge(
      "loadstone_run_head_block_fullness_ratio",
      "Bytes of it over the most allowed",
      one(live.head?.fullness ?? null),
    ),
    gauge(
      "loadstone_run_node_connected",
      "Whether the node is observed",
      byNode(({ connected }) => (connected ? 1 : 0)),
    ),
    gauge(
      "loadstone_run_node_head_block",
      "Number of the node's head",
      byNode(({ headNumber }) => headNumber),
    ),
    gauge(
      "loadstone_run_node_head_lag_blocks",
      "Behind the highest head of all",
      byNode(({ headLag }) => headLag),
    ),
    histogram("loadstone_run_lateness_seconds", "From due to sent, less what others kept back", run, lateness),
    histogram("loadstone_run_answer_intended_seconds", "From due to answered or given up", run, answerIntended),
    histogram("loadstone_run_answer_service_seconds", "From sent to answered", run, answerService),
    histogram("loadstone_run_inclusion_seconds", "From due to the arrival of the block", run, inclusion),
    gauge(
      "loadstone_run_doubt",
      "What speaks against the instrument so far: 0 nothing, 1 figures degraded, 2 void",
      Object.entries(validitySoFar(live)).map(([check, value]) => ({ labels: { ...run, check }, value })),
    ),
  ];
}

function beaconMetrics(run: Labels, beacons: readonly BeaconReading[]): MetricFamily[] {
  const of = (value: (beacon: BeaconReading) => number) =>
    beacons.map((beacon) => ({ labels: { ...run, beacon: beacon.name }, value: value(beacon) }));
  const ofSample = (value: (sample: NonNullable<BeaconReading["sample"]>) => number) =>
    beacons.flatMap(({ name, sample }) =>
      sample === null ? [] : [{ labels: { ...run, beacon: name }, value: value(sample) }],
    );
  const outcomes = ["accepted", "rejected", "unanswered", "shed", "cancelled"] as const;
  return [
    gauge(
      "loadstone_run_beacon_connected",
      "Whether the beacon is connected",
      of(({ connected }) => (connected ? 1 : 0)),
    ),
    gauge(
      "loadstone_run_beacon_lost",
      "Whether it was given up",
      of(({ lost }) => (lost ? 1 : 0)),
    ),
    gauge(
      "loadstone_run_dealt_transactions",
      "Dealt to the beacon so far",
      of(({ planned }) => planned),
    ),
    counter(
      "loadstone_run_prepared_transactions_total",
      "Signed by the beacon",
      of(({ prepared }) => prepared),
    ),
    counter(
      "loadstone_run_due_transactions_total",
      "Became due at the beacon",
      of(({ totals }) => totals.due),
    ),
    counter(
      "loadstone_run_sent_transactions_total",
      "Sent by the beacon",
      of(({ totals }) => totals.sent),
    ),
    counter(
      "loadstone_run_transactions_total",
      "Came to their end by the beacon's own count, by outcome",
      beacons.flatMap(({ name, totals }) =>
        outcomes.map((outcome) => ({ labels: { ...run, beacon: name, outcome }, value: totals[outcome] })),
      ),
    ),
    gauge(
      "loadstone_run_beacon_cpu_cores",
      "Cores' worth of processor time",
      ofSample(({ cpuCores }) => cpuCores),
    ),
    gauge(
      "loadstone_run_beacon_in_flight_transactions",
      "Sent and not answered",
      ofSample(({ inFlight }) => inFlight),
    ),
    gauge(
      "loadstone_run_beacon_send_loop_delay_seconds",
      "Longest stop of the sending thread in the last second",
      ofSample(({ sendLoopDelayMicros }) => sendLoopDelayMicros / 1e6),
    ),
  ];
}
