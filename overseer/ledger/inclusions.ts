import { AppError } from "../../shared/errors/app-error.ts";
import {
  type ColumnLayout,
  type Columns,
  columnsBytes,
  createColumns,
  sliceColumns,
} from "../../shared/ledger/columns.ts";

/**
 * The observers' table: one row for each of the run's transactions that was seen in a block of the branch that won, and
 * for each that was seen only in orphaned blocks (`block` 0).
 */
export const inclusionsLayout = [
  { name: "sequence", type: "u32" },
  /** Number of the block that holds it; 0 where only orphaned blocks did. */
  { name: "block", type: "u32" },
  /** Microseconds after T0 at which the first node had that block; NaN where `block` is 0. */
  { name: "included", type: "f64" },
  /** Microseconds after T0 at which that block became irreversible; NaN where it had not by the end. */
  { name: "irreversible", type: "f64" },
  /** How many orphaned blocks held it. */
  { name: "orphanings", type: "u8" },
] as const satisfies readonly ColumnLayout[];

export type InclusionColumns = Columns<typeof inclusionsLayout>;

const magic = 0x4c53_494e; // "LSIN"
const version = 1;
const headerBytes = 16;

/** The file's bytes: magic, version and number of rows, big-endian, in 16 bytes; then the columns. */
export function encodeInclusions(columns: InclusionColumns, rows: number): Uint8Array {
  const body = sliceColumns(inclusionsLayout, columns, 0, rows);
  const bytes = new Uint8Array(headerBytes + body.byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic);
  view.setUint32(4, version);
  view.setUint32(8, rows);
  bytes.set(new Uint8Array(body), headerBytes);
  return bytes;
}

/** Throws AppError INTERNAL when the bytes are no whole table of this version. */
export function decodeInclusions(bytes: Uint8Array): { readonly columns: InclusionColumns; readonly rows: number } {
  if (bytes.byteLength < headerBytes) throw damaged("shorter than a header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== magic || view.getUint32(4) !== version) throw damaged("of an unknown version");
  const rows = view.getUint32(8);
  if (bytes.byteLength - headerBytes !== columnsBytes(inclusionsLayout, rows)) throw damaged("not as long as it says");
  // Copied, because the columns need an alignment that the rest of a file does not have.
  return { columns: createColumns(inclusionsLayout, rows, bytes.slice(headerBytes).buffer), rows };
}

function damaged(how: string): AppError {
  return new AppError("INTERNAL", `table of inclusions is ${how}`);
}
