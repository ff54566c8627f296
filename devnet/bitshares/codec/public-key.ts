import { createHash } from "node:crypto";
import { decodeBase58, encodeBase58 } from "./base58.ts";

export const keyPrefix = "BTS";

/** Keys repeat from one transaction to the next, and base58 costs as much as a signature check. */
const textOf = new Map<string, string>();
const bytesOf = new Map<string, Buffer>();
const remembered = 200_000;

/** The text form of a compressed public key: prefix, then base58 of the key and four bytes of its RIPEMD-160. */
export function toKeyText(compressed: Uint8Array): string {
  const bytes = Buffer.from(compressed.buffer, compressed.byteOffset, compressed.byteLength);
  const index = bytes.toString("latin1");
  const known = textOf.get(index);
  if (known !== undefined) return known;
  const text = keyPrefix + encodeBase58(Buffer.concat([bytes, checksumOf(bytes)]));
  if (textOf.size >= remembered) textOf.clear();
  textOf.set(index, text);
  return text;
}

/** The 33 bytes of a key's text form, or `null` when it is none. */
export function toKeyBytes(text: string): Buffer | null {
  const known = bytesOf.get(text);
  if (known !== undefined) return known;
  if (!text.startsWith(keyPrefix)) return null;
  const all = decodeBase58(text.slice(keyPrefix.length), 37);
  if (all === null) return null;
  const bytes = all.subarray(0, 33);
  if (!checksumOf(bytes).equals(all.subarray(33))) return null;
  if (bytesOf.size >= remembered) bytesOf.clear();
  bytesOf.set(text, bytes);
  return bytes;
}

function checksumOf(bytes: Uint8Array): Buffer {
  return createHash("ripemd160").update(bytes).digest().subarray(0, 4);
}
