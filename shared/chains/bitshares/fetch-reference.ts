import { AppError } from "../../errors/app-error.ts";
import type { TransactionReference } from "../driver.ts";
import { dynamicPropertiesAnswer, headerAnswer } from "./node-answers.ts";
import { RpcClient } from "./rpc-client.ts";

const timeoutMs = 10_000;

/**
 * The last irreversible block. Under load witnesses miss slots and the network changes between short forks;
 * transactions that refer to the head are then refused, or dropped with the block they referred to.
 */
export async function fetchReference(endpoint: string, signal?: AbortSignal): Promise<TransactionReference> {
  const client = await RpcClient.connect({ endpoint, timeoutMs, signal });
  try {
    const dynamic = await client.call("database", "get_dynamic_global_properties", [], dynamicPropertiesAnswer);
    const blockNumber = dynamic.last_irreversible_block_num;
    if (blockNumber < 1) {
      throw new AppError("NETWORK_NOT_READY", `${endpoint}: no block is irreversible yet`);
    }
    if (blockNumber === dynamic.head_block_number) {
      return { blockNumber, blockId: dynamic.head_block_id, chainTimeMs: dynamic.time };
    }
    // Blocks carry no id of their own, but the next one names it.
    const next = await client.call("database", "get_block_header", [blockNumber + 1], headerAnswer);
    if (!next) throw new AppError("RPC_FAILED", `${endpoint}: block ${blockNumber + 1} is missing`);
    return { blockNumber, blockId: next.previous, chainTimeMs: dynamic.time };
  } finally {
    client.close();
  }
}
