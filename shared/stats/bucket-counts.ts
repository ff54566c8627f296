import type { Histogram } from "hdr-histogram-js";
import { valueBuckets, valueOfBucket } from "./value-counts.ts";

/**
 * Upper bounds in seconds, for all durations that are exposed: as fine below 10 ms, where a schedule that is kept lies, as
 * above a second, where blocks do. Dashboards and alerts name these bounds: they only ever get more.
 */
export const durationBounds = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
] as const;

/** How many values are at most each of `durationBounds` and above the one before; the last place is for all that are longer. */
export interface BucketCounts {
  readonly counts: readonly number[];
  readonly sumSeconds: number;
}

export const noBuckets: BucketCounts = { counts: new Array<number>(durationBounds.length + 1).fill(0), sumSeconds: 0 };

/** Place of a duration among `durationBounds`. */
function placeOf(micros: number): number {
  const seconds = micros / 1e6;
  const place = durationBounds.findIndex((bound) => seconds <= bound);
  return place < 0 ? durationBounds.length : place;
}

/** By bucket of `ValueCounts`, so that thousands of them are added up without looking for the place of each. */
const placeOfValueBucket = Uint8Array.from({ length: valueBuckets }, (_, bucket) => placeOf(valueOfBucket(bucket)));

/** Of a snapshot of `ValueCounts`. The sum is as exact as its buckets: within a thousandth. */
export function bucketsOfSnapshot(snapshot: Uint32Array): BucketCounts {
  const counts = new Array<number>(durationBounds.length + 1).fill(0);
  let micros = 0;
  for (let bucket = 0; bucket < snapshot.length; bucket++) {
    const count = snapshot[bucket] as number;
    if (count === 0) continue;
    const place = placeOfValueBucket[bucket] as number;
    counts[place] = (counts[place] as number) + count;
    micros += count * valueOfBucket(bucket);
  }
  return { counts, sumSeconds: micros / 1e6 };
}

/** What the library's histograms can do and its interface leaves out. */
interface IterableHistogram {
  readonly recordedValuesIterator: {
    reset(): void;
    hasNext(): boolean;
    next(): { readonly valueIteratedTo: number; readonly countAddedInThisIterationStep: number };
  };
}

/** Of a histogram of microseconds; none is as good as an empty one. */
export function bucketsOfHistogram(histogram: Histogram | undefined): BucketCounts {
  if (histogram === undefined) return noBuckets;
  const { recordedValuesIterator: values } = histogram as unknown as IterableHistogram;
  const counts = [...noBuckets.counts];
  let micros = 0;
  values.reset();
  while (values.hasNext()) {
    const { valueIteratedTo, countAddedInThisIterationStep: count } = values.next();
    const place = placeOf(valueIteratedTo);
    counts[place] = (counts[place] as number) + count;
    micros += count * valueIteratedTo;
  }
  return { counts, sumSeconds: micros / 1e6 };
}

export function addBuckets(one: BucketCounts, other: BucketCounts): BucketCounts {
  return {
    counts: one.counts.map((count, place) => count + (other.counts[place] as number)),
    sumSeconds: one.sumSeconds + other.sumSeconds,
  };
}
