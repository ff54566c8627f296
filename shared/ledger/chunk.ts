import { AppError } from "../errors/app-error.ts";
import {
  type ColumnLayout,
  type Columns,
  columnsBytes,
  createColumns,
  layouts,
  sliceColumns,
  type TableName,
} from "./columns.ts";

/**
 * A chunk is a stretch of one table of one beacon's ledger: a 24-byte header and the columns. The same bytes lie in the beacon's
 * spool, go over the wire and are kept in the run's folder. (epoch, number) names a chunk; the same name always means
 * the same bytes.
 */
export type Chunk = ChunkOf<"prepared"> | ChunkOf<"outcomes">;

export interface ChunkOf<T extends TableName> {
  readonly table: T;
  /** Which assignment of the beacon it belongs to; counted up by the overseer. */
  readonly epoch: number;
  /** From 0, without gaps, for each table and epoch. */
  readonly number: number;
  readonly rows: number;
  readonly columns: Columns<(typeof layouts)[T]>;
}

const magic = 0x4c53_434b; // "LSCK"
const version = 2;
/** Before transactions were told apart by what kept them back; run folders of that time are still read. */
const versionWithoutHeld = 1;
const headerBytes = 24;
const tables: readonly TableName[] = ["prepared", "outcomes"];

/** At 44 bytes for the widest row a chunk stays below the 1 MB that Socket.IO takes in one message by default. */
export const maximumRowsPerChunk = 16_384;

export function encodeChunk<T extends TableName>(
  table: T,
  epoch: number,
  number: number,
  columns: Columns<(typeof layouts)[T]>,
  first: number,
  end: number,
): Uint8Array {
  const body = sliceColumns(layouts[table] as (typeof layouts)[T], columns, first, end);
  const bytes = new Uint8Array(headerBytes + body.byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic);
  view.setUint16(4, version);
  view.setUint16(6, tables.indexOf(table));
  view.setUint32(8, epoch);
  view.setUint32(12, number);
  view.setUint32(16, end - first);
  view.setUint32(20, body.byteLength);
  bytes.set(new Uint8Array(body), headerBytes);
  return bytes;
}

/** Throws AppError INTERNAL when the bytes are no whole chunk of a version that is read. */
export function decodeChunk(bytes: Uint8Array): Chunk {
  if (bytes.byteLength < headerBytes) throw damaged("shorter than a header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const written = view.getUint16(4);
  if (view.getUint32(0) !== magic || (written !== version && written !== versionWithoutHeld)) {
    throw damaged("of an unknown version");
  }
  const table = tables[view.getUint16(6)];
  if (table === undefined) throw damaged("of an unknown table");
  const rows = view.getUint32(16);
  const length = view.getUint32(20);
  const layout = layoutOf(table, written);
  if (length !== columnsBytes(layout, rows) || length !== bytes.byteLength - headerBytes) {
    throw damaged("not as long as it says");
  }
  // Copied, because the columns need an alignment that a message's buffer does not have; not with `slice`, which for
  // Node's Buffer is only another view of the same memory.
  const body = new Uint8Array(bytes.subarray(headerBytes)).buffer;
  return {
    table,
    epoch: view.getUint32(8),
    number: view.getUint32(12),
    rows,
    columns: columnsOf(table, layout, rows, body),
  } as Chunk;
}

/** What was not written down then was not known: nothing is said to have been held. */
function columnsOf(table: TableName, layout: readonly ColumnLayout[], rows: number, body: ArrayBufferLike): unknown {
  const columns = createColumns(layout, rows, body);
  return table === "outcomes" ? { held: new Uint32Array(rows), ...columns } : columns;
}

function layoutOf(table: TableName, written: number): readonly ColumnLayout[] {
  const layout: readonly ColumnLayout[] = layouts[table];
  return written === versionWithoutHeld ? layout.filter(({ name }) => name !== "held") : layout;
}

function damaged(how: string): AppError {
  return new AppError("INTERNAL", `ledger chunk is ${how}`);
}
