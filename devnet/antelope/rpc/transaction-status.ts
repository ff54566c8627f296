import type { AntelopeNetwork } from "../antelope-network.ts";
import type { TransactionFate } from "../chain/antelope-chain.ts";
import { toMillisText } from "../codec/time-text.ts";
import type { Call } from "./call.ts";
import { invalidRequest, RequestRefused } from "./error-answer.ts";
import { isFields, readBody } from "./parameters.ts";

export function transactionStatus(body: string, { node: { chain }, network }: Call): string {
  const id = readId(body);
  const fate = chain.fateOf(id);
  const { head, irreversible } = chain;
  const held = fate !== null && "block" in fate ? fate.block : null;
  const earliest = chain.block(1);
  return JSON.stringify({
    state: fate?.state ?? "UNKNOWN",
    ...(held !== null && {
      block_number: held.number,
      block_id: held.id,
      block_timestamp: toMillisText(held.timestampMillis),
    }),
    ...(fate !== null && { expiration: toMillisText(expirationOf(fate, network) * 1000) }),
    head_number: head.number,
    head_id: head.id,
    head_timestamp: toMillisText(head.timestampMillis),
    irreversible_number: irreversible.number,
    irreversible_id: irreversible.id,
    irreversible_timestamp: toMillisText(irreversible.timestampMillis),
    earliest_tracked_block_id: earliest?.id ?? "",
    earliest_tracked_block_number: earliest?.number ?? 0,
  });
}

/** A packed transaction begins with it. */
function expirationOf(fate: TransactionFate, { store }: AntelopeNetwork): number {
  if ("expirationSeconds" in fate) return fate.expirationSeconds;
  return store.transactions(fate.block)[fate.index]?.packed.readUInt32LE(0) ?? 0;
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
