import { nameFromBytes, nameToNumber } from "../codec/names.ts";
import { RequestRefused } from "./error-answer.ts";

/** The largest key of a table, and the largest scope. */
export const largestKey = 2n ** 64n - 1n;

/** A key or scope as clients may write it: a number, a name, a symbol (4,SYS) or a symbol's code (SYS). */
export function readKey(text: string, description: string): bigint {
  const trimmed = text.trim();
  if (/^\d{1,20}$/.test(trimmed) && BigInt(trimmed) <= largestKey) return BigInt(trimmed);
  if (/^[.1-5a-z]{1,12}[.1-5a-j]?$/.test(trimmed)) return nameToNumber(trimmed);
  const symbol = /^(\d{1,2}),([A-Z]{1,7})$/.exec(trimmed);
  if (symbol !== null) return (toSymbolCode(symbol[2] ?? "") << 8n) | BigInt(symbol[1] ?? 0);
  if (/^[A-Z]{1,7}$/.test(trimmed)) return toSymbolCode(trimmed);
  throw new RequestRefused({
    code: 3_010_000,
    name: "chain_type_exception",
    what: "chain type exception",
    details: [
      {
        message: `Could not convert ${description} string '${text}' to any of the following: uint64_t, valid name, or valid symbol (with or without the precision)`,
        file: "chain_plugin.cpp",
        line: 1481,
        method: "convert_to_type",
      },
    ],
  });
}

export function toSymbolCode(symbol: string): bigint {
  const bytes = Buffer.alloc(8);
  bytes.write(symbol, "latin1");
  return bytes.readBigUInt64LE();
}

export function toKeyName(key: bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(key);
  return nameFromBytes(bytes, 0);
}

/** Amount, precision and symbol, as rows keep them. */
export function packAsset(amount: bigint, precision: number, symbol: string): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeBigInt64LE(amount, 0);
  bytes.writeUInt8(precision, 8);
  bytes.write(symbol, 9, "latin1");
  return bytes;
}
