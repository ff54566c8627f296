import type { Labels, MetricFamily } from "../../shared/metrics/exposition-text.ts";
import { counter, gauge, histogram } from "../../shared/metrics/families.ts";
import { processMetrics } from "../../shared/metrics/process-metrics.ts";
import { beaconStates } from "../../shared/protocol/messages.ts";
import type { BeaconFigures } from "../beacon.ts";

type RunPart = NonNullable<BeaconFigures["run"]>;

/** What a beacon tells Prometheus; docs/monitoring.md has the table. Nodes are named as in the scenario's list. */
export function beaconMetrics(beacon: string, figures: BeaconFigures): MetricFamily[] {
  const own = { beacon };
  const { run, sample } = figures;
  return [
    ...processMetrics("beacon", own),
    gauge(
      "loadstone_beacon_state",
      "1 for the state that the beacon is in, 0 for the others",
      beaconStates.map((state) => ({ labels: { ...own, state }, value: state === figures.state ? 1 : 0 })),
    ),
    gauge("loadstone_beacon_overseer_connected", "Whether the overseer is connected", [
      { labels: own, value: figures.isConnected ? 1 : 0 },
    ]),
    ...(sample === null
      ? []
      : [
          gauge("loadstone_beacon_cpu_cores", "Cores' worth of processor time in the last second, all threads", [
            { labels: own, value: sample.cpuCores },
          ]),
          gauge("loadstone_beacon_host_cpu_ratio", "Share of the host's processors in use in the last second", [
            { labels: own, value: sample.hostCpuShare },
          ]),
          gauge("loadstone_beacon_event_loop_delay_seconds", "Longest stop of a thread's loop in the last second", [
            { labels: { ...own, thread: "control" }, value: sample.controlLoopDelayMicros / 1e6 },
            { labels: { ...own, thread: "sending" }, value: sample.sendLoopDelayMicros / 1e6 },
          ]),
        ]),
    ...(run === null ? [] : runMetrics({ ...own, run: run.id }, run)),
  ];
}

function runMetrics(labels: Labels, run: RunPart): MetricFamily[] {
  const one = (value: number) => [{ labels, value }];
  return [
    gauge("loadstone_beacon_planned_transactions", "Dealt to the beacon so far", one(run.planned)),
    counter("loadstone_beacon_prepared_transactions_total", "Signed and ready to be sent", one(run.prepared)),
    counter("loadstone_beacon_due_transactions_total", "Became due by the schedule", one(run.due)),
    counter("loadstone_beacon_sent_transactions_total", "Handed to a connection", one(run.sent)),
    counter(
      "loadstone_beacon_settled_transactions_total",
      "Came to their end, by node, outcome and the reason for it",
      run.outcomes.map(({ node, outcome, reason, count }) => ({
        labels: { ...labels, node, outcome, reason },
        value: count,
      })),
    ),
    counter(
      "loadstone_beacon_late_answers_total",
      "Answers after their transaction had been given up",
      one(run.lateAnswers),
    ),
    gauge("loadstone_beacon_in_flight_transactions", "Sent and not answered", one(run.inFlight)),
    gauge("loadstone_beacon_send_buffer_bytes", "Not taken by the connections yet", one(run.bufferedBytes)),
    gauge(
      "loadstone_beacon_node_connections",
      "Open connections to a node",
      run.connections.map(({ node, open }) => ({ labels: { ...labels, node }, value: open })),
    ),
    counter(
      "loadstone_beacon_node_connections_lost_total",
      "Connections to a node that broke",
      run.connections.map(({ node, lost }) => ({ labels: { ...labels, node }, value: lost })),
    ),
    histogram(
      "loadstone_beacon_lateness_seconds",
      "From due to sent, less what others kept back",
      labels,
      run.lateness,
    ),
    histogram(
      "loadstone_beacon_answer_intended_seconds",
      "From due to answered or given up",
      labels,
      run.answerIntended,
    ),
    histogram("loadstone_beacon_answer_service_seconds", "From sent to answered", labels, run.answerService),
    counter("loadstone_beacon_spooled_rows_total", "Rows of the ledger on the beacon's disk", one(run.spooledRows)),
    counter("loadstone_beacon_acknowledged_rows_total", "Of those, what the overseer has", one(run.acknowledgedRows)),
  ];
}
