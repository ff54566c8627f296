import { expect, test } from "@jest/globals";
import { build } from "hdr-histogram-js";
import { addBuckets, bucketsOfHistogram, bucketsOfSnapshot, durationBounds, noBuckets } from "./bucket-counts.ts";
import { ValueCounts } from "./value-counts.ts";

test("each value is counted at the first bound that it does not exceed, and the longest beyond them all", () => {
  const counts = new ValueCounts();
  for (const micros of [0, 500, 501, 1000, 9_000, 61e6]) counts.add(micros);
  const { counts: places, sumSeconds } = bucketsOfSnapshot(counts.snapshot());
  const byBound = Object.fromEntries(
    [...durationBounds, Number.POSITIVE_INFINITY].map((bound, i) => [bound, places[i]]),
  );
  expect(byBound).toMatchObject({ 0.0005: 2, 0.001: 2, 0.0025: 0, 0.01: 1, 60: 0, Infinity: 1 });
  expect(sumSeconds).toBeCloseTo(61.011, 1);
});

test("counts of two records add up", () => {
  const counts = new ValueCounts();
  counts.add(2000);
  const one = bucketsOfSnapshot(counts.snapshot());
  const sum = addBuckets(addBuckets(noBuckets, one), one);
  expect(sum.counts.reduce((total, count) => total + count, 0)).toBe(2);
  expect(sum.sumSeconds).toBeCloseTo(0.004, 6);
});

test("a histogram falls into the same buckets as the counts of its values", () => {
  const counts = new ValueCounts();
  const histogram = build({ autoResize: true, numberOfSignificantValueDigits: 3 });
  for (let micros = 100; micros < 70e6; micros *= 1.7) {
    counts.add(micros);
    histogram.recordValue(Math.floor(micros));
  }
  const [one, other] = [bucketsOfSnapshot(counts.snapshot()), bucketsOfHistogram(histogram)];
  expect(other.counts).toEqual(one.counts);
  expect(other.sumSeconds / one.sumSeconds).toBeCloseTo(1, 2);
  expect(bucketsOfHistogram(undefined)).toEqual(noBuckets);
});
