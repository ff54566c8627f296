import { Numeric } from "eosjs";
import { KeyTexts } from "../../crypto/key-texts.ts";

/** How nodes write K1 keys. */
const texts = new KeyTexts("EOS");

export function toKeyText(compressed: Uint8Array): string {
  return texts.toText(compressed);
}

/** `EOS…` of a key in either of its text forms; `null` when it is none, or none of the curve K1. */
export function readKeyText(text: string): string | null {
  if (texts.toBytes(text) !== null) return text;
  try {
    const key = Numeric.stringToPublicKey(text);
    return key.type === Numeric.KeyType.k1 ? texts.toText(Uint8Array.from(key.data)) : null;
  } catch {
    return null;
  }
}
