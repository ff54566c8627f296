import { build, decodeFromCompressedBase64, type Histogram } from "hdr-histogram-js";
import type { PhaseCounters, Status } from "../../shared/protocol/messages.ts";
import {
  addBuckets,
  type BucketCounts,
  bucketsOfHistogram,
  bucketsOfSnapshot,
} from "../../shared/stats/bucket-counts.ts";
import { ValueCounts } from "../../shared/stats/value-counts.ts";
import type { LiveTotals, Percentiles } from "./progress.ts";

type HistogramName = keyof Status["intervalHistograms"];

export interface LiveDurations {
  readonly lateness: BucketCounts;
  readonly answerIntended: BucketCounts;
  readonly answerService: BucketCounts;
  readonly inclusion: BucketCounts;
}

/** Sums what beacons report, for the live view only: final figures come from the ledger. */
export class LiveFigures {
  readonly #counters = new Map<string, readonly PhaseCounters[]>();
  readonly #histograms = new Map<HistogramName, Histogram>();
  readonly #inclusions: number[] = [];
  readonly #beforeTick = new Map<HistogramName, Histogram>();
  readonly #wholeOfInclusions = new ValueCounts();
  #previous: { readonly atMicros: number; readonly totals: LiveTotals } | null = null;

  /** Those of one beacon's assignments add up. */
  addStatus(beacon: string, status: Status): void {
    this.#counters.set(`${beacon} ${status.epoch}`, status.counters);
    this.addHistograms(status);
  }

  addHistograms(status: Status): void {
    for (const name of ["lateness", "answerIntended", "answerService"] as const) {
      const encoded = status.intervalHistograms[name];
      if (encoded === null) continue;
      sumIn(this.#histograms, name).add(decodeFromCompressedBase64(encoded));
    }
  }

  addInclusion(latencyMicros: number): void {
    this.#inclusions.push(latencyMicros);
    this.#wholeOfInclusions.add(latencyMicros);
  }

  /** Of all beacons, not added up. */
  get counters(): readonly PhaseCounters[] {
    return [...this.#counters.values()].flat();
  }

  /** Of everything since the start, in seconds. */
  get durations(): LiveDurations {
    return {
      lateness: this.#bucketsOf("lateness"),
      answerIntended: this.#bucketsOf("answerIntended"),
      answerService: this.#bucketsOf("answerService"),
      inclusion: bucketsOfSnapshot(this.#wholeOfInclusions.snapshot()),
    };
  }

  /** Since the start until the last tick, p99; null while nothing was sent. */
  get latenessP99Micros(): number | null {
    const lateness = this.#beforeTick.get("lateness");
    return lateness === undefined || lateness.totalCount === 0 ? null : lateness.getValueAtPercentile(99);
  }

  totals(planned: number, included: number): LiveTotals {
    const sum = { due: 0, sent: 0, accepted: 0, rejected: 0, unanswered: 0, shed: 0, cancelled: 0 };
    for (const counters of this.#counters.values()) {
      for (const phase of counters) {
        for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += phase[key];
      }
    }
    return { planned, ...sum, included };
  }

  /** Rates and latencies since the last call. */
  tick(atMicros: number, totals: LiveTotals) {
    const previous = this.#previous;
    this.#previous = { atMicros, totals };
    const seconds = previous === null ? 0 : (atMicros - previous.atMicros) / 1e6;
    const rate = (key: "due" | "sent" | "accepted" | "included"): number =>
      previous === null || seconds <= 0 ? 0 : Math.max(0, totals[key] - previous.totals[key]) / seconds;
    const figures = {
      rates: { due: rate("due"), sent: rate("sent"), accepted: rate("accepted"), included: rate("included") },
      answer: this.#percentiles("answerIntended"),
      latenessP99Micros: this.#percentiles("lateness")?.p99 ?? null,
      inclusion: percentilesOf(this.#inclusions),
    };
    // Once a tick and not with every report: of hundreds of beacons there are thousands in the meantime.
    for (const [name, sum] of this.#histograms) sumIn(this.#beforeTick, name).add(sum);
    this.#histograms.clear();
    this.#inclusions.length = 0;
    return figures;
  }

  #bucketsOf(name: HistogramName): BucketCounts {
    return addBuckets(bucketsOfHistogram(this.#beforeTick.get(name)), bucketsOfHistogram(this.#histograms.get(name)));
  }

  #percentiles(name: HistogramName): Percentiles | null {
    const histogram = this.#histograms.get(name);
    if (histogram === undefined || histogram.totalCount === 0) return null;
    return { p50: histogram.getValueAtPercentile(50), p99: histogram.getValueAtPercentile(99) };
  }
}

function sumIn(sums: Map<HistogramName, Histogram>, name: HistogramName): Histogram {
  const known = sums.get(name);
  if (known !== undefined) return known;
  // Grows with what is added: each message's histogram is only as wide as its own values.
  const sum = build({ autoResize: true, numberOfSignificantValueDigits: 3 });
  sums.set(name, sum);
  return sum;
}

function percentilesOf(values: number[]): Percentiles | null {
  if (values.length === 0) return null;
  values.sort((a, b) => a - b);
  const at = (share: number): number =>
    values[Math.min(values.length - 1, Math.floor(share * values.length))] as number;
  return { p50: at(0.5), p99: at(0.99) };
}
