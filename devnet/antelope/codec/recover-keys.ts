import { createHash } from "node:crypto";
import { recoverCompact } from "../../crypto/compact-signature.ts";
import { ChainFailure, fail, kinds } from "../chain/failure.ts";
import { toKeyText } from "./public-key.ts";
import { readSignatureText } from "./signature-text.ts";

const source = { file: "elliptic_secp256k1.cpp", method: "public_key" };
const caller = { file: "transaction.cpp", line: 81, method: "get_signature_keys" };
const noContextFreeData = Buffer.alloc(32);

export interface Signed {
  readonly chainId: Uint8Array;
  readonly packed: Uint8Array;
  readonly packedContextFreeData: Uint8Array;
}

/** SHA-256 of chain id, packed transaction, and 32 zero bytes or the digest of the context-free data. */
export function signingDigest({ chainId, packed, packedContextFreeData }: Signed): Buffer {
  const contextFree =
    packedContextFreeData.length === 0 || isEmptyList(packedContextFreeData)
      ? noContextFreeData
      : createHash("sha256").update(packedContextFreeData).digest();
  return createHash("sha256").update(chainId).update(packed).update(contextFree).digest();
}

/** Some libraries write that there are no context-free data, where others write nothing. */
function isEmptyList(packed: Uint8Array): boolean {
  return packed.length === 1 && packed[0] === 0;
}

/** The keys that made the signatures. */
export function recoverKeys(signed: Signed, signatures: readonly string[]): readonly string[] | ChainFailure {
  if (signatures.length === 0) return [];
  const digest = signingDigest(signed);
  const keys: string[] = [];
  for (const text of signatures) {
    const key = recoverKey(digest, text);
    if (key instanceof ChainFailure) return key;
    if (keys.includes(key)) return duplicateSignature(key);
    keys.push(key);
  }
  return keys;
}

function recoverKey(digest: Uint8Array, text: string): string | ChainFailure {
  const signature = readSignatureText(text);
  if (signature === null) return unreadable(text);
  const key = recoverCompact(digest, signature);
  if (key === "not canonical") {
    return fail(kinds.unspecified, { ...source, line: 160 }, "signature is not canonical").capture(caller);
  }
  if (key === "unrecoverable") {
    const message = "unable to reconstruct public key from signature";
    return fail(kinds.unspecified, { ...source, line: 154 }, message).capture(caller);
  }
  return toKeyText(key);
}

function duplicateSignature(key: string): ChainFailure {
  return fail(
    kinds.duplicateSignature,
    { ...caller, line: 84 },
    "transaction includes more than one signature signed using the same key associated with public key: {key}",
    { key },
  );
}

/** The node tells how many bytes the text decodes to, and then miscounts how many are missing. */
function unreadable(text: string): ChainFailure {
  const length = Math.ceil((Math.max(0, text.length - 7) * Math.log2(58)) / 8);
  return fail(
    kinds.packedTransaction,
    { file: "chain_plugin.cpp", line: 2201, method: "send_transaction_gen" },
    kinds.packedTransaction[2],
  )
    .capture(
      { file: "datastream.cpp", line: 6, method: "throw_datastream_range_error" },
      `read datastream of length ${length} over by ${1 - length}`,
    )
    .capture({ file: "raw.hpp", line: 173, method: "unpack" }, "fc::array<uint8_t,65>")
    .capture({ file: "raw.hpp", line: 363, method: "operator()" }, "Error unpacking field data")
    .capture({ file: "raw.hpp", line: 668, method: "unpack" }, "error unpacking fc::crypto::checksummed_data<T>")
    .capture({ file: "signature.cpp", line: 32, method: "sig_parse_base58" }, "error parsing signature")
    .capture({ file: "abi_serializer.hpp", line: 1003, method: "from_variant" }, "Failed to deserialize variant");
}
