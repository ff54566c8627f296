import { toMillisText } from "../codec/time-text.ts";
import type { Call } from "./call.ts";
import { refuseParameters } from "./parameters.ts";

/** Of the release whose behaviour and words this devnet has. */
const version = { hash: "d133c641", text: "v5.0.3", full: "v5.0.3-loadstone-devnet" };

export function info(body: string, { network, node: { chain } }: Call): string {
  refuseParameters(body);
  const { head, irreversible } = chain;
  const { maximumBlockCpuMicros, maximumBlockBytes, minimumTransactionCpuMicros } = network.parameters;
  return JSON.stringify({
    server_version: version.hash,
    chain_id: network.chainId,
    head_block_num: head.number,
    last_irreversible_block_num: irreversible.number,
    last_irreversible_block_id: irreversible.id,
    head_block_id: head.id,
    head_block_time: toMillisText(head.timestampMillis),
    head_block_producer: head.producer,
    virtual_block_cpu_limit: maximumBlockCpuMicros,
    virtual_block_net_limit: maximumBlockBytes,
    // What the system contract does at the beginning of each block on real networks is part of the block's CPU time.
    block_cpu_limit: Math.max(0, maximumBlockCpuMicros - minimumTransactionCpuMicros - head.cpuMicros),
    block_net_limit: Math.max(0, maximumBlockBytes - head.netBytes),
    server_version_string: version.text,
    fork_db_head_block_num: head.number,
    fork_db_head_block_id: head.id,
    server_full_version_string: version.full,
    total_cpu_weight: 0,
    total_net_weight: 0,
    earliest_available_block_num: 1,
    last_irreversible_block_time: toMillisText(irreversible.timestampMillis),
  });
}

/** What the devnet does not have a parameter for is what nodes have without being told. */
export function consensusParameters(body: string, { network: { parameters } }: Call): string {
  refuseParameters(body);
  return JSON.stringify({
    chain_config: {
      max_block_net_usage: parameters.maximumBlockBytes,
      target_block_net_usage_pct: 1000,
      max_transaction_net_usage: parameters.maximumTransactionBytes,
      base_per_transaction_net_usage: 12,
      net_usage_leeway: 500,
      context_free_discount_net_usage_num: 20,
      context_free_discount_net_usage_den: 100,
      max_block_cpu_usage: parameters.maximumBlockCpuMicros,
      target_block_cpu_usage_pct: 1000,
      max_transaction_cpu_usage: parameters.maximumTransactionCpuMicros,
      min_transaction_cpu_usage: parameters.minimumTransactionCpuMicros,
      max_transaction_lifetime: parameters.maximumLifetimeSeconds,
      deferred_trx_expiration_window: 600,
      max_transaction_delay: 3_888_000,
      max_inline_action_size: 524_288,
      max_inline_action_depth: 4,
      max_authority_depth: 6,
      max_action_return_value_size: 256,
    },
    wasm_config: {
      max_mutable_global_bytes: 1024,
      max_table_elements: 1024,
      max_section_elements: 8192,
      max_linear_memory_init: 65_536,
      max_func_local_bytes: 8192,
      max_nested_structures: 1024,
      max_symbol_bytes: 8192,
      max_module_bytes: 20_971_520,
      max_code_bytes: 20_971_520,
      max_pages: 528,
      max_call_depth: 251,
    },
  });
}
