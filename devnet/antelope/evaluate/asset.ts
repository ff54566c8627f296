import type { PackedReader } from "../codec/packed-reader.ts";

export interface Asset {
  /** In the smallest unit; may be negative. */
  readonly amount: bigint;
  readonly precision: number;
  /** As it stands in the data; empty or with other characters for what is no symbol. */
  readonly symbol: string;
}

/** `asset::max_amount` */
export const maximumAmount = 2n ** 62n - 1n;

export function readSymbol(reader: PackedReader): Pick<Asset, "precision" | "symbol"> {
  const precision = reader.uint8();
  let symbol = "";
  for (let index = 0; index < 7; index += 1) symbol += String.fromCharCode(reader.uint8());
  return { precision, symbol: symbol.replace(/\0+$/, "") };
}

export function readAsset(reader: PackedReader): Asset {
  const amount = reader.int64();
  return { amount, ...readSymbol(reader) };
}

export function isSymbol(symbol: string): boolean {
  return /^[A-Z]{1,7}$/.test(symbol);
}

export function isValidAsset({ amount, symbol }: Asset): boolean {
  return amount <= maximumAmount && amount >= -maximumAmount && isSymbol(symbol);
}
