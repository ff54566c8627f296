import { createHash } from "node:crypto";
import { decodeBase58, encodeBase58 } from "../../crypto/base58.ts";
import { signatureBytes } from "../../crypto/compact-signature.ts";

const prefix = "SIG_K1_";
const checksumBytes = 4;

/** The 65 bytes of `SIG_K1_…`; `null` when it is none or its checksum is wrong. */
export function readSignatureText(text: string): Buffer | null {
  if (!text.startsWith(prefix)) return null;
  const all = decodeBase58(text.slice(prefix.length), signatureBytes + checksumBytes);
  if (all === null) return null;
  const bytes = all.subarray(0, signatureBytes);
  return checksumOf(bytes).equals(all.subarray(signatureBytes)) ? bytes : null;
}

export function toSignatureText(bytes: Uint8Array): string {
  return prefix + encodeBase58(Buffer.concat([bytes, checksumOf(bytes)]));
}

function checksumOf(bytes: Uint8Array): Buffer {
  return createHash("ripemd160").update(bytes).update("K1").digest().subarray(0, checksumBytes);
}
