import { Serialize } from "eosjs";

/** Twelve characters, and a thirteenth of which only four bits are left; a final dot would be lost. */
const pattern = /^(?!.*\.$)[a-z1-5.]{1,12}[a-j1-5]?$/;

/** Whether `text` can be the name of an account, an action or a permission. */
export function isName(text: unknown): text is string {
  return typeof text === "string" && pattern.test(text);
}

/** A 64-bit value as its two halves, which is how the signing path writes it. */
export interface Word {
  readonly low: number;
  readonly high: number;
}

/** Throws the library's error for what is not a name. */
export function nameWord(name: string): Word {
  const buffer = new Serialize.SerialBuffer();
  buffer.pushName(name);
  return toWord(buffer.asUint8Array());
}

/** The symbol of a token with its precision, as it stands in every amount. */
export function symbolWord(symbol: string, precision: number): Word {
  const buffer = new Serialize.SerialBuffer({ textEncoder: new TextEncoder() });
  buffer.pushSymbol({ name: symbol, precision });
  return toWord(buffer.asUint8Array());
}

function toWord(bytes: Uint8Array): Word {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return { low: view.getUint32(0, true), high: view.getUint32(4, true) };
}
