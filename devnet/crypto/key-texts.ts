import { createHash } from "node:crypto";
import { decodeBase58, encodeBase58 } from "./base58.ts";

/** Keys repeat from one transaction to the next, and base58 costs as much as a signature check. */
const remembered = 200_000;

/** The text form of compressed public keys: prefix, then base58 of the key and four bytes of its RIPEMD-160. */
export class KeyTexts {
  readonly #prefix: string;
  readonly #textOf = new Map<string, string>();
  readonly #bytesOf = new Map<string, Buffer>();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  toText(compressed: Uint8Array): string {
    const bytes = Buffer.from(compressed.buffer, compressed.byteOffset, compressed.byteLength);
    const index = bytes.toString("latin1");
    const known = this.#textOf.get(index);
    if (known !== undefined) return known;
    const text = this.#prefix + encodeBase58(Buffer.concat([bytes, checksumOf(bytes)]));
    if (this.#textOf.size >= remembered) this.#textOf.clear();
    this.#textOf.set(index, text);
    return text;
  }

  /** The 33 bytes of a key's text form, or `null` when it is none. */
  toBytes(text: string): Buffer | null {
    const known = this.#bytesOf.get(text);
    if (known !== undefined) return known;
    if (!text.startsWith(this.#prefix)) return null;
    const all = decodeBase58(text.slice(this.#prefix.length), 37);
    if (all === null) return null;
    const bytes = all.subarray(0, 33);
    if (!checksumOf(bytes).equals(all.subarray(33))) return null;
    if (this.#bytesOf.size >= remembered) this.#bytesOf.clear();
    this.#bytesOf.set(text, bytes);
    return bytes;
  }
}

function checksumOf(bytes: Uint8Array): Buffer {
  return createHash("ripemd160").update(bytes).digest().subarray(0, 4);
}
