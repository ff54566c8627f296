import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram as HdrHistogram,
} from "hdr-histogram-js";
import { valueOfBucket } from "./value-counts.ts";

/**
 * Latencies in whole microseconds with three significant digits. Histograms of different beacons and seconds add up
 * without loss, which percentiles do not: only the sum's percentiles mean anything.
 */
export interface LatencySummary {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly maximum: number;
}

export class LatencyHistogram {
  readonly #hdr: HdrHistogram;

  constructor(hdr: HdrHistogram = emptyHdr()) {
    this.#hdr = hdr;
  }

  /** Throws when the text is no encoded histogram. */
  static decode(text: string): LatencyHistogram {
    return new LatencyHistogram(decodeFromCompressedBase64(text));
  }

  get count(): number {
    return this.#hdr.totalCount;
  }

  record(micros: number, count = 1): void {
    this.#hdr.recordValueWithCount(Math.max(0, Math.round(micros)), count);
  }

  add(other: LatencyHistogram): void {
    this.#hdr.add(other.#hdr);
  }

  /** 0 … 100; 0 when nothing was recorded. */
  percentile(percent: number): number {
    return this.#hdr.getValueAtPercentile(percent);
  }

  encode(): string {
    return encodeIntoCompressedBase64(this.#hdr);
  }

  summary(): LatencySummary {
    return {
      count: this.count,
      mean: this.#hdr.mean,
      p50: this.percentile(50),
      p90: this.percentile(90),
      p95: this.percentile(95),
      p99: this.percentile(99),
      p999: this.percentile(99.9),
      maximum: this.#hdr.maxValue,
    };
  }
}

/** What was counted between two snapshots of the same `ValueCounts`; null when nothing was. */
export function histogramBetween(before: Uint32Array, after: Uint32Array): LatencyHistogram | null {
  let histogram: LatencyHistogram | null = null;
  for (const [bucket, count] of after.entries()) {
    const more = count - (before[bucket] as number);
    if (more > 0) {
      histogram ??= new LatencyHistogram();
      histogram.record(valueOfBucket(bucket), more);
    }
  }
  return histogram;
}

function emptyHdr(): HdrHistogram {
  return build({ numberOfSignificantValueDigits: 3, lowestDiscernibleValue: 1, bitBucketSize: 32, autoResize: true });
}
