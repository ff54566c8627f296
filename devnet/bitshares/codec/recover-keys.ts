import { createHash } from "node:crypto";
import secp256k1 from "secp256k1";
import { assertion, type ChainFailure, ChainFailure as Failure, toFrame } from "../chain/failure.ts";
import { toKeyText } from "./public-key.ts";

const source = "elliptic_secp256k1.cpp";

/** The keys that made the signatures over SHA-256 of chain id and packed transaction. */
export function recoverKeys(
  chainId: Uint8Array,
  unsignedBytes: Uint8Array,
  signatures: readonly string[],
): readonly string[] | ChainFailure {
  if (signatures.length === 0) return [];
  const digest = createHash("sha256").update(chainId).update(unsignedBytes).digest();
  const keys: string[] = [];
  for (const text of signatures) {
    const key = recoverKey(digest, Buffer.from(text, "hex"));
    if (typeof key !== "string") return key;
    keys.push(key);
  }
  return keys;
}

function recoverKey(digest: Uint8Array, signature: Buffer): string | ChainFailure {
  // 27 is the base of compact signatures, 4 more say that the key is compressed.
  const recovery = (signature[0] ?? 0) - 27;
  if (signature.length !== 65 || recovery < 0 || recovery > 7) return unrecoverable();
  if (!isCanonical(signature)) {
    return assertion(
      { file: source, line: 164, method: "public_key", thread: worker() },
      { format: "is_canonical( c ): signature is not canonical" },
    ).capture("transaction.cpp", 363, "get_signature_keys", "{}", worker());
  }
  try {
    return toKeyText(secp256k1.ecdsaRecover(signature.subarray(1), recovery & 3, digest, true));
  } catch {
    return unrecoverable();
  }
}

function unrecoverable(): ChainFailure {
  const frame = toFrame(
    { file: source, line: 160, method: "public_key", thread: worker() },
    { format: "unable to reconstruct public key from signature" },
  );
  return new Failure(0, "exception", "unspecified", [frame]).capture(
    "transaction.cpp",
    363,
    "get_signature_keys",
    "{}",
    worker(),
  );
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

let workerNumber = 0;

/** Nodes check signatures in a pool of eight threads, taken in turn. */
export function worker(): string {
  workerNumber = (workerNumber + 1) % 8;
  return `pool worker ${workerNumber}`;
}
