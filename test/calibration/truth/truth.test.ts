import { describe, expect, test } from "@jest/globals";
import { createRandom } from "../../../devnet/network/random.ts";
import { noisyQuantileRange } from "./noisy-quantile.ts";
import { quantile, shareUpTo } from "./quantile.ts";
import { completionsMicros, countBetween } from "./single-server.ts";
import { affectedShare, type StalledNode, stallQuantileMicros } from "./stalled-node.ts";

describe("a node that freezes for 1 s in a 10 s run at 100 tx/s", () => {
  const node: StalledNode = { perSecond: 100, durationMicros: 10e6, stallMicros: 1e6, capacityPerSecond: 1500 };

  test("p97.5 is 767 ms when it answers 1500 tx/s afterwards", () => {
    expect(Math.round(stallQuantileMicros(node, 0.975) / 1000)).toBe(767);
  });

  test("a tenth of all waits when it answers all at once afterwards", () => {
    const instant = { ...node, capacityPerSecond: Number.POSITIVE_INFINITY };
    expect(affectedShare(instant)).toBeCloseTo(0.1, 12);
    expect(stallQuantileMicros(instant, 0.9)).toBeCloseTo(0, 6);
    expect(stallQuantileMicros(instant, 0.95)).toBeCloseTo(500_000, 3);
    expect(stallQuantileMicros(instant, 1)).toBeCloseTo(1e6, 3);
  });

  test.each([0.5, 0.9, 0.95, 0.975, 0.99, 0.999])("the closed form is what the queue does, at %p", (level) => {
    const due = Array.from({ length: 1000 }, (_, i) => i * 10_000);
    const done = completionsMicros(due, 1500, [{ atMicros: 4.505e6, forMicros: 1e6 }]);
    const waits = done.map((micros, i) => micros - (due[i] as number)).sort((a, b) => a - b);
    // One step of the schedule: the closed form has arrivals everywhere, the schedule every 10 ms.
    expect(Math.abs(quantile(waits, level) - stallQuantileMicros(node, level))).toBeLessThan(10_000);
  });
});

test("a server with C jobs a second does them one after the other", () => {
  expect(completionsMicros([0, 0, 0, 100_000], 100)).toEqual([10_000, 20_000, 30_000, 110_000]);
  expect(completionsMicros([0, 0], 100, [{ atMicros: 5000, forMicros: 1000 }])).toEqual([11_000, 21_000]);
  expect(countBetween([0, 1, 2, 3], 1, 3)).toBe(2);
});

test("the share up to a value counts the value", () => {
  expect([0, 1, 2, 3, 4].map((limit) => shareUpTo([1, 2, 2, 3], limit))).toEqual([0, 0.25, 0.75, 1, 1]);
});

test("quantiles are values that occurred", () => {
  const values = Array.from({ length: 100 }, (_, i) => i + 1);
  expect([0, 0.5, 0.9, 0.99, 0.999, 1].map((level) => quantile(values, level))).toEqual([1, 50, 90, 99, 100, 100]);
});

describe("the quantile of what is known with a noise", () => {
  const drawn = (count: number, seed: number): number[] => {
    const random = createRandom(seed, "noise");
    return Array.from({ length: count }, () => -500 * Math.log(1 - random()));
  };

  test.each([0.5, 0.9, 0.99])("lies where another sample of the noise says, at %p", (level) => {
    for (let seed = 1; seed <= 100; seed++) {
      const known = drawn(400, 1000 + seed).map((value) => (value > 300 ? 50_000 : 20 * value));
      const sums = drawn(400, 2000 + seed).map((value, i) => value + (known[i] as number));
      const { lowest, highest } = noisyQuantileRange(sorted(known), sorted(drawn(500, 3000 + seed)), level);
      expect(quantile(sorted(sums), level)).toBeGreaterThanOrEqual(lowest);
      expect(quantile(sorted(sums), level)).toBeLessThanOrEqual(highest);
      expect(lowest).toBeGreaterThan(quantile(sorted(known), Math.max(0, level - 0.2)));
    }
  });

  test("is known almost as well as the noise: a hundredth of 50 ms more is noticed", () => {
    const { lowest, highest } = noisyQuantileRange(new Float64Array(800).fill(50_000), sorted(drawn(800, 1)), 0.5);
    expect(highest - lowest).toBeLessThan(300);
  });
});

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}
