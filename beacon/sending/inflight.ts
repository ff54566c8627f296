import type { Recorder } from "../measuring/recorder.ts";
import { RowQueue } from "./row-queue.ts";

/**
 * Transactions that are sent and not answered. Kept in the order in which they were sent, which is also the order in
 * which their time runs out, so that looking for late ones costs nothing.
 */
export class InFlight {
  readonly #recorder: Recorder;
  readonly #answerTimeoutMicros: number;
  readonly #sent = new RowQueue();
  #count = 0;

  constructor(options: { readonly answerTimeoutMicros: number }, dependencies: { readonly recorder: Recorder }) {
    this.#answerTimeoutMicros = options.answerTimeoutMicros;
    this.#recorder = dependencies.recorder;
  }

  get count(): number {
    return this.#count;
  }

  add(row: number): void {
    this.#sent.push(row);
    this.#count++;
  }

  /** The row added last was not sent after all. */
  takeBack(): void {
    this.#sent.pop();
    this.#count--;
  }

  /** The row has its outcome now. It stays in the queue until it is at the front. */
  settle(): void {
    this.#count--;
  }

  /** When the oldest one's time is up; Infinity when none is in flight. */
  nextTimeoutMicros(): number {
    this.#dropSettled();
    if (this.#sent.length === 0) return Number.POSITIVE_INFINITY;
    return (this.#recorder.columns.sent[this.#sent.at(0)] as number) + this.#answerTimeoutMicros;
  }

  /** The oldest one if it was sent too long ago, or undefined. */
  takeTimedOut(nowMicros: number): number | undefined {
    return this.nextTimeoutMicros() <= nowMicros ? this.#sent.at(0) : undefined;
  }

  /** The oldest one that is in flight, or undefined. */
  oldest(): number | undefined {
    this.#dropSettled();
    return this.#sent.length === 0 ? undefined : this.#sent.at(0);
  }

  #dropSettled(): void {
    while (this.#sent.length > 0 && !this.#recorder.isPending(this.#sent.at(0))) this.#sent.shift();
  }
}
