import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { quantile, sumQuantileBounds } from "./quantile.ts";
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

test("quantiles are values that occurred", () => {
  const values = Array.from({ length: 100 }, (_, i) => i + 1);
  expect([0, 0.5, 0.9, 0.99, 0.999, 1].map((level) => quantile(values, level))).toEqual([1, 50, 90, 99, 100, 100]);
});

test("the bounds of a sum hold whichever way the two are paired", () => {
  const sorted = fc
    .array(fc.integer({ min: 0, max: 1000 }), { minLength: 20, maxLength: 60 })
    .map((values) => Float64Array.from(values).sort());
  fc.assert(
    fc.property(
      sorted,
      fc.infiniteStream(fc.integer({ min: 0, max: 50 })),
      fc.double({ min: 0.05, max: 0.999, noNaN: true }),
      (known, stream, level) => {
        const noise = Float64Array.from(known, () => stream.next().value as number);
        const sums = known.map((value, i) => value + (noise[i] as number)).sort();
        const { lowest, highest } = sumQuantileBounds(known, noise.sort(), level);
        expect(quantile(sums, level)).toBeGreaterThanOrEqual(lowest);
        expect(quantile(sums, level)).toBeLessThanOrEqual(highest);
      },
    ),
  );
});
