import type { Block } from "../chain/block.ts";
import type { BlockStore } from "../chain/block-store.ts";
import type { SignedTransaction } from "../codec/signed-transaction.ts";
import type { Call } from "./call.ts";
import { invalidRequest, RequestRefused } from "./error-answer.ts";
import { isFields, readBody } from "./parameters.ts";
import { toMillisText } from "./time-text.ts";

/** `transaction-finality-status-success-duration-sec` of nodes as they are installed. */
const keptMillis = 180_000;

interface Seen {
  readonly id: string;
  readonly expirationSeconds: number;
  /** The latest block of this node's chain that held it. */
  block: Block | null;
}

/** What became of the transactions that one node has seen of late. */
export class TransactionStatuses {
  /** In the order in which they were first seen or last included, for the oldest to be forgotten first. */
  readonly #seen = new Map<string, Seen & { readonly atMillis: number }>();
  readonly #store: BlockStore;

  constructor(store: BlockStore) {
    this.#store = store;
  }

  onPending({ id, expirationSeconds }: SignedTransaction, atMillis: number): void {
    this.#keep({ id, expirationSeconds, block: null }, atMillis);
  }

  onBlock(block: Block): void {
    for (const { id, packed } of this.#store.transactions(block)) {
      this.#keep({ id, expirationSeconds: packed.readUInt32LE(0), block }, block.timestampMillis);
    }
    this.#forget(block.timestampMillis - keptMillis);
  }

  find(id: string): Seen | undefined {
    return this.#seen.get(id);
  }

  #keep(seen: Seen, atMillis: number): void {
    this.#seen.delete(seen.id);
    this.#seen.set(seen.id, { ...seen, atMillis });
  }

  #forget(beforeMillis: number): void {
    for (const { id, atMillis } of this.#seen.values()) {
      if (atMillis >= beforeMillis) return;
      this.#seen.delete(id);
    }
  }
}

export function transactionStatus(body: string, call: Call): string {
  const id = readId(body);
  const { chain } = call.node;
  const seen = call.statuses?.find(id);
  const irreversible = chain.block(chain.head.lastIrreversible);
  const earliest = chain.block(1);
  const held = seen?.block ?? null;
  const isHeld = held !== null && chain.has(held);
  return JSON.stringify({
    state: stateOf(seen, call),
    ...(isHeld && {
      block_number: held.number,
      block_id: held.id,
      block_timestamp: toMillisText(held.timestampMillis),
    }),
    ...(seen !== undefined && { expiration: toMillisText(seen.expirationSeconds * 1000) }),
    head_number: chain.head.number,
    head_id: chain.head.id,
    head_timestamp: toMillisText(chain.head.timestampMillis),
    irreversible_number: irreversible?.number ?? 0,
    irreversible_id: irreversible?.id ?? "",
    irreversible_timestamp: toMillisText(irreversible?.timestampMillis ?? 0),
    earliest_tracked_block_id: earliest?.id ?? "",
    earliest_tracked_block_number: earliest?.number ?? 0,
  });
}

function stateOf(seen: Seen | undefined, { node: { chain } }: Call): string {
  if (seen === undefined) return "UNKNOWN";
  const { block } = seen;
  if (block !== null && chain.has(block))
    return block.number <= chain.head.lastIrreversible ? "IRREVERSIBLE" : "IN_BLOCK";
  if (chain.pending(seen.id) !== undefined) return block === null ? "LOCALLY_APPLIED" : "FORKED_OUT";
  return seen.expirationSeconds * 1000 < chain.head.timestampMillis ? "FAILED" : "FORKED_OUT";
}

/** Nodes say no more than this of an id that they cannot read, and of the one that is all zeros. */
function readId(body: string): string {
  let id: unknown;
  try {
    const value = readBody(body);
    id = isFields(value) ? value.id : undefined;
  } catch (error) {
    if (body.trim() === "" && error instanceof RequestRefused) throw error;
  }
  if (typeof id === "string" && /^[0-9a-fA-F]{64}$/.test(id) && !/^0+$/.test(id)) return id.toLowerCase();
  throw invalidRequest([
    {
      message: "Invalid transaction id",
      file: "chain_api_plugin.cpp",
      line: 41,
      method:
        "parse_params<eosio::chain_apis::read_only::get_transaction_status_params, eosio::http_params_types::params_required>",
    },
  ]);
}
