import type { BlockRange } from "../../traffic/block-range.ts";
import type { CliIo } from "../io.ts";
import { bar, formatCount } from "./wording.ts";

/** On a terminal often enough to look alive, in a pipe seldom enough to be read. */
const redrawMs = 100;
const lineMs = 5000;
const barWidth = 24;

/** How far reading a range of blocks is: redrawn on a terminal, a line now and then elsewhere. */
export class ReadingProgress {
  readonly #range: BlockRange;
  readonly #io: CliIo;
  readonly #quiet: boolean;
  #shownMs = performance.now();
  #drawn = false;

  constructor(range: BlockRange, io: CliIo, quiet: boolean) {
    this.#range = range;
    this.#io = io;
    this.#quiet = quiet;
  }

  read(number: number, transactions: number): void {
    const now = performance.now();
    if (this.#quiet || now - this.#shownMs < (this.#io.interactive ? redrawMs : lineMs)) return;
    this.#shownMs = now;
    const { first, last } = this.#range;
    const blocks = last - first + 1;
    const done = number - first + 1;
    const text = `${formatCount(done)} / ${formatCount(blocks)} blocks   ${formatCount(transactions)} transactions`;
    if (!this.#io.interactive) {
      this.#io.err(`Reading   ${text}\n`);
      return;
    }
    this.#drawn = true;
    this.#io.err(`\r\x1b[2KReading   ${bar(done / blocks, barWidth)} ${text}`);
  }

  /** Leaves nothing of it on a terminal. */
  end(): void {
    if (this.#drawn) this.#io.err("\r\x1b[2K");
    this.#drawn = false;
  }
}
