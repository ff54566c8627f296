import { deflateRawSync, inflateRawSync } from "node:zlib";

/** Columns of captured traffic as they travel: JSON-safe, and small because neighbours are much alike. */
export type PackedColumn = string;

/** In the order of the machine, which is little-endian on all that Node runs on. */
export function packColumn(column: Uint8Array | Uint16Array | Uint32Array): PackedColumn {
  return deflateRawSync(new Uint8Array(column.buffer, column.byteOffset, column.byteLength)).toString("base64");
}

export function unpackBytes(packed: PackedColumn): Uint8Array {
  // A copy of its own, because a slice of Node's shared buffer need not be aligned for wider numbers.
  return Uint8Array.from(inflateRawSync(Buffer.from(packed, "base64")));
}

export function unpackWords(packed: PackedColumn): Uint16Array {
  return new Uint16Array(unpackBytes(packed).buffer);
}

export function unpackNumbers(packed: PackedColumn): Uint32Array {
  return new Uint32Array(unpackBytes(packed).buffer);
}

/** At each transaction the operations before it, and at the end all of them. */
export function firstOperations(counts: ArrayLike<number>): Uint32Array {
  const firsts = new Uint32Array(counts.length + 1);
  for (let i = 0; i < counts.length; i++) firsts[i + 1] = (firsts[i] as number) + (counts[i] as number);
  return firsts;
}
