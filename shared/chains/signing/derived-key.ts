import { createHash } from "node:crypto";
import secp256k1 from "secp256k1";

/** The 32 bytes of a private key; always the same for the same words. */
export function derivedPrivateKey(...words: readonly (string | number)[]): Buffer {
  for (let attempt = 0; ; attempt++) {
    const bytes = createHash("sha256")
      .update([...words, attempt].join(" "))
      .digest();
    if (secp256k1.privateKeyVerify(bytes)) return bytes;
  }
}
