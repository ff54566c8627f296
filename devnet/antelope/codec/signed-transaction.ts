import { createHash } from "node:crypto";
import { inflateSync } from "node:zlib";
import { ChainFailure, type FailureKind, fail, kinds } from "../chain/failure.ts";
import { recoverKeys } from "./recover-keys.ts";
import { readTransaction, type Transaction } from "./transaction.ts";

/** A transaction as all nodes share it: read, checked and its keys recovered once, however many nodes see it. */
export interface SignedTransaction extends Transaction {
  readonly id: string;
  /** `SIG_K1_…` */
  readonly signatures: readonly string[];
  /** `EOS…`, of the signatures. */
  readonly keys: readonly string[];
  /** Without signatures, not compressed. */
  readonly packed: Buffer;
  readonly packedContextFreeData: Buffer;
  /** What it is billed for before it is rounded up to whole words. */
  readonly netBytes: number;
  /** Of transaction and signatures: what the root of a block's transactions is made of. */
  readonly packedDigest: Buffer;
}

/** As `send_transaction` takes it. */
export interface PackedTransaction {
  readonly signatures: readonly string[];
  readonly compression: "none" | "zlib";
  readonly packedContextFreeData: Buffer;
  readonly packed: Buffer;
}

/** `base_per_transaction_net_usage` and `fixed_net_overhead_of_packed_trx` of nodeos. */
export const baseNetBytes = 12;
const packedOverheadBytes = 16;
/** `context_free_discount_net_usage_num` and `_den`: what can be pruned is billed at a fifth. */
const prunableShare = [20, 100] as const;
const signatureBytesWithType = 66;

const unpackSource = { file: "transaction.cpp", line: 346, method: "local_unpack_transaction" };
const sendSource = { file: "chain_plugin.cpp", line: 2201, method: "send_transaction_gen" };
const variantSource = { file: "abi_serializer.hpp", line: 1003, method: "from_variant" };
const largestInflatedBytes = 1024 * 1024;

/** Reads and recovers, in the order in which a node does it. */
export function prepareTransaction(given: unknown, chainId: Uint8Array): SignedTransaction | ChainFailure {
  const envelope = readEnvelope(given);
  if (envelope instanceof ChainFailure) return envelope;
  const { signatures, packed, packedContextFreeData } = envelope;
  const transaction = readTransaction(packed);
  if ("field" in transaction) return undecodable(transaction);
  const keys = recoverKeys({ chainId, packed, packedContextFreeData }, signatures);
  if (keys instanceof ChainFailure) return keys;
  return {
    ...transaction,
    id: createHash("sha256").update(packed).digest("hex"),
    signatures,
    keys,
    packed,
    packedContextFreeData,
    netBytes: netBytesOf(packed.length, signatures.length, packedContextFreeData.length, transaction.delaySeconds),
    packedDigest: packedDigestOf(envelope),
  };
}

function readEnvelope(given: unknown): PackedTransaction | ChainFailure {
  const fields = (typeof given === "object" && given !== null ? given : {}) as Readonly<Record<string, unknown>>;
  const { signatures = [], compression, packed_context_free_data: contextFree = "", packed_trx: packedTrx } = fields;
  if (compression === undefined || compression === null) return missingField("compression");
  if (typeof packedTrx !== "string") return missingField("packed_trx");
  if (
    !Array.isArray(signatures) ||
    !signatures.every((text) => typeof text === "string") ||
    typeof contextFree !== "string"
  )
    return missingField("signatures");
  const isCompressed = compression === "zlib" || compression === 1;
  const packed = readBytes(packedTrx, isCompressed);
  if (packed instanceof ChainFailure) return packed;
  const packedContextFreeData = readBytes(contextFree, isCompressed);
  if (packedContextFreeData instanceof ChainFailure) return packedContextFreeData;
  return {
    signatures,
    compression: isCompressed ? "zlib" : "none",
    packedContextFreeData,
    packed,
  };
}

function readBytes(hex: string, isCompressed: boolean): Buffer | ChainFailure {
  const bytes = Buffer.from(hex, "hex");
  return isCompressed && bytes.length > 0 ? inflate(bytes) : bytes;
}

function inflate(bytes: Buffer): Buffer | ChainFailure {
  try {
    return inflateSync(bytes, { maxOutputLength: largestInflatedBytes });
  } catch {
    const kind: FailureKind = [3_040_001, "tx_decompression_error", "Error decompressing transaction"];
    return fail(
      kind,
      { file: "transaction.cpp", line: 278, method: "zlib_decompress" },
      "internal decompression error",
    );
  }
}

function netBytesOf(packed: number, signatures: number, contextFree: number, delaySeconds: number): number {
  const prunable = 1 + signatures * signatureBytesWithType + 1 + contextFree;
  const delayed = delaySeconds > 0 ? baseNetBytes + 32 : 0;
  const [numerator, denominator] = prunableShare;
  return baseNetBytes + packedOverheadBytes + packed + Math.ceil((prunable * numerator) / denominator) + delayed;
}

function packedDigestOf({ signatures, packed, packedContextFreeData }: PackedTransaction): Buffer {
  const prunable = createHash("sha256").update(signatures.join()).update(packedContextFreeData).digest();
  return createHash("sha256").update(packed).update(prunable).digest();
}

function undecodable({ message, field }: { readonly message: string; readonly field: string }): ChainFailure {
  return fail(kinds.packedTransaction, sendSource, kinds.packedTransaction[2])
    .capture({ file: "datastream.cpp", line: 6, method: "throw_datastream_range_error" }, message)
    .capture({ file: "raw.hpp", line: 363, method: "operator()" }, `Error unpacking field ${field}`)
    .capture({ file: "raw.hpp", line: 668, method: "unpack" }, "error unpacking eosio::chain::transaction")
    .capture({ file: "raw.hpp", line: 712, method: "unpack" }, "error unpacking eosio::chain::transaction")
    .capture(unpackSource)
    .capture(variantSource, "Failed to deserialize variant");
}

function missingField(field: string): ChainFailure {
  return fail(kinds.packedTransaction, { file: "abi_serializer.hpp", line: 861, method: "extract" }, `Missing ${field}`)
    .capture(variantSource, "Failed to deserialize variant")
    .capture(sendSource, kinds.packedTransaction[2]);
}
