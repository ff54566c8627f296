/** Between questions while a block is expected. */
export const alertMs = 10;
/** Between questions shortly after a block. */
export const quietMs = 40;
/** Between questions when a block is late: it may come at any time. */
const lateMs = 20;
/** Asked often from this long before the next block is expected … */
const alertBeforeMs = 60;
/** … until it is late by this. */
const alertAfterMs = 300;
/** Two turns of a producer. */
const remembered = 24;
/** Before any interval is known. */
const usualIntervalMs = 500;

/**
 * When to ask a node for its head next. Nodes tell of no block by themselves, so a head's arrival is known only as well as
 * the node is asked often; asking often only while a block is expected takes about 40 questions a second and dates it to
 * 10 ms.
 */
export class HeadPacer {
  readonly #intervals: number[] = [];
  #lastMs = Number.NaN;

  /** A new head was seen. */
  arrived(atMs: number): void {
    if (!Number.isNaN(this.#lastMs)) {
      this.#intervals.push(atMs - this.#lastMs);
      if (this.#intervals.length > remembered) this.#intervals.shift();
    }
    this.#lastMs = atMs;
  }

  /** From the question that was answered last to the next. */
  nextDelayMs(nowMs: number): number {
    if (Number.isNaN(this.#lastMs)) return alertMs;
    const early = this.#lastMs + this.#shortInterval() - nowMs;
    if (early > alertBeforeMs) return Math.min(quietMs, early - alertBeforeMs);
    return early > -alertAfterMs ? alertMs : lateMs;
  }

  /**
   * The lowest quarter's upper end. A node that produces alone makes most blocks a little early and the twelfth late; and
   * where producers change, two may come right after each other, which should not keep the pacer alert all the time.
   */
  #shortInterval(): number {
    if (this.#intervals.length === 0) return usualIntervalMs;
    const sorted = [...this.#intervals].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 4)] as number;
  }
}
