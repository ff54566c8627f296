import secp256k1 from "secp256k1";

/** Recovery byte, r and s. */
export const signatureBytes = 65;
/** 27 is the base of compact signatures, 4 more say that the key is compressed. */
const recoveryBase = 27;

/** The compressed key that made the signature, or why there is none. */
export function recoverCompact(
  digest: Uint8Array,
  signature: Uint8Array,
): Uint8Array | "unrecoverable" | "not canonical" {
  const recovery = (signature[0] ?? 0) - recoveryBase;
  if (signature.length !== signatureBytes || recovery < 0 || recovery > 7) return "unrecoverable";
  if (!isCanonical(signature)) return "not canonical";
  try {
    return secp256k1.ecdsaRecover(signature.subarray(1), recovery & 3, digest, true);
  } catch {
    return "unrecoverable";
  }
}

/** The top bit of r and of s is clear, and neither has a zero byte in front that it does not need. */
export function isCanonical(signature: Uint8Array): boolean {
  return isCanonicalHalf(signature, 1) && isCanonicalHalf(signature, 33);
}

function isCanonicalHalf(signature: Uint8Array, start: number): boolean {
  const first = signature[start]!;
  const second = signature[start + 1]!;
  return (first & 0x80) === 0 && !(first === 0 && (second & 0x80) === 0);
}

/** 65 bytes that `isCanonical` holds for. */
export function signCanonically(digest: Uint8Array, key: Uint8Array): Buffer {
  const nonce = Buffer.alloc(32);
  for (let attempt = 0; ; attempt += 1) {
    nonce.writeUInt32BE(attempt, 28);
    const { signature, recid } = secp256k1.ecdsaSign(digest, key, { data: nonce });
    const compact = Buffer.concat([Buffer.from([recid + recoveryBase + 4]), signature]);
    if (isCanonical(compact)) return compact;
  }
}
