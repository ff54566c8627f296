import { createHash } from "node:crypto";
import type { ChainFailure } from "../chain/failure.ts";
import { ByteWriter } from "./byte-writer.ts";
import { compileOperation } from "./compile-operation.ts";
import { isObject, type Json, toTimeText } from "./json.ts";
import type { Operation } from "./operation.ts";
import { badCast, readInteger, readTime, Unreadable } from "./read-value.ts";

/** A transaction read once; what follows from its text alone, shared by all nodes. */
export interface ReadTransaction {
  /** First 20 bytes of SHA-256 of the packed transaction without signatures, in hex. */
  readonly id: string;
  readonly refBlockNumber: number;
  readonly refBlockPrefix: number;
  readonly expirationSeconds: number;
  readonly operations: readonly Operation[];
  readonly signatures: readonly string[];
  /** Packed, without signatures. */
  readonly unsignedBytes: Buffer;
  /** JSON of the unsigned transaction without its closing brace. */
  readonly unsignedJson: string;
}

const writer = new ByteWriter();

/** Reads a transaction as the node does: what is missing has its default, and the rest is refused in its words. */
export function readTransaction(given: Json | undefined): ReadTransaction | ChainFailure {
  try {
    if (!isObject(given)) throw new Unreadable(badCast("get_object", "string_type", "Object"));
    const refBlockNumber = readInteger(given.ref_block_num) & 0xffff;
    const refBlockPrefix = readInteger(given.ref_block_prefix) >>> 0;
    const expirationSeconds = readTime(given.expiration);
    const listed = given.operations ?? [];
    if (!Array.isArray(listed)) throw new Unreadable(badCast("get_array", "object_type", "Array"));
    writer.reset();
    writer.uint16(refBlockNumber);
    writer.uint32(refBlockPrefix);
    writer.uint32(expirationSeconds);
    writer.varint(listed.length);
    const operations: Operation[] = [];
    let operationsJson = "";
    for (const item of listed as readonly Json[]) {
      const { operation, json } = compileOperation(item, writer);
      operations.push(operation);
      operationsJson += operationsJson === "" ? json : `,${json}`;
    }
    writer.uint8(0);
    const unsignedBytes = writer.take();
    return {
      id: createHash("sha256").update(unsignedBytes).digest().toString("hex", 0, 20),
      refBlockNumber,
      refBlockPrefix,
      expirationSeconds,
      operations,
      signatures: readSignatures(given.signatures),
      unsignedBytes,
      unsignedJson: `{"ref_block_num":${refBlockNumber},"ref_block_prefix":${refBlockPrefix},"expiration":"${timeText(expirationSeconds)}","operations":[${operationsJson}],"extensions":[]`,
    };
  } catch (error) {
    if (error instanceof Unreadable) return error.failure;
    throw error;
  }
}

function readSignatures(value: Json | undefined): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new Unreadable(badCast("get_array", "object_type", "Array"));
  return (value as readonly Json[]).map((item) => {
    if (typeof item !== "string") throw new Unreadable(badCast("get_string", "object_type", "String"));
    return item.toLowerCase();
  });
}

let lastSeconds = -1;
let lastText = "";

/** Neighbouring transactions mostly expire in the same second. */
function timeText(seconds: number): string {
  if (seconds !== lastSeconds) {
    lastSeconds = seconds;
    lastText = toTimeText(seconds);
  }
  return lastText;
}
