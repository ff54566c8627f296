import {
  bytesPerRow,
  type ColumnLayout,
  type Columns,
  createColumns,
  type PreparedColumns,
  preparedLayout,
} from "../../shared/ledger/columns.ts";
import { type Assignment, sequenceOfRow } from "../assignment.ts";

/**
 * All prepared transactions of a beacon, in memory that its threads share: bodies one after the other in large segments,
 * and a row of fixed-width columns for each. A million transactions are a few dozen objects to the garbage collector.
 */
export interface SharedStore {
  readonly rows: number;
  readonly columns: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
  /** By number; every signing thread fills segments of its own. */
  readonly segments: readonly Segment[];
}

export interface Segment {
  readonly number: number;
  readonly buffer: SharedArrayBuffer;
}

/**
 * Large enough that hardly anything is lost at the end of each (a body is some hundred bytes) and that a run of a million
 * transactions needs tens of them, small enough that one for each thread does not count; what is never written of the
 * last one takes no memory, because the system hands out pages when they are touched.
 */
export const segmentBytes = 8 * 1024 * 1024;

const storeLayout = [
  { name: "matchKey", type: "u64" },
  { name: "bodyOffset", type: "u32" },
  { name: "bodyBytes", type: "u32" },
  { name: "bytes", type: "u32" },
  { name: "segment", type: "u16" },
  { name: "operations", type: "u16" },
  { name: "operationClass", type: "u8" },
  { name: "node", type: "u8" },
  { name: "phase", type: "u8" },
] as const satisfies readonly ColumnLayout[];

export const storeBytesPerRow = bytesPerRow(storeLayout);

const preparedAt = 0;
const segmentsAt = 1;
const cancelledAt = 2;

export function createSharedStore(rows: number): SharedStore {
  return {
    rows,
    columns: new SharedArrayBuffer(Math.max(8, rows * storeBytesPerRow)),
    control: new SharedArrayBuffer(12),
    segments: [],
  };
}

export class TxStore {
  readonly rows: number;
  readonly columns: Columns<typeof storeLayout>;
  readonly #control: Int32Array;
  readonly #segments: Uint8Array[] = [];

  constructor(shared: SharedStore) {
    this.rows = shared.rows;
    this.columns = createColumns(storeLayout, shared.rows, shared.columns);
    this.#control = new Int32Array(shared.control);
    for (const { number, buffer } of shared.segments) this.#segments[number] = new Uint8Array(buffer);
  }

  /** Rows that are prepared so far, over all threads. */
  get prepared(): number {
    return Atomics.load(this.#control, preparedAt);
  }

  countPrepared(rows: number): void {
    Atomics.add(this.#control, preparedAt, rows);
  }

  /** True once nobody wants the rest any more. */
  get isCancelled(): boolean {
    return Atomics.load(this.#control, cancelledAt) !== 0;
  }

  cancel(): void {
    Atomics.store(this.#control, cancelledAt, 1);
  }

  /** A new segment with a number of its own among all threads. */
  addSegment(bytes = segmentBytes): Segment {
    const segment = { number: Atomics.add(this.#control, segmentsAt, 1), buffer: new SharedArrayBuffer(bytes) };
    this.#segments[segment.number] = new Uint8Array(segment.buffer);
    return segment;
  }

  bodyOf(row: number): Uint8Array {
    const { segment, bodyOffset, bodyBytes } = this.columns;
    const offset = bodyOffset[row] as number;
    return (this.#segments[segment[row] as number] as Uint8Array).subarray(offset, offset + (bodyBytes[row] as number));
  }

  get bytes(): number {
    return this.columns.matchKey.buffer.byteLength + this.#segments.reduce((sum, { length }) => sum + length, 0);
  }

  /** Rows of the ledger's table `prepared`, in columns of their own. */
  preparedColumns(assignment: Assignment, first: number, end: number): PreparedColumns {
    const rows = createColumns(preparedLayout, end - first);
    for (let row = first; row < end; row++) rows.sequence[row - first] = sequenceOfRow(assignment, row);
    rows.phase.set(this.columns.phase.subarray(first, end));
    rows.node.set(this.columns.node.subarray(first, end));
    rows.operationClass.set(this.columns.operationClass.subarray(first, end));
    rows.operations.set(this.columns.operations.subarray(first, end));
    rows.bytes.set(this.columns.bytes.subarray(first, end));
    rows.matchKey.set(this.columns.matchKey.subarray(first, end));
    return rows;
  }
}
