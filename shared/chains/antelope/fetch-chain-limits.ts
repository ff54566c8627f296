import type { z } from "zod";
import { type HttpClient, ifAnswered } from "./http-client.ts";
import { type chainConfigAnswer, consensusParametersAnswer, globalTableAnswer } from "./node-answers.ts";

export interface ChainLimits {
  readonly config: z.output<typeof chainConfigAnswer>;
  readonly source: "consensus parameters" | "system contract" | "defaults";
}

/** libraries/chain/include/eosio/chain/config.hpp */
const defaults: ChainLimits["config"] = {
  max_block_net_usage: 1_048_576,
  max_block_cpu_usage: 200_000,
  max_transaction_net_usage: 524_288,
  max_transaction_cpu_usage: 150_000,
  min_transaction_cpu_usage: 100,
  base_per_transaction_net_usage: 12,
  max_transaction_lifetime: 3600,
};

const globalTable = { json: true, code: "eosio", scope: "eosio", table: "global", limit: 1 };

/** Of the node where it has the call for it; otherwise what the system contract keeps of them, or nodeos's defaults. */
export async function fetchChainLimits(client: HttpClient): Promise<ChainLimits> {
  const told = await ifAnswered(client.call("get_consensus_parameters", {}, consensusParametersAnswer));
  if (told) return { config: told.chain_config, source: "consensus parameters" };
  const kept = await ifAnswered(client.call("get_table_rows", globalTable, globalTableAnswer));
  const row = kept?.rows[0];
  return row === undefined ? { config: defaults, source: "defaults" } : { config: row, source: "system contract" };
}
