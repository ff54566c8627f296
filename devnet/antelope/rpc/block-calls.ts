import type { Block } from "../chain/block.ts";
import type { IncludedTransaction } from "../chain/block-store.ts";
import { toMillisText, toSecondsText } from "../codec/time-text.ts";
import { readTransaction } from "../codec/transaction.ts";
import type { Call } from "./call.ts";
import { RequestRefused } from "./error-answer.ts";
import { readFields, readText, readUnsigned } from "./parameters.ts";
import { renderAct } from "./render-act.ts";

export function block(body: string, call: Call): string {
  const found = findBlock(body, call);
  const transactions = call.network.store.transactions(found).map(renderIncluded);
  return `{${headerFields(found)},"new_producers":null,"producer_signature":"${found.signature}","transactions":[${transactions.join(",")}],"id":"${found.id}","block_num":${found.number},"ref_block_prefix":${found.prefix}}`;
}

export function rawBlock(body: string, call: Call): string {
  const found = findBlock(body, call);
  const transactions = call.network.store
    .transactions(found)
    .map(
      (included) =>
        `{${receiptFields(included)},"trx":[1,{${packedFields(included)},"packed_trx":"${included.packed.toString("hex")}"}]}`,
    );
  return `{${headerFields(found)},"header_extensions":[],"producer_signature":"${found.signature}","transactions":[${transactions.join(",")}],"block_extensions":[]}`;
}

export function blockHeader(body: string, call: Call): string {
  const found = findBlock(body, call, "block header");
  return `{"id":"${found.id}","signed_block_header":{${headerFields(found)},"header_extensions":[],"producer_signature":"${found.signature}"}}`;
}

export function blockInfo(body: string, call: Call): string {
  const number = readUnsigned(readFields(body), "block_num", 0);
  const found = call.node.chain.block(number);
  if (found === undefined) throw unknownBlock(`Could not find block: ${number}`, 2013, "get_block_info");
  return `{"block_num":${number},"ref_block_num":${number & 0xffff},"id":"${found.id}",${headerFields(found)},"producer_signature":"${found.signature}","ref_block_prefix":${found.prefix}}`;
}

/** Nodes have these only of blocks that can still be taken back, and what is in them is of no use to clients. */
export function blockHeaderState(body: string): string {
  const wanted = readText(readFields(body), "block_num_or_id");
  throw unknownBlock(`Could not find reversible block: ${wanted}`, 2054, "get_block_header_state");
}

function findBlock(body: string, { node, network }: Call, what = "block"): Block {
  const wanted = readText(readFields(body), "block_num_or_id");
  if (wanted === "" || wanted.length > 64)
    throw invalidBlockId("Invalid Block number or ID, must be greater than 0 and less than 65 characters");
  if (/^\d+$/.test(wanted) && wanted.length < 20) {
    const found = node.chain.block(Number(wanted));
    if (found !== undefined) return found;
  } else {
    if (!/^[0-9a-fA-F]+$/.test(wanted)) throw invalidBlockId(`Invalid block ID: ${wanted}`);
    const found = network.store.byId(wanted.toLowerCase());
    if (found !== undefined && node.chain.has(found)) return found;
  }
  throw unknownBlock(`Could not find ${what}: ${wanted}`, 1935, "get_raw_block");
}

function unknownBlock(message: string, line: number, method: string): RequestRefused {
  const details = [{ message, file: "chain_plugin.cpp", line, method }];
  return new RequestRefused({ code: 3_100_002, name: "unknown_block_exception", what: "Unknown block", details });
}

function invalidBlockId(message: string): RequestRefused {
  const details = [{ message, file: "chain_plugin.cpp", line: 1920, method: "get_raw_block" }];
  return new RequestRefused({ code: 3_010_008, name: "block_id_type_exception", what: "Invalid block ID", details });
}

function headerFields({ timestampMillis, producer, confirmed, previous, transactionRoot, actionRoot }: Block): string {
  return `"timestamp":"${toMillisText(timestampMillis)}","producer":"${producer}","confirmed":${confirmed},"previous":"${previous?.id ?? ""}","transaction_mroot":"${transactionRoot}","action_mroot":"${actionRoot}","schedule_version":0`;
}

function receiptFields({ cpuMicros, netWords }: IncludedTransaction): string {
  return `"status":"executed","cpu_usage_us":${cpuMicros},"net_usage_words":${netWords}`;
}

function packedFields({ signatures, packedContextFreeData }: IncludedTransaction): string {
  return `"signatures":${JSON.stringify(signatures)},"compression":"none","packed_context_free_data":"${packedContextFreeData.toString("hex")}"`;
}

function renderIncluded(included: IncludedTransaction): string {
  const { id, packed } = included;
  return `{${receiptFields(included)},"trx":{"id":"${id}",${packedFields(included)},"context_free_data":[],"packed_trx":"${packed.toString("hex")}","transaction":${renderTransaction(packed)}}}`;
}

/** Blocks hold only what could be read before. */
function renderTransaction(packed: Buffer): string {
  const transaction = readTransaction(packed);
  if ("field" in transaction) return "null";
  const { expirationSeconds, refBlockNumber, refBlockPrefix, maximumNetWords, maximumCpuMillis, delaySeconds } =
    transaction;
  const contextFree = transaction.contextFreeActions.map(renderAct).join(",");
  const actions = transaction.actions.map(renderAct).join(",");
  return `{"expiration":"${toSecondsText(expirationSeconds)}","ref_block_num":${refBlockNumber},"ref_block_prefix":${refBlockPrefix},"max_net_usage_words":${maximumNetWords},"max_cpu_usage_ms":${maximumCpuMillis},"delay_sec":${delaySeconds},"context_free_actions":[${contextFree}],"actions":[${actions}]}`;
}
