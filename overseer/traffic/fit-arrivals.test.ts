import { expect, test } from "@jest/globals";
import { dueCursorOf } from "../../shared/scenario/arrivals.ts";
import type { Arrivals, RateSegment } from "../../shared/scenario/scenario.ts";
import { fitArrivals } from "./fit-arrivals.ts";
import type { BlockCount } from "./observation.ts";

function blocksOf(segments: readonly RateSegment[], arrivals: Arrivals): BlockCount[] {
  const cursor = dueCursorOf({ kind: "paced", segments, arrivals });
  const blocks = segments.reduce((sum, { durationMicros }) => sum + durationMicros, 0) / 1e6;
  const counts = new Array<number>(blocks).fill(0);
  for (let i = 0; i < (cursor?.transactions ?? 0); i++) {
    const block = Math.floor((cursor?.dueOffsetMicros(i) ?? 0) / 1e6);
    counts[block] = (counts[block] as number) + 1;
  }
  return counts.map((transactions) => ({ slots: 1, transactions }));
}

const steady = (perSecond: number, seconds: number): RateSegment => ({
  durationMicros: seconds * 1e6,
  fromPerSecond: perSecond,
  toPerSecond: perSecond,
});

test("even arrivals are known by counts that hardly vary", () => {
  const fit = fitArrivals(blocksOf([steady(20.5, 200)], { kind: "even" }));
  expect(fit).toMatchObject({ kind: "even", stretches: [{ slots: 200, transactions: 4100 }] });
  expect(fit.dispersion).toBeLessThan(0.1);
});

test.each([1, 2, 3, 4, 5])("Poisson arrivals have a dispersion of 1 within the tolerance (seed %d)", (seed) => {
  const fit = fitArrivals(blocksOf([steady(8, 300)], { kind: "poisson", seed }));
  expect(fit).toMatchObject({ kind: "poisson" });
  expect(fit.stretches).toHaveLength(1);
});

test("steps of the rate are found where they are", () => {
  const segments = [steady(20, 100), steady(60, 50), steady(5, 80)];
  const fit = fitArrivals(blocksOf(segments, { kind: "poisson", seed: 3 }));
  expect(fit.kind).toBe("poisson");
  expect(fit.stretches).toHaveLength(3);
  for (const [i, end] of [100, 150, 230].entries()) {
    expect(Math.abs((fit.stretches[i]?.endBlock ?? 0) - end)).toBeLessThanOrEqual(1);
  }
});

test("a rate that changes in the middle of a block, and blocks without any, do not look like bursts", () => {
  const busy = blocksOf([steady(50, 40)], { kind: "poisson", seed: 7 });
  const idle = Array.from({ length: 30 }, () => ({ slots: 1, transactions: 0 }));
  const fit = fitArrivals([...idle, { slots: 1, transactions: 17 }, ...busy, { slots: 1, transactions: 20 }, ...idle]);
  expect(fit.kind).toBe("poisson");
  expect(fit.stretches).toHaveLength(3);
});

test("bursts are told from chance, and not taken for steps of the rate", () => {
  const blocks = Array.from({ length: 300 }, (_, i) => ({ slots: 1, transactions: i % 3 === 0 ? 30 : 0 }));
  expect(fitArrivals(blocks)).toMatchObject({ kind: "bursty", stretches: [{ transactions: 3000 }] });
});

test("a block after missed slots may have as many more transactions", () => {
  const blocks = Array.from({ length: 200 }, (_, i) =>
    i % 10 === 9 ? { slots: 3, transactions: 60 } : { slots: 1, transactions: 20 },
  );
  expect(fitArrivals(blocks)).toMatchObject({ kind: "even", stretches: [{ slots: 240, transactions: 4800 }] });
});

test.each<Arrivals>([{ kind: "even" }, { kind: "poisson", seed: 2 }])(
  "over a few blocks $kind arrivals cannot be told from others, and none are named",
  (arrivals) => {
    expect(fitArrivals(blocksOf([steady(10, 16)], arrivals))).toMatchObject({ kind: "undecided" });
  },
);

test("bursts are told even over a few blocks", () => {
  const blocks = Array.from({ length: 16 }, (_, i) => ({ slots: 1, transactions: i % 3 === 0 ? 30 : 0 }));
  expect(fitArrivals(blocks)).toMatchObject({ kind: "bursty" });
});
