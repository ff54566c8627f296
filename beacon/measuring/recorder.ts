import { codeOfOutcome, codeOfReason, type Outcome, type Reason } from "../../shared/chains/outcome.ts";
import { bytesPerRow, createColumns, outcomesLayout } from "../../shared/ledger/columns.ts";
import type { PhaseCounters } from "../../shared/protocol/messages.ts";
import { type SharedCounts, sharedCountsBytes, ValueCounts } from "../../shared/stats/value-counts.ts";

/**
 * What the sending thread writes and the control thread reads: the outcome columns, counters by phase and the counts of
 * the histograms. One writer, so plain stores do, but for `outcome`: it is stored last and atomically, and who reads it
 * atomically sees the rest of the row as well.
 */
export interface SharedRecord {
  readonly rows: number;
  readonly phases: number;
  readonly columns: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
  readonly gauges: SharedArrayBuffer;
  readonly lateness: SharedCounts;
  readonly answerIntended: SharedCounts;
  readonly answerService: SharedCounts;
}

const counterNames = ["due", "sent", "accepted", "rejected", "unanswered", "shed", "cancelled"] as const;
type CounterName = (typeof counterNames)[number];
const counterIndex = Object.fromEntries(counterNames.map((name, i) => [name, i])) as Record<CounterName, number>;

export const gaugeNames = ["inFlight", "bufferedBytes", "longestLoopDelayMicros", "lateAnswers"] as const;
export type GaugeName = (typeof gaugeNames)[number];
const gaugeIndex = Object.fromEntries(gaugeNames.map((name, i) => [name, i])) as Record<GaugeName, number>;

const outcomeCodes = {
  pending: codeOfOutcome("pending"),
  accepted: codeOfOutcome("accepted"),
  rejected: codeOfOutcome("rejected"),
  unanswered: codeOfOutcome("unanswered"),
  shed: codeOfOutcome("shed"),
  cancelled: codeOfOutcome("cancelled"),
} satisfies Record<Outcome, number>;

/** Of each row in `SharedRecord.columns`, less the sequence number, which follows from the row. */
const storedLayout = outcomesLayout.filter(({ name }) => name !== "sequence");
export const recordBytesPerRow = bytesPerRow(storedLayout);

export function createSharedRecord(rows: number, phases: number): SharedRecord {
  const record: SharedRecord = {
    rows,
    phases,
    columns: new SharedArrayBuffer(Math.max(8, rows * recordBytesPerRow)),
    counters: new SharedArrayBuffer(phases * counterNames.length * 8),
    gauges: new SharedArrayBuffer(gaugeNames.length * 8),
    lateness: new SharedArrayBuffer(sharedCountsBytes),
    answerIntended: new SharedArrayBuffer(sharedCountsBytes),
    answerService: new SharedArrayBuffer(sharedCountsBytes),
  };
  const columns = recordColumns(record);
  columns.due.fill(Number.NaN);
  columns.sent.fill(Number.NaN);
  columns.answered.fill(Number.NaN);
  return record;
}

export interface RecordColumns {
  readonly due: Float64Array;
  readonly sent: Float64Array;
  readonly answered: Float64Array;
  /** While a transaction waits: how late the beacon itself was with it, the rest of its wait being others' doing. */
  readonly held: Uint32Array;
  readonly outcome: Uint8Array;
  readonly reason: Uint8Array;
}

export function recordColumns(record: SharedRecord): RecordColumns {
  return createColumns(storedLayout, record.rows, record.columns) as unknown as RecordColumns;
}

/** The writer's side. Instants are microseconds since T0. Nothing is allocated for a transaction. */
export class Recorder {
  readonly columns: RecordColumns;
  readonly #counters: Float64Array;
  readonly #gauges: Float64Array;
  readonly #lateness: ValueCounts;
  readonly #answerIntended: ValueCounts;
  readonly #answerService: ValueCounts;

  constructor(record: SharedRecord) {
    this.columns = recordColumns(record);
    this.#counters = new Float64Array(record.counters);
    this.#gauges = new Float64Array(record.gauges);
    this.#lateness = new ValueCounts(record.lateness);
    this.#answerIntended = new ValueCounts(record.answerIntended);
    this.#answerService = new ValueCounts(record.answerService);
  }

  isPending(row: number): boolean {
    return this.columns.outcome[row] === outcomeCodes.pending;
  }

  wasSent(row: number): boolean {
    return !Number.isNaN(this.columns.sent[row]);
  }

  due(phase: number): void {
    this.#count(phase, "due", 1);
  }

  sent(row: number, phase: number, sentMicros: number): void {
    this.columns.sent[row] = sentMicros;
    this.#count(phase, "sent", 1);
    this.#lateness.add(sentMicros - (this.columns.due[row] as number));
  }

  /** It was due, and something that is not the beacon's doing keeps it back. */
  waits(row: number, nowMicros: number): void {
    this.columns.held[row] = Math.max(0, nowMicros - (this.columns.due[row] as number));
  }

  /** Sent, or tried to be, after it had waited: the time that it was kept back is no lateness of the beacon. */
  sentAfterWaiting(row: number, phase: number, sentMicros: number): void {
    const { due, sent, held } = this.columns;
    const ownDelay = held[row] as number;
    sent[row] = sentMicros;
    this.#count(phase, "sent", 1);
    this.#lateness.add(ownDelay);
    held[row] = Math.max(0, sentMicros - (due[row] as number) - ownDelay);
  }

  /** `send` turned out to be impossible; the transaction is as if it had not been tried. */
  unsent(row: number, phase: number): void {
    const { due, sent, held } = this.columns;
    const sinceDue = (sent[row] as number) - (due[row] as number);
    // Of what was kept back only whole microseconds are stored, so the difference has a fraction that was not counted.
    const ownDelay = held[row] === 0 ? sinceDue : Math.floor(sinceDue - (held[row] as number) + 1e-3);
    this.#lateness.remove(ownDelay);
    held[row] = Math.max(0, ownDelay);
    sent[row] = Number.NaN;
    this.#count(phase, "sent", -1);
  }

  answered(row: number, phase: number, reason: Reason, answeredMicros: number): void {
    const { due, sent, answered } = this.columns;
    answered[row] = answeredMicros;
    this.#answerIntended.add(answeredMicros - (due[row] as number));
    this.#answerService.add(answeredMicros - (sent[row] as number));
    this.#finish(row, phase, reason === "none" ? "accepted" : "rejected", reason);
  }

  /** Counted in the intended latency with what it has waited until now: it is at least that. */
  unanswered(row: number, phase: number, reason: Reason, nowMicros: number): void {
    this.#answerIntended.add(nowMicros - (this.columns.due[row] as number));
    this.#finish(row, phase, "unanswered", reason);
  }

  /** Likewise. */
  shed(row: number, phase: number, reason: Reason, nowMicros: number): void {
    const waited = nowMicros - (this.columns.due[row] as number);
    this.#answerIntended.add(waited);
    this.columns.held[row] = reason === "late" ? 0 : Math.max(0, waited - (this.columns.held[row] as number));
    this.#finish(row, phase, "shed", reason);
  }

  cancelled(row: number, phase: number, reason: Reason): void {
    this.columns.held[row] = 0;
    this.#finish(row, phase, "cancelled", reason);
  }

  setGauge(name: GaugeName, value: number): void {
    this.#gauges[gaugeIndex[name]] = value;
  }

  /** Until the reader takes it. A value that comes between its look and its reset is lost: the next one is near. */
  raiseLoopDelay(micros: number): void {
    const at = gaugeIndex.longestLoopDelayMicros;
    this.#gauges[at] = Math.max(this.#gauges[at] as number, micros);
  }

  #finish(row: number, phase: number, outcome: Exclude<Outcome, "pending">, reason: Reason): void {
    this.columns.reason[row] = codeOfReason(reason);
    this.#count(phase, outcome, 1);
    Atomics.store(this.columns.outcome, row, outcomeCodes[outcome]);
  }

  #count(phase: number, name: CounterName, by: number): void {
    const at = phase * counterNames.length + counterIndex[name];
    this.#counters[at] = (this.#counters[at] as number) + by;
  }
}

/** The reader's side, in any thread. */
export class RecordReader {
  readonly columns: RecordColumns;
  readonly rows: number;
  readonly #record: SharedRecord;
  readonly #counters: Float64Array;
  readonly #gauges: Float64Array;

  constructor(record: SharedRecord) {
    this.#record = record;
    this.rows = record.rows;
    this.columns = recordColumns(record);
    this.#counters = new Float64Array(record.counters);
    this.#gauges = new Float64Array(record.gauges);
  }

  get histograms(): Pick<SharedRecord, "lateness" | "answerIntended" | "answerService"> {
    return this.#record;
  }

  /** End of the stretch from `first`, at most `limit` rows, in which every outcome is final. */
  finalUntil(first: number, limit: number): number {
    const { outcome } = this.columns;
    const end = Math.min(this.rows, first + limit);
    let row = first;
    while (row < end && Atomics.load(outcome, row) !== outcomeCodes.pending) row++;
    return row;
  }

  counters(): PhaseCounters[] {
    return Array.from({ length: this.#record.phases }, (_, phase) => {
      const value = (name: CounterName): number =>
        this.#counters[phase * counterNames.length + counterIndex[name]] as number;
      return {
        phase,
        due: value("due"),
        sent: value("sent"),
        accepted: value("accepted"),
        rejected: value("rejected"),
        unanswered: value("unanswered"),
        shed: value("shed"),
        cancelled: value("cancelled"),
      };
    });
  }

  takeLongestLoopDelayMicros(): number {
    const micros = this.gauge("longestLoopDelayMicros");
    this.#gauges[gaugeIndex.longestLoopDelayMicros] = 0;
    return micros;
  }

  gauge(name: GaugeName): number {
    return this.#gauges[gaugeIndex[name]] as number;
  }
}
