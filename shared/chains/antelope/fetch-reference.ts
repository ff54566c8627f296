import { AppError } from "../../errors/app-error.ts";
import type { TransactionReference } from "../driver.ts";
import { HttpClient } from "./http-client.ts";
import { infoAnswer } from "./node-answers.ts";

const timeoutMs = 10_000;

/** The last irreversible block: transactions that refer to the head are dropped with it when its branch loses. */
export async function fetchReference(endpoint: string, signal?: AbortSignal): Promise<TransactionReference> {
  const client = new HttpClient({ endpoint, timeoutMs, signal });
  try {
    const info = await client.call("get_info", {}, infoAnswer);
    const blockNumber = info.last_irreversible_block_num;
    if (blockNumber < 1) throw new AppError("NETWORK_NOT_READY", `${endpoint}: no block is irreversible yet`);
    return { blockNumber, blockId: info.last_irreversible_block_id, chainTimeMs: info.head_block_time };
  } finally {
    await client.close();
  }
}
