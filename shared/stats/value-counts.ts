/**
 * Counts of values in the buckets of an HDR histogram with three significant digits, in memory that threads share: the
 * writer's part of a histogram, at a few nanoseconds a value, without allocation, and without encoding anything in the
 * thread that has a schedule to keep. Whoever reads makes histograms of it (`histogram.ts`).
 */
export type SharedCounts = SharedArrayBuffer;

/** 2¹¹ steps below 2048 and 2¹⁰ in each doubling above: no bucket is wider than 1/1024 of its value. */
const subBuckets = 2048;
const half = subBuckets / 2;
const halfBits = 10;
/** Values up to 2³¹ µs, 35 minutes: longer than any wait there is a time-out for. Greater ones are counted as this. */
const highestBits = 31;
const highest = 2 ** highestBits - 1;
export const valueBuckets = subBuckets + (highestBits - halfBits - 1) * half;

export const sharedCountsBytes = valueBuckets * Uint32Array.BYTES_PER_ELEMENT;

export class ValueCounts {
  readonly #counts: Uint32Array;

  constructor(shared: SharedCounts = new SharedArrayBuffer(sharedCountsBytes)) {
    this.#counts = new Uint32Array(shared);
  }

  /** Negative values count as 0; NaN is a defect of the caller and counts as 0, too. */
  add(value: number): void {
    const at = bucketOf(value);
    this.#counts[at] = (this.#counts[at] as number) + 1;
  }

  remove(value: number): void {
    const at = bucketOf(value);
    this.#counts[at] = Math.max(0, (this.#counts[at] as number) - 1);
  }

  snapshot(): Uint32Array {
    return this.#counts.slice();
  }
}

function bucketOf(value: number): number {
  const whole = value >= highest ? highest : value > 0 ? value | 0 : 0;
  if (whole < subBuckets) return whole;
  // Shifted so that it has 11 bits: its leading bit says nothing more then, the other ten are the place in the doubling.
  const shift = 21 - Math.clz32(whole);
  return subBuckets + (shift - 1) * half + ((whole >>> shift) - half);
}

/** The middle of a bucket's values. */
export function valueOfBucket(bucket: number): number {
  if (bucket < subBuckets) return bucket;
  const above = bucket - subBuckets;
  const shift = Math.floor(above / half) + 1;
  const lowest = ((above % half) + half) * 2 ** shift;
  return lowest + 2 ** (shift - 1);
}
