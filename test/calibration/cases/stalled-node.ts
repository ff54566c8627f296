import type { Distribution } from "../../../overseer/reporting/run-summary.ts";
import type { Bench, Observed } from "../bench.ts";
import { type CalibrationCase, disturbanceOf } from "../calibration-case.ts";
import { type Comparison, near, same } from "../comparison.ts";
import { quantile } from "../truth/quantile.ts";
import { type StalledNode, stallQuantileMicros } from "../truth/stalled-node.ts";

const perSecond = 100;
const seconds = 10;
/** Code that runs for the first time is slow, in the devnet as well: the truth holds once it is warm. */
const warmUpSeconds = 4;
const warmUp = [
  { name: "warm-up", rate: "400 tx/s", for: "3s", measure: false },
  { name: "settle", rate: "0 tx/s", for: "1s", measure: false },
];
/** Half a step after the start, so that steps of the schedule lie evenly on both sides. */
const stall = { atMs: warmUpSeconds * 1000 + 4505, forMs: 1000 };
/** The specification of the instrument: the percentiles agree with the closed form within this. */
const agreement = 0.02;

const free: StalledNode = {
  perSecond,
  durationMicros: seconds * 1e6,
  stallMicros: stall.forMs * 1000,
  capacityPerSecond: Number.POSITIVE_INFINITY,
};
/** With 1500 tx/s to work off what waited, p97.5 is 767 ms. */
const queueing: StalledNode = { ...free, capacityPerSecond: 1500 };

export const stalledNode: CalibrationCase = {
  name: "stalled-node",
  proves: "a freeze of 1 s is in the intended latencies as users felt it, and not blamed on the beacons",
  quick: false,
  run: async (bench) => {
    const run = await runStalled(bench, queueing, {});
    return {
      comparisons: [...(await percentiles(run, queueing, [0.95, 0.975, 0.99, 0.999])), ...blameless(run)],
      disturbance: disturbanceOf(run),
    };
  },
};

export const stalledNodeHeld: CalibrationCase = {
  name: "stalled-node-held",
  proves: "with 10 in flight at most the rest waits in the beacon, and the latencies are the same",
  quick: false,
  run: async (bench) => {
    const run = await runStalled(bench, queueing, { inFlight: 10 });
    return {
      comparisons: [
        ...(await percentiles(run, queueing, [0.95, 0.975, 0.99, 0.999])),
        same("shed", 0, run.summary.overall.counts.shed, "tx"),
        ...blameless(run),
      ],
      disturbance: disturbanceOf(run),
    };
  },
};

const shedAfterMs = 100;
const inFlight = 10;

export const stalledNodeShedding: CalibrationCase = {
  name: "stalled-node-shedding",
  proves: "what the in-flight bound makes the beacon shed stays in the distribution as 'at least'",
  quick: true,
  run: async (bench) => {
    const run = await runStalled(bench, free, { inFlight, shedAfter: `${shedAfterMs}ms` });
    const { counts, latencies } = run.summary.overall;
    const intended = latencies.answerIntended as Distribution;
    // The first ten fill the bound, and those of the last 100 ms are still waiting when the stall is over.
    const shed = (perSecond * (stall.forMs - shedAfterMs)) / 1000 - inFlight;
    return {
      comparisons: [
        ...(await percentiles(run, free, [0.95, 0.975, 0.99])),
        near({ quantity: "shed", unit: "tx" }, shed, counts.shed, {
          within: 2,
          because: "one step of the schedule at each end of the stall",
        }),
        same("in the distribution", perSecond * seconds, intended.count, "tx"),
        same("of them at least", counts.shed, intended.censored, "tx"),
        same("p50 is exact", "true", String(!intended.p50.atLeast)),
        same("p95 and p99 are at least", "true", String(intended.p95.atLeast && intended.p99.atLeast)),
        same("verdict", "degraded", run.summary.verdicts.validity.verdict),
        same("exit code", 0, run.exitCode ?? -1),
        same("accounts add up", "true", String(run.summary.verdicts.accounting.holds)),
      ],
      disturbance: disturbanceOf(run, ["shedding"]),
    };
  },
};

function runStalled(bench: Bench, node: StalledNode, sending: Record<string, unknown>): Promise<Observed> {
  const capacityPerSecond = Number.isFinite(node.capacityPerSecond) ? node.capacityPerSecond : null;
  return bench.run({
    nodes: [{ capacityPerSecond }],
    atT0: { nodes: [{ stalls: [stall] }] },
    scenario: {
      phases: [...warmUp, { name: "hold", rate: `${perSecond} tx/s`, for: `${seconds}s` }],
      drain: "10s",
      sending,
    },
  });
}

async function percentiles(run: Observed, node: StalledNode, levels: readonly number[]): Promise<Comparison[]> {
  const waits = await intendedWaits(run);
  const { latencies } = run.summary.overall;
  // What the way there and back takes, from those that the stall did not touch: most of them.
  const wayMicros = (latencies.answerService?.p50.micros ?? 0) - 1e6 / node.capacityPerSecond;
  const { latestMicros } = run.devnet;
  const because = `${agreement * 100} %, and ${(latestMicros / 1000).toFixed(1)} ms that the devnet itself was late`;
  return levels.map((level) => {
    const truth = (stallQuantileMicros(node, level) + wayMicros) / 1000;
    const measured = quantile(waits, level) / 1000;
    const named = { quantity: `answer, intended, p${Number((level * 100).toFixed(1))}`, unit: "ms" } as const;
    return near(named, truth, measured, { within: agreement * truth + latestMicros / 1000, because });
  });
}

/** Every scheduled one, with what the report counts it with. */
async function intendedWaits(run: Observed): Promise<number[]> {
  const rows = await run.rows<{ wait: number }>(
    "SELECT coalesce(answered_us, waited_until_us) - due_us AS wait FROM ledger WHERE phase = 'hold' ORDER BY wait",
  );
  return rows.map(({ wait }) => wait);
}

function blameless({ summary, exitCode }: Observed): Comparison[] {
  return [
    same("verdict", "valid", summary.verdicts.validity.verdict),
    same("exit code", 0, exitCode ?? -1),
    same("accounts add up", "true", String(summary.verdicts.accounting.holds)),
  ];
}
