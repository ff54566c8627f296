import type { ObservedBlock } from "../driver.ts";

/** `get_block`'s answer: trusted in its form because the node made it, except for what is looked at here. */
export interface BlockAnswer {
  readonly id: string;
  readonly previous: string;
  readonly timestamp: string;
  readonly producer: string;
  readonly transactions: readonly BlockTransaction[];
}

interface BlockTransaction {
  readonly status: string;
  readonly cpu_usage_us: number;
  /** Of 8 bytes each. */
  readonly net_usage_words: number;
  /** Only the id of a deferred transaction, which the block itself does not hold. */
  readonly trx: string | PackedTransaction;
}

interface PackedTransaction {
  readonly id: string;
  readonly signatures: readonly string[];
  readonly packed_context_free_data: string;
  readonly packed_trx: string;
  readonly transaction: { readonly actions: readonly unknown[]; readonly context_free_actions?: readonly unknown[] };
}

/** Anything else left its actions undone: soft_fail, hard_fail, delayed, expired. */
const executed = "executed";
const netWordBytes = 8;
const idBytes = 32;
/** Timestamp, producer, confirmed, previous, two Merkle roots, schedule version, and a flag for no new producers. */
const headerBytes = 4 + 8 + 2 + idBytes + idBytes + idBytes + 4 + 1;
/** Its kind, recovery id, r and s; other kinds than K1 and R1 are longer and rare. */
const signatureBytes = 1 + 65;
/** Status and CPU time, and which of the two forms follows. */
const receiptBytes = 1 + 4 + 1;

export function isBlockAnswer(value: unknown): value is BlockAnswer {
  if (typeof value !== "object" || value === null) return false;
  const { id, previous, timestamp, transactions } = value as Record<string, unknown>;
  return (
    typeof id === "string" &&
    typeof previous === "string" &&
    typeof timestamp === "string" &&
    Array.isArray(transactions)
  );
}

/**
 * Transactions and operations are those that were executed; CPU and NET are what all were billed. `bytes` is the packed
 * size, which the chain does not limit: it limits NET, which is billed a little differently (`billedNetBytes`).
 */
export function toObservedBlock(number: number, block: BlockAnswer): ObservedBlock {
  const { transactions } = block;
  const matchKeys = new BigUint64Array(transactions.length);
  const words = new Uint32Array(matchKeys.buffer);
  const usage = { cpu: 0, net: 0 };
  let count = 0;
  let operations = 0;
  // With no extensions of the header and the block: a byte each.
  let bytes = headerBytes + 1 + signatureBytes + varintBytes(transactions.length) + 1;
  for (const { status, cpu_usage_us, net_usage_words, trx } of transactions) {
    usage.cpu += cpu_usage_us;
    usage.net += net_usage_words * netWordBytes;
    bytes += receiptBytes + varintBytes(net_usage_words) + (typeof trx === "string" ? idBytes : packedBytes(trx));
    if (status !== executed) continue;
    const id = typeof trx === "string" ? trx : trx.id;
    // Two words in the order of the platform, which is little-endian on all that Node runs on.
    words[2 * count + 1] = Number.parseInt(id.slice(0, 8), 16);
    words[2 * count] = Number.parseInt(id.slice(8, 16), 16);
    count++;
    if (typeof trx !== "string") operations += actionsOf(trx);
  }
  return {
    number,
    id: block.id,
    previousId: block.previous,
    producer: block.producer,
    timestampMs: Date.parse(`${block.timestamp}Z`),
    transactions: count,
    operations,
    bytes,
    usage,
    matchKeys: matchKeys.slice(0, count),
  };
}

function actionsOf({ transaction: { actions, context_free_actions } }: PackedTransaction): number {
  return actions.length + (context_free_actions?.length ?? 0);
}

/** Signatures, compression, context-free data and the transaction, each list with its length. */
function packedBytes({ signatures, packed_context_free_data, packed_trx }: PackedTransaction): number {
  const contextFree = packed_context_free_data.length / 2;
  const packed = packed_trx.length / 2;
  const lists = varintBytes(signatures.length) + varintBytes(contextFree) + varintBytes(packed);
  return lists + signatures.length * signatureBytes + 1 + contextFree + packed;
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes++;
  return bytes;
}
