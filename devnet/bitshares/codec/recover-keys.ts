import { createHash } from "node:crypto";
import { recoverCompact } from "../../crypto/compact-signature.ts";
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
  const key = recoverCompact(digest, signature);
  if (key === "unrecoverable") return unrecoverable();
  if (key === "not canonical") {
    return assertion(
      { file: source, line: 164, method: "public_key", thread: worker() },
      { format: "is_canonical( c ): signature is not canonical" },
    ).capture("transaction.cpp", 363, "get_signature_keys", "{}", worker());
  }
  return toKeyText(key);
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

let workerNumber = 0;

/** Nodes check signatures in a pool of eight threads, taken in turn. */
export function worker(): string {
  workerNumber = (workerNumber + 1) % 8;
  return `pool worker ${workerNumber}`;
}
