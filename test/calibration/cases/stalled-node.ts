import type { Distribution } from "../../../overseer/reporting/run-summary.ts";
import type { Bench, Observed } from "../bench.ts";
import { type Bearable, type CalibrationCase, judged } from "../calibration-case.ts";
import { accountsAddUp, type Comparison, near, refuted, same } from "../comparison.ts";
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
/**
 * The specification of the instrument: the percentiles agree with the closed form within this. There is room in it for the
 * schedule's step, of which the closed form knows nothing (half a step too little, 5 of 500 ms at p95), and for the way
 * there and back, a millisecond; both are smaller than it everywhere.
 */
const agreement = 0.02;
/** As late as the tolerance of the least percentile, 500 ms: a truth that is less exact cannot be agreed with. */
const bearable: Bearable = { machineP99Micros: 10_000, devnetMicros: agreement * 500_000 };

const free: StalledNode = {
  perSecond,
  durationMicros: seconds * 1e6,
  stallMicros: stall.forMs * 1000,
  capacityPerSecond: Number.POSITIVE_INFINITY,
};
const levels = [0.95, 0.975, 0.99, 0.999] as const;
/** With 1500 tx/s to work off what waited, p97.5 is 767 ms. */
const queueing: StalledNode = { ...free, capacityPerSecond: 1500 };

export const stalledNode: CalibrationCase = {
  name: "stalled-node",
  proves: "a freeze of 1 s is in the intended latencies as users felt it, and not blamed on the beacons",
  quick: false,
  run: async (bench) => {
    const run = await runStalled(bench, queueing, {});
    const lighter = { ...queueing, stallMicros: queueing.stallMicros * 0.95 };
    return judged(run, bearable, [
      ...compare(queueing, levels, await intendedWaits(run)),
      ...compare(lighter, [0.975], await intendedWaits(run)).map((against) => refuted("of a stall of 0.95 s", against)),
      ...blameless(run),
    ]);
  },
};

export const stalledNodeHeld: CalibrationCase = {
  name: "stalled-node-held",
  proves: "with 10 in flight at most the rest waits in the beacon, and the latencies are the same",
  quick: false,
  run: async (bench) => {
    const run = await runStalled(bench, queueing, { inFlight: 10 });
    const fromSent = await waits(run, "answered_us - sent_us", "answered_us IS NOT NULL");
    return judged(run, bearable, [
      ...compare(queueing, levels, await intendedWaits(run)),
      ...compare(queueing, [0.95, 0.975], fromSent).map((omitting) => refuted("from sent", omitting)),
      same("shed", 0, run.summary.overall.counts.shed, "tx"),
      ...blameless(run),
    ]);
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
    const answered = await waits(run, "answered_us - due_us", "answered_us IS NOT NULL");
    return judged(run, bearable, [
      ...compare(free, [0.95, 0.975, 0.99], await intendedWaits(run)),
      ...compare(free, [0.95, 0.975], answered).map((dropping) => refuted("without the shed", dropping)),
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
      accountsAddUp(run.summary.verdicts.accounting.holds),
    ]);
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

function compare(node: StalledNode, at: readonly number[], waits: readonly number[]): Comparison[] {
  return at.map((level) => {
    const truth = stallQuantileMicros(node, level) / 1000;
    const named = { quantity: `answer, intended, p${Number((level * 100).toFixed(1))}`, unit: "ms" } as const;
    return near(named, truth, quantile(waits, level) / 1000, {
      within: agreement * truth,
      because: `${agreement * 100} % of the closed form`,
    });
  });
}

/** Every scheduled one, with what the report counts it with. */
function intendedWaits(run: Observed): Promise<number[]> {
  return waits(run, "coalesce(answered_us, waited_until_us) - due_us");
}

async function waits(run: Observed, wait: string, where = "true"): Promise<number[]> {
  const rows = await run.rows<{ wait: number }>(
    `SELECT ${wait} AS wait FROM ledger WHERE phase = 'hold' AND ${where} ORDER BY wait`,
  );
  return rows.map((row) => row.wait);
}

function blameless({ summary, exitCode }: Observed): Comparison[] {
  // Whether others keep the host's processors busy is not part of the truth.
  const failed = summary.verdicts.validity.checks.filter(
    ({ name, verdict }) => verdict !== "valid" && name !== "beacon hosts",
  );
  return [
    same("checks of the beacons that failed", "none", failed.map(({ name }) => name).join(", ") || "none"),
    same("exit code", 0, exitCode ?? -1),
    accountsAddUp(summary.verdicts.accounting.holds),
  ];
}
