import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { histogramBetween, LatencyHistogram } from "./histogram.ts";
import { ValueCounts, valueOfBucket } from "./value-counts.ts";

test("a counted value comes back within a thousandth, or exactly where it is small", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 2 ** 31 - 2, noNaN: true }), (value) => {
      const counts = new ValueCounts();
      counts.add(value);
      const bucket = counts.snapshot().indexOf(1);
      const tolerance = value < 2048 ? 1 : value / 1000;
      expect(Math.abs(valueOfBucket(bucket) - value)).toBeLessThanOrEqual(tolerance);
    }),
  );
});

test.each([
  [-5, 0],
  [Number.NaN, 0],
  [2047, 2047],
  [2048, 2049],
  [Number.POSITIVE_INFINITY, 2 ** 31 - 2 ** 19],
])("%p is counted as %p", (value, expected) => {
  const counts = new ValueCounts();
  counts.add(value);
  expect(valueOfBucket(counts.snapshot().indexOf(1))).toBe(expected);
});

test("what was counted between two looks becomes a histogram, and its text the same again", () => {
  const counts = new ValueCounts();
  for (let value = 1; value <= 100; value++) counts.add(value);
  const before = counts.snapshot();
  expect(histogramBetween(before, before)).toBeNull();
  for (let value = 1; value <= 1000; value++) counts.add(value);
  counts.remove(1000);
  const histogram = LatencyHistogram.decode((histogramBetween(before, counts.snapshot()) as LatencyHistogram).encode());
  expect(histogram.summary()).toMatchObject({ count: 999, p50: 500, p99: 990, maximum: 999 });
});

test("histograms add up", () => {
  const [one, two] = [new LatencyHistogram(), new LatencyHistogram()];
  one.record(10, 99);
  two.record(1e6);
  one.add(two);
  expect(one.count).toBe(100);
  expect(one.percentile(99)).toBe(10);
  expect(one.percentile(100) / 1e6).toBeCloseTo(1, 2);
});
