import type { PhaseCounters, Status } from "../../shared/protocol/messages.ts";
import { type BucketCounts, bucketsOfSnapshot } from "../../shared/stats/bucket-counts.ts";
import { histogramBetween } from "../../shared/stats/histogram.ts";
import { ValueCounts } from "../../shared/stats/value-counts.ts";
import type { RecordReader } from "./recorder.ts";

const kinds = ["lateness", "answerIntended", "answerService"] as const;
type Kind = (typeof kinds)[number];

/** Makes running totals and the last interval's histograms of a run's record. */
export class Reporter {
  readonly #reader: RecordReader;
  readonly #counts: Record<Kind, ValueCounts>;
  readonly #last: Record<Kind, Uint32Array>;

  constructor({ reader }: { readonly reader: RecordReader }) {
    this.#reader = reader;
    const { histograms } = reader;
    this.#counts = {
      lateness: new ValueCounts(histograms.lateness),
      answerIntended: new ValueCounts(histograms.answerIntended),
      answerService: new ValueCounts(histograms.answerService),
    };
    this.#last = {
      lateness: this.#counts.lateness.snapshot(),
      answerIntended: this.#counts.answerIntended.snapshot(),
      answerService: this.#counts.answerService.snapshot(),
    };
  }

  counters(): PhaseCounters[] {
    return this.#reader.counters();
  }

  /** Each value is in exactly one interval, however long it was. */
  takeIntervalHistograms(): Status["intervalHistograms"] {
    const taken: Record<Kind, string | null> = { lateness: null, answerIntended: null, answerService: null };
    for (const kind of kinds) {
      const now = this.#counts[kind].snapshot();
      taken[kind] = histogramBetween(this.#last[kind], now)?.encode() ?? null;
      this.#last[kind] = now;
    }
    return taken;
  }

  /** Of everything since the start. */
  wholeBuckets(): Record<Kind, BucketCounts> {
    const { lateness, answerIntended, answerService } = this.#counts;
    return {
      lateness: bucketsOfSnapshot(lateness.snapshot()),
      answerIntended: bucketsOfSnapshot(answerIntended.snapshot()),
      answerService: bucketsOfSnapshot(answerService.snapshot()),
    };
  }
}
