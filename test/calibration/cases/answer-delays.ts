import { drawDelayMs } from "../../../devnet/network/draw-delay.ts";
import { createRandom } from "../../../devnet/network/random.ts";
import { validityLimits } from "../../../overseer/reporting/validity.ts";
import type { Delay } from "../../../shared/devnet/config.ts";
import { type CalibrationCase, devnetLatenessMicros, disturbanceOf } from "../calibration-case.ts";
import { between, type Comparison, same } from "../comparison.ts";
import { quantile, sumQuantileBounds } from "../truth/quantile.ts";

const devnetSeed = 11;
const levels = { p50: 0.5, p90: 0.9, p99: 0.99, p999: 0.999 } as const;

const delays: readonly Delay[] = [
  { kind: "fixed", ms: 50 },
  { kind: "points", ms: [20, 200], weights: [0.95, 0.05] },
  { kind: "log-normal", medianMs: 30, sigma: 0.8 },
];

/** The node whose delay is known to be the same always: what comes on top of it is not the delay. */
const yardstickMs = 40;
/** Timers of the devnet's event loop have whole milliseconds and are never early. */
const timerMs = 1;

/** One in a thousand of a histogram's value, as the live figures have it; the report's own are exact. */
const resolution = 1 / 1024;

export const answerDelays: CalibrationCase = {
  name: "answer-delays",
  proves: "fixed, two-point and log-normal delays of the answer come back in p50, p90, p99 and p99.9",
  quick: false,
  run: async (bench) => {
    const run = await bench.run({
      nodes: [
        {},
        { answerDelay: { kind: "fixed", ms: yardstickMs } },
        ...delays.map((answerDelay) => ({ answerDelay })),
      ],
      devnetSeed,
      scenario: { phases: [{ name: "hold", rate: "250 tx/s", for: "20s" }], drain: "8s" },
    });
    const waits = await run.rows<{ node: string; wait: number }>(
      "SELECT node, answered_us - due_us AS wait FROM ledger WHERE answered_us IS NOT NULL ORDER BY wait",
    );
    const of = (node: number): number[] => waits.filter((row) => row.node === `node-${node}`).map(({ wait }) => wait);
    // What the beacon's pacing, the way there and back and the devnet's own timers add, in the same run.
    const added = Float64Array.from(of(2), (wait) => wait - yardstickMs * 1000).sort();
    const wayMs = quantile(of(1), 0.5) / 1000;
    const yardstick = between({ quantity: "yardstick: p50", unit: "ms" }, yardstickMs, quantile(of(2), 0.5) / 1000, {
      lowest: yardstickMs,
      highest: yardstickMs * (1 + resolution) + wayMs + timerMs,
      because: "pacing and way as of a node without delay, and a timer's millisecond",
    });
    // Where more is added than in a valid run on a punctual devnet, the tolerances below would be too wide to mean much.
    const mostAddedMs = (validityLimits.latenessMicros.degraded + devnetLatenessMicros) / 1000 + wayMs + timerMs;
    const quiet = between({ quantity: "added, p99", unit: "ms" }, "little", quantile(added, 0.99) / 1000, {
      lowest: 0,
      highest: mostAddedMs,
      because: "a valid run's lateness, the devnet's, the way and a timer",
    });
    const comparisons = delays.flatMap((delay, i): Comparison[] => {
      const node = i + 3;
      const measured = of(node);
      const drawn = drawnMicros(delay, node - 1, measured.length);
      const figures = run.summary.breakdowns.byNode.find(({ name }) => name === `node-${node}`);
      return (Object.keys(levels) as (keyof typeof levels)[]).map((name) => {
        const truth = quantile(drawn, levels[name]);
        const bounds = sumQuantileBounds(drawn, added, levels[name], true);
        const reported = figures?.latencies.answerIntended?.[name].micros ?? Number.NaN;
        return between({ quantity: `${delay.kind}: ${name}`, unit: "ms" }, truth / 1000, reported / 1000, {
          lowest: (bounds.lowest * (1 - resolution)) / 1000,
          highest: (bounds.highest * (1 + resolution)) / 1000,
          because: "with what pacing and the way add, as measured beside it, at three standard errors",
        });
      });
    });
    return {
      comparisons: [
        yardstick,
        quiet,
        ...comparisons,
        same("accounts add up", "true", String(run.summary.verdicts.accounting.holds)),
      ],
      disturbance: disturbanceOf(run),
    };
  },
};

/** The very delays that the node drew, not only their distribution: no sampling error is left. */
function drawnMicros(delay: Delay, nodeIndex: number, count: number): Float64Array {
  const random = createRandom(devnetSeed, `node ${nodeIndex} answer delay`);
  return Float64Array.from({ length: count }, () => drawDelayMs(delay, random) * 1000).sort();
}
