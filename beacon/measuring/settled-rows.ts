import { codeOfOutcome } from "../../shared/chains/outcome.ts";
import { OutcomeTally } from "../../shared/ledger/outcome-tally.ts";
import type { RecordReader } from "./recorder.ts";

const pending = codeOfOutcome("pending");

/**
 * Counts the outcomes in a record by node and reason when somebody asks, so that the sending thread counts nothing for it.
 * What was final at the last look, without a gap, is not looked at again.
 */
export class SettledRows {
  readonly #reader: RecordReader;
  readonly #nodeOfRow: Uint8Array;
  readonly #settled: OutcomeTally;
  #settledUntil = 0;

  constructor({ reader, nodeOfRow, nodes }: { reader: RecordReader; nodeOfRow: Uint8Array; nodes: number }) {
    this.#reader = reader;
    this.#nodeOfRow = nodeOfRow;
    this.#settled = new OutcomeTally(nodes);
  }

  tally(): OutcomeTally {
    const end = this.#end();
    while (this.#settledUntil < end && this.#count(this.#settledUntil, this.#settled)) this.#settledUntil++;
    const tally = this.#settled.copy();
    for (let row = this.#settledUntil; row < end; row++) this.#count(row, tally);
    return tally;
  }

  /** Rows become due in their order, and beyond those that are due there are only cancelled ones. */
  #end(): number {
    const counters = this.#reader.counters();
    if (counters.some(({ cancelled }) => cancelled > 0)) return this.#reader.rows;
    return Math.min(
      this.#reader.rows,
      counters.reduce((sum, { due }) => sum + due, 0),
    );
  }

  #count(row: number, tally: OutcomeTally): boolean {
    const { outcome, reason } = this.#reader.columns;
    const code = Atomics.load(outcome, row);
    if (code === pending) return false;
    tally.add(this.#nodeOfRow[row] as number, code, reason[row] as number);
    return true;
  }
}
