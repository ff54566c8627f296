import { createHash } from "node:crypto";
import { assertion, type ChainFailure, ChainFailure as Failure } from "../chain/failure.ts";
import { validateOperation } from "../chain/validate-operation.ts";
import type { Json } from "./json.ts";
import type { Operation } from "./operation.ts";
import { Unreadable } from "./read-value.ts";
import { recoverKeys, worker } from "./recover-keys.ts";
import { type ReadTransaction, readTransaction } from "./transaction.ts";

/** A transaction as all nodes share it: read, checked and its keys recovered once, however many nodes see it. */
export interface SignedTransaction {
  readonly id: string;
  readonly refBlockNumber: number;
  readonly refBlockPrefix: number;
  readonly expirationSeconds: number;
  readonly operations: readonly Operation[];
  readonly keys: readonly string[];
  /** JSON without the closing brace, so that results can follow. */
  readonly json: string;
  readonly packedBytes: number;
  /** SHA-256 of the packed transaction as it stands in a block: a leaf of the block's Merkle tree. */
  readonly leaf: Buffer;
}

const noResults = Buffer.from([0]);

/** Reads, validates and recovers, in the order in which a node does it. */
export function prepareTransaction(given: Json | undefined, chainId: Uint8Array): SignedTransaction | ChainFailure {
  const read = readTransaction(given);
  if (read instanceof Failure) return read;
  const refusal = tryToValidate(read);
  if (refusal !== null) return refusal;
  const keys = recoverKeys(chainId, read.unsignedBytes, read.signatures);
  if (keys instanceof Failure) return keys;
  const signatureBytes = Buffer.from(read.signatures.join(""), "hex");
  const packed = Buffer.concat([read.unsignedBytes, Buffer.from([read.signatures.length]), signatureBytes]);
  return {
    id: read.id,
    refBlockNumber: read.refBlockNumber,
    refBlockPrefix: read.refBlockPrefix,
    expirationSeconds: read.expirationSeconds,
    operations: read.operations,
    keys,
    json: `${read.unsignedJson},"signatures":${JSON.stringify(read.signatures)}`,
    packedBytes: packed.length,
    leaf: createHash("sha256").update(packed).update(noResults).digest(),
  };
}

/** What an operation of another codec holds is read here only. */
function tryToValidate(read: ReadTransaction): ChainFailure | null {
  try {
    return validate(read);
  } catch (error) {
    if (error instanceof Unreadable) return error.failure;
    throw error;
  }
}

function validate(read: ReadTransaction): ChainFailure | null {
  if (read.operations.length === 0) {
    return assertion(
      { file: "transaction.cpp", line: 60, method: "validate", thread: worker() },
      {
        format: "operations.size() > 0: A transaction must have at least one operation",
        data: `{"trx":${read.unsignedJson}}}`,
      },
    );
  }
  for (const operation of read.operations) {
    const refusal = validateOperation(operation);
    if (refusal !== null) return refusal;
  }
  return null;
}
