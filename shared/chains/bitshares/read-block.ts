import { createHash } from "node:crypto";
import type { ObservedBlock } from "../driver.ts";
import { ByteWriter, varintBytes } from "../encoding/byte-writer.ts";
import { encodeOperation } from "./template-writer.ts";

/** `get_block`'s answer: trusted in its form because the node made it, except for what is looked at here. */
export interface BlockAnswer {
  readonly previous: string;
  readonly timestamp: string;
  readonly witness: string;
  readonly transaction_merkle_root: string;
  readonly witness_signature: string;
  readonly transactions: readonly BlockTransaction[];
}

interface BlockTransaction {
  readonly operations: readonly (readonly [number, Fields])[];
  readonly signatures: readonly string[];
  readonly operation_results?: readonly (readonly [number, unknown])[];
}

type Fields = Readonly<Record<string, unknown>>;
type Amount = { readonly asset_id: string };

const signatureBytes = 65;
const headerBytes = 20 + 4 + 20 + 1 + signatureBytes;

export function isBlockAnswer(value: unknown): value is BlockAnswer {
  if (typeof value !== "object" || value === null) return false;
  const { previous, transactions, witness_signature } = value as Record<string, unknown>;
  return typeof previous === "string" && typeof witness_signature === "string" && Array.isArray(transactions);
}

export function toObservedBlock(number: number, block: BlockAnswer): ObservedBlock {
  const { transactions } = block;
  const matchKeys = new BigUint64Array(transactions.length);
  const words = new Uint32Array(matchKeys.buffer);
  let operations = 0;
  let bytes = headerBytes + varintBytes(instanceOf(block.witness)) + varintBytes(transactions.length);
  for (let i = 0; i < transactions.length; i++) {
    const transaction = transactions[i] as BlockTransaction;
    operations += transaction.operations.length;
    bytes += transactionBytes(transaction);
    const signature = transaction.signatures[0];
    if (signature !== undefined) {
      // After the recovery byte: two words in the order of the platform, which is little-endian on all that Node runs on.
      words[2 * i + 1] = Number.parseInt(signature.slice(2, 10), 16);
      words[2 * i] = Number.parseInt(signature.slice(10, 18), 16);
    }
  }
  return {
    number,
    id: blockId(number, block),
    previousId: block.previous,
    producer: block.witness,
    timestampMs: Date.parse(`${block.timestamp}Z`),
    transactions: transactions.length,
    operations,
    bytes,
    usage: {},
    matchKeys,
  };
}

/** The number and then bytes 4 to 19 of the SHA-224 of the packed signed header (`signed_block_header::calculate_id`). */
export function blockId(number: number, block: BlockAnswer): string {
  const writer = new ByteWriter(256);
  writer.append(Buffer.from(block.previous, "hex"));
  writer.uint32(Date.parse(`${block.timestamp}Z`) / 1000);
  writer.varint(instanceOf(block.witness));
  writer.append(Buffer.from(block.transaction_merkle_root, "hex"));
  writer.byte(0);
  writer.append(Buffer.from(block.witness_signature, "hex"));
  const digest = createHash("sha224").update(writer.bytes.subarray(0, writer.length)).digest("hex");
  return number.toString(16).padStart(8, "0") + digest.slice(8, 40);
}

function transactionBytes({ operations, signatures, operation_results: results }: BlockTransaction): number {
  // Reference, expiration and the empty list of extensions.
  let bytes = 2 + 4 + 4 + 1 + varintBytes(operations.length);
  for (let i = 0; i < operations.length; i++) {
    const [code, fields] = operations[i] as BlockTransaction["operations"][number];
    bytes += operationBytes(code, fields);
  }
  bytes += varintBytes(signatures.length) + signatures.length * signatureBytes;
  // Witnesses empty the list of results before they sign the block; other nodes' software may not.
  bytes += results === undefined ? 1 : resultsBytes(results);
  return bytes;
}

function operationBytes(code: number, fields: Fields): number {
  switch (code) {
    case 0:
      // Code, fee, amount, and one byte each for the memo and the extensions.
      return (
        3 +
        amountBytes(fields.fee) +
        idBytes(fields.from) +
        idBytes(fields.to) +
        amountBytes(fields.amount) +
        memoBytes(fields.memo)
      );
    case 1: {
      if (!isEmpty(fields.extensions)) break;
      // Code, expiration, fill-or-kill and extensions.
      const amounts = amountBytes(fields.fee) + amountBytes(fields.amount_to_sell) + amountBytes(fields.min_to_receive);
      return 7 + amounts + idBytes(fields.seller);
    }
    case 2:
      return 2 + amountBytes(fields.fee) + idBytes(fields.fee_paying_account) + idBytes(fields.order);
  }
  return otherOperationBytes(code, fields);
}

function otherOperationBytes(code: number, fields: Fields): number {
  try {
    return encodeOperation(code, fields).bytes.length;
  } catch {
    // Newer than the library. Packed operations have about a third of the size of their JSON.
    return Math.round(JSON.stringify(fields).length / 3);
  }
}

function memoBytes(memo: unknown): number {
  if (typeof memo !== "object" || memo === null) return 0;
  const { message } = memo as { message?: unknown };
  const length = typeof message === "string" ? message.length / 2 : 0;
  // Two keys, the nonce and the text.
  return 33 + 33 + 8 + varintBytes(length) + length;
}

function resultsBytes(results: readonly (readonly [number, unknown])[]): number {
  let bytes = varintBytes(results.length);
  for (const [kind, value] of results) {
    bytes += 1;
    if (kind === 1) bytes += 8;
    else if (kind === 2) bytes += amountBytes(value);
    else if (kind !== 0) bytes += Math.round(JSON.stringify(value).length / 3);
  }
  return bytes;
}

function isEmpty(extensions: unknown): boolean {
  if (typeof extensions !== "object" || extensions === null) return true;
  for (const _ in extensions) return false;
  return true;
}

function amountBytes(amount: unknown): number {
  return 8 + idBytes((amount as Amount).asset_id);
}

function idBytes(id: unknown): number {
  return varintBytes(instanceOf(id as string));
}

/** The last part of an id such as 1.2.18. */
function instanceOf(id: string): number {
  let value = 0;
  let unit = 1;
  for (let i = id.length - 1; i >= 0; i--) {
    const digit = id.charCodeAt(i) - 48;
    if (digit < 0) break;
    value += digit * unit;
    unit *= 10;
  }
  return value;
}
