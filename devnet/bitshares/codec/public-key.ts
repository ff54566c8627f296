import { KeyTexts } from "../../crypto/key-texts.ts";

export const keyPrefix = "BTS";

const texts = new KeyTexts(keyPrefix);

export function toKeyText(compressed: Uint8Array): string {
  return texts.toText(compressed);
}

/** The 33 bytes of a key's text form, or `null` when it is none. */
export function toKeyBytes(text: string): Buffer | null {
  return texts.toBytes(text);
}
