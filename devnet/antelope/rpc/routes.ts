import { abi, account, code, codeHash, rawAbi, rawCodeAndAbi } from "./account-calls.ts";
import { block, blockHeader, blockHeaderState, blockInfo, rawBlock } from "./block-calls.ts";
import { type Route, reads } from "./call.ts";
import { consensusParameters, info } from "./info-calls.ts";
import { producerSchedule, producers } from "./producer-calls.ts";
import { activatedProtocolFeatures } from "./protocol-features.ts";
import { requiredKeys } from "./required-keys.ts";
import { currencyBalance, currencyStats, tableByScope, tableRows } from "./table-calls.ts";
import {
  computeTransaction,
  pushTransaction,
  pushTransactions,
  sendTransaction,
  sendTransaction2,
  transactionId,
} from "./transaction-calls.ts";
import { transactionStatus } from "./transaction-status.ts";

/** By the name of the call; every other path is unknown. */
const calls: Readonly<Record<string, Route>> = {
  send_transaction2: sendTransaction2,
  send_transaction: sendTransaction,
  push_transaction: pushTransaction,
  push_transactions: pushTransactions,
  compute_transaction: computeTransaction,
  get_info: reads(info),
  get_block: reads(block),
  get_raw_block: reads(rawBlock),
  get_block_header: reads(blockHeader),
  get_block_header_state: reads(blockHeaderState),
  get_block_info: reads(blockInfo),
  get_account: reads(account),
  get_abi: reads(abi),
  get_raw_abi: reads(rawAbi),
  get_raw_code_and_abi: reads(rawCodeAndAbi),
  get_code: reads(code),
  get_code_hash: reads(codeHash),
  get_currency_balance: reads(currencyBalance),
  get_currency_stats: reads(currencyStats),
  get_table_rows: reads(tableRows),
  get_table_by_scope: reads(tableByScope),
  get_producers: reads(producers),
  get_producer_schedule: reads(producerSchedule),
  get_consensus_parameters: reads(consensusParameters),
  get_activated_protocol_features: reads(activatedProtocolFeatures),
  get_required_keys: reads(requiredKeys),
  get_transaction_id: reads(transactionId),
};

const prefix = "/v1/chain/";

/** By path. `keepsStatus`: whether nodes are set up to tell what became of transactions. */
export function createRoutes(keepsStatus: boolean): ReadonlyMap<string, Route> {
  const routes = new Map(Object.entries(calls).map(([name, route]) => [prefix + name, route]));
  if (keepsStatus) routes.set(`${prefix}get_transaction_status`, reads(transactionStatus));
  const apis = [...routes.keys(), "/v1/node/get_supported_apis"];
  routes.set(
    "/v1/node/get_supported_apis",
    reads(() => JSON.stringify({ apis })),
  );
  return routes;
}
