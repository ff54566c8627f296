import type { PhaseFigures } from "../../../overseer/reporting/run-summary.ts";
import type { Observed } from "../bench.ts";
import { type CalibrationCase, disturbanceOf } from "../calibration-case.ts";
import { type Comparison, near, same } from "../comparison.ts";
import { completionsMicros, countBetween } from "../truth/single-server.ts";

const capacity = 200;
const seconds = 8;
const loads = [0.5, 0.9, 1.1, 2] as const;
/** Long enough for what the last phase left behind. */
const settle = { rate: "0 tx/s", for: "3s", measure: false };

export const capacityCase: CalibrationCase = {
  name: "capacity",
  proves: "a node that takes 200 tx/s: rates and backlog at 0.5, 0.9, 1.1 and 2 times as much are those of the queue",
  quick: false,
  run: async (bench) => {
    const run = await bench.run({
      nodes: [{ capacityPerSecond: capacity }],
      scenario: {
        phases: loads.flatMap((load) => [
          { name: `load ${load} C`.replaceAll(/[ .]/g, "-"), rate: `${load * capacity} tx/s`, for: `${seconds}s` },
          { name: `after-${String(load).replace(".", "-")}`, ...settle },
        ]),
        drain: "20s",
        sending: { answerTimeout: "30s" },
      },
    });
    const [due, answered] = await instants(run);
    const done = completionsMicros(due, capacity);
    const jitterMicros = blockJitterMicros(run);
    const comparisons = run.summary.phases
      .filter(({ measured }) => measured)
      .flatMap((phase, i) => comparePhase(phase, loads[i] as number, { due, done, answered, jitterMicros, run }));
    return {
      comparisons: [
        ...comparisons,
        same("accounts add up", "true", String(run.summary.verdicts.accounting.holds)),
        same("served by the devnet", run.devnet.nodes[0]?.counters.seen ?? -1, answered.length, "tx"),
      ],
      disturbance: disturbanceOf(run),
    };
  },
};

interface Facts {
  readonly run: Observed;
  readonly due: readonly number[];
  /** By the model. */
  readonly done: readonly number[];
  /** As the beacons saw it. */
  readonly answered: readonly number[];
  readonly jitterMicros: number;
}

function comparePhase(phase: PhaseFigures, load: number, facts: Facts): Comparison[] {
  const { due, done, answered, jitterMicros, run } = facts;
  const { startMicros, endMicros, rates, latencies } = phase;
  const offered = load * capacity;
  const served = countBetween(done, startMicros, endMicros);
  const backlog = countBetween(due, 0, endMicros) - countBetween(done, 0, endMicros);
  const timeline = run.summary.timeline;
  const reported = timeline.awaitingAnswer[Math.round(endMicros / 1e6) - 1] ?? -1;
  // Sending late by the pacing error and the way there and back shift the edges of the stretch by so many transactions.
  const lateMicros = (latencies.lateness?.p99.micros ?? 0) + wayMicros(run);
  const edge = 1 + Math.ceil((lateMicros / 1e6) * Math.max(offered, capacity));
  const edges = "pacing error and way of this run at the edges";
  const named = (quantity: string) => ({ quantity: `${load} C: ${quantity}`, unit: "tx/s" }) as const;
  return [
    near(named("offered"), offered, rates.duePerSecond, { within: 1 / seconds, because: "one transaction" }),
    near(named("sent"), offered, rates.sentPerSecond, { within: edge / seconds, because: edges }),
    near(named("accepted"), served / seconds, rates.acceptedPerSecond, { within: edge / seconds, because: edges }),
    near(named("included"), Math.min(offered, capacity), rates.includedPerSecond, {
      within: (2 * jitterMicros * capacity) / 1e6 / (seconds - 1) + (2 * edge) / (seconds - 1),
      because: "jitter of the blocks' arrival and the edges of a block",
    }),
    near({ quantity: `${load} C: backlog at the end`, unit: "tx" }, backlog, reported, {
      within: edge,
      because: edges,
    }),
    near(
      { quantity: `${load} C: answered in the phase`, unit: "tx" },
      served,
      countBetween(answered, startMicros, endMicros),
      { within: edge, because: edges },
    ),
  ];
}

/** There and back without any queue: the shortest that was seen, less the service itself. */
function wayMicros({ summary }: Observed): number {
  const slowest = summary.phases[0]?.latencies.answerService?.p99.micros ?? 0;
  return Math.max(0, slowest - 1e6 / capacity);
}

async function instants(run: Observed): Promise<readonly [number[], number[]]> {
  const rows = await run.rows<{ due_us: number; answered_us: number | null }>(
    "SELECT due_us, answered_us FROM ledger ORDER BY due_us",
  );
  const answered = rows.flatMap(({ answered_us }) => (answered_us === null ? [] : [answered_us]));
  return [rows.map(({ due_us }) => due_us), answered.sort((a, b) => a - b)];
}

/** How unevenly blocks arrived that are made at even intervals: half the spread of arrival less slot. */
function blockJitterMicros({ summary }: Observed): number {
  const arrivals = summary.blocks.series.flatMap(({ atMicros }) => (atMicros === null ? [] : [atMicros]));
  const offsets = arrivals.map((micros) => ((micros % 1e6) + 1e6) % 1e6);
  const first = offsets[0] ?? 0;
  const spread = offsets.map((micros) => ((micros - first + 1.5e6) % 1e6) - 0.5e6);
  return Math.max(...spread) - Math.min(...spread);
}
