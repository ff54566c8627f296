import { drawDelayMs } from "../../../devnet/network/draw-delay.ts";
import { createRandom } from "../../../devnet/network/random.ts";
import type { Delay } from "../../../shared/devnet/config.ts";
import type { Observed } from "../bench.ts";
import { type Bearable, type CalibrationCase, judged } from "../calibration-case.ts";
import { accountsAddUp, between, type Comparison, refuted, same } from "../comparison.ts";
import { noisyQuantileRange } from "../truth/noisy-quantile.ts";
import { quantile } from "../truth/quantile.ts";

const devnetSeed = 11;
const levels = { p50: 0.5, p90: 0.9, p99: 0.99, p999: 0.999 } as const;

/** Its answers keep their order, so that each hold is known with its transaction: what comes on top is not the delay. */
const yardstick: Delay = { kind: "fixed", ms: 10 };
const delays: readonly Delay[] = [
  { kind: "fixed", ms: 50 },
  { kind: "points", ms: [20, 200], weights: [0.95, 0.05] },
  { kind: "log-normal", medianMs: 30, sigma: 0.8 },
];

/**
 * A node's turn comes every 4/301.4 s. The whole numbers of turns in a second or half of one are shunned: making a block
 * takes milliseconds, and would meet the same node's turn every time.
 */
const perSecond = 301.4;
const warmUp = [
  { name: "warm-up", rate: "200 tx/s", for: "2s", measure: false },
  // Longer than the longest delay: what was held for the warm-up is told before the first that counts.
  { name: "settle", rate: "0 tx/s", for: "1500ms", measure: false },
];

/** The tolerances are what the same run's own noise makes of them; noise of this size would hide what the controls add. */
const bearable: Bearable = { machineP99Micros: 3000, devnetMicros: Number.POSITIVE_INFINITY };
/** The specification of the instrument: a histogram's, though the report's own percentiles are exact. */
const resolution = 1 / 1024;
/** What a wrong instrument might add: the controls must notice it. */
const wrongBy = 1.05;

export const answerDelays: CalibrationCase = {
  name: "answer-delays",
  proves: "fixed, two-point and log-normal delays of the answer come back in p50, p90, p99 and p99.9",
  quick: false,
  run: async (bench) => {
    const run = await bench.run({
      nodes: [yardstick, ...delays].map((answerDelay) => ({ answerDelay })),
      devnetSeed,
      scenario: { phases: [...warmUp, { name: "hold", rate: `${perSecond} tx/s`, for: "14s" }], drain: "8s" },
    });
    const waits = await run.rows<Row>(
      "SELECT node, phase, answered_us - due_us AS wait FROM ledger WHERE answered_us IS NOT NULL ORDER BY answered_us",
    );
    const added = addedMicros(run, waits);
    const comparisons = delays.flatMap((delay, i) => compareNode(run, waits, added, delay, i + 1));
    return judged(run, bearable, [
      same(
        "yardstick: answers",
        run.devnet.nodes[0]?.counters.seen ?? -1,
        run.devnet.nodes[0]?.holdsMicros.length ?? 0,
        "tx",
      ),
      ...comparisons,
      accountsAddUp(run.summary.verdicts.accounting.holds),
    ]);
  },
};

interface Row {
  readonly node: string;
  readonly phase: string;
  readonly wait: number;
}

function waitsOf(rows: readonly Row[], node: number, phase: string): number[] {
  return rows.filter((row) => row.node === `node-${node + 1}` && row.phase === phase).map(({ wait }) => wait);
}

/** How long the devnet held the answers of the phase that counts, in their order. */
function heldMicros(run: Observed, rows: readonly Row[], node: number): readonly number[] {
  return run.devnet.nodes[node]?.holdsMicros.slice(waitsOf(rows, node, "warm-up").length) ?? [];
}

/** What the beacon's pacing and the way there and back add to what a node holds, from the yardstick of the same run. */
function addedMicros(run: Observed, rows: readonly Row[]): number[] {
  const held = heldMicros(run, rows, 0);
  return waitsOf(rows, 0, "hold")
    .map((wait, i) => wait - (held[i] ?? Number.NaN))
    .sort((a, b) => a - b);
}

function compareNode(
  run: Observed,
  rows: readonly Row[],
  added: readonly number[],
  delay: Delay,
  index: number,
): Comparison[] {
  const warmedUp = waitsOf(rows, index, "warm-up").length;
  const answered = waitsOf(rows, index, "hold").length;
  const held = Float64Array.from(heldMicros(run, rows, index)).sort();
  const drawn = drawnMicros(delay, index, warmedUp, answered);
  const figures = run.summary.breakdowns.byNode.find(({ name }) => name === `node-${index + 1}`);
  const names = Object.keys(levels) as (keyof typeof levels)[];
  const overdue = names.map((name) => quantile(held, levels[name]) - quantile(drawn, levels[name]));
  return [
    same(`${delay.kind}: answers`, held.length, answered, "tx"),
    // The truth is what the devnet did; that it is what the devnet was told to do, its own scheduler vouches for.
    between({ quantity: `${delay.kind}: held longer than drawn`, unit: "ms" }, "timers", Math.max(...overdue) / 1000, {
      lowest: 0,
      highest: run.devnet.latestMicros / 1000,
      because: "as late as the devnet's latest timer",
    }),
    ...names.flatMap((name): Comparison[] => {
      const { lowest, highest } = noisyQuantileRange(held, added, levels[name]);
      const compare = (micros: number): Comparison =>
        between(
          { quantity: `${delay.kind}: ${name}`, unit: "ms" },
          quantile(held, levels[name]) / 1000,
          micros / 1000,
          {
            lowest: (lowest * (1 - resolution)) / 1000,
            highest: (highest * (1 + resolution)) / 1000,
            because: "what the devnet held, with the pacing and the way as of the yardstick",
          },
        );
      const reported = figures?.latencies.answerIntended?.[name].micros ?? Number.NaN;
      const comparison = compare(reported);
      return name === "p50" ? [comparison, refuted("5 % more", compare(reported * wrongBy))] : [comparison];
    }),
  ];
}

/** The very delays that the node drew, not only their distribution. */
function drawnMicros(delay: Delay, nodeIndex: number, skipped: number, count: number): Float64Array {
  const random = createRandom(devnetSeed, `node ${nodeIndex} answer delay`);
  const drawn = Float64Array.from({ length: skipped + count }, () => drawDelayMs(delay, random) * 1000);
  return drawn.slice(skipped).sort();
}
