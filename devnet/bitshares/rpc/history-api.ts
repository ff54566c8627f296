import type { HistoryEntry } from "../chain/history.ts";
import type { Json } from "../codec/json.ts";
import { toTimeText } from "../codec/json.ts";
import { findAccount, findAsset, readList, readText, readUnsigned } from "./arguments.ts";
import type { Api, Call, Method } from "./method.ts";

function* entriesOf(given: Json | undefined, { network, node }: Call): Generator<HistoryEntry> {
  const account = findAccount(node.chain.state, given);
  if (account === undefined) return;
  yield* network.store.history.ofAccount(account.instance, (block) => node.chain.has(block));
}

/** `1.11.0` as a start means the newest. */
function numberOf(id: Json | undefined): number {
  return id === undefined ? 0 : Number(readText(id).split(".")[2]);
}

interface Range {
  readonly start: number;
  readonly stop: number;
  readonly limit: number;
  readonly types: ReadonlySet<number> | null;
}

function select(entries: Iterable<HistoryEntry>, { start, stop, limit, types }: Range): readonly string[] {
  const selected: string[] = [];
  for (const { number, json, type } of entries) {
    if (selected.length >= limit || (stop > 0 && number <= stop)) break;
    if (start > 0 && number > start) continue;
    if (types === null || types.has(type)) selected.push(json);
  }
  return selected;
}

function accountHistory([account, stop, limit, start]: readonly Json[], call: Call): string {
  const range = { start: numberOf(start), stop: numberOf(stop), limit: readUnsigned(limit, 100), types: null };
  return `[${select(entriesOf(account, call), range).join(",")}]`;
}

function accountHistoryOperations([account, type, start, stop, limit]: readonly Json[], call: Call): string {
  const types = new Set([readUnsigned(type)]);
  const range = { start: numberOf(start), stop: numberOf(stop), limit: readUnsigned(limit, 100), types };
  return `[${select(entriesOf(account, call), range).join(",")}]`;
}

/** By position in the account's own history, from 1 for its oldest operation; 0 as a start means the newest. */
function relativeHistory([account, stop, limit, start]: readonly Json[], call: Call): string {
  const all = [...entriesOf(account, call)];
  const newest = readUnsigned(start) === 0 ? all.length : Math.min(readUnsigned(start), all.length);
  const oldest = Math.max(1, readUnsigned(stop));
  const selected = all.slice(all.length - newest, all.length - oldest + 1).slice(0, readUnsigned(limit, 100));
  return `[${selected.map(({ json }) => json).join(",")}]`;
}

function historyByOperations([account, types, start, limit]: readonly Json[], call: Call): string {
  const wanted = new Set(readList(types).map((type) => readUnsigned(type)));
  const all = [...entriesOf(account, call)].reverse().slice(readUnsigned(start));
  const window = all.slice(0, readUnsigned(limit, 100));
  const selected = window.filter(({ type }) => wanted.size === 0 || wanted.has(type)).map(({ json }) => json);
  return `{"total_count":${window.length},"operation_history_objs":[${selected.join(",")}]}`;
}

function fillHistory([a, b, limit]: readonly Json[], { network, node }: Call): string {
  const { state } = node.chain;
  const first = findAsset(state, a)?.instance ?? -1;
  const second = findAsset(state, b)?.instance ?? -1;
  const fills = network.store.history.fills(first, second, (block) => node.chain.has(block));
  const rows = fills.slice(-readUnsigned(limit)).reverse();
  const key = { base: `1.3.${Math.min(first, second)}`, quote: `1.3.${Math.max(first, second)}` };
  return JSON.stringify(
    rows.map(({ number, block, body }) => ({
      id: `5.0.${number}`,
      key: { ...key, sequence: -number },
      time: toTimeText(block.timestampSeconds),
      op: body,
    })),
  );
}

function blockHistory([number]: readonly Json[], { network, node }: Call): string {
  const block = node.chain.block(readUnsigned(number));
  if (block === undefined) return "[]";
  return `[${network.store.history
    .ofBlock(block)
    .map(({ json }) => json)
    .join(",")}]`;
}

export const historyApi: Api = new Map<string, Method>([
  ["get_account_history", { required: 1, run: accountHistory }],
  ["get_account_history_by_operations", { required: 2, run: historyByOperations }],
  ["get_account_history_operations", { required: 2, run: accountHistoryOperations }],
  ["get_relative_account_history", { required: 1, run: relativeHistory }],
  ["get_block_operation_history", { required: 1, run: blockHistory }],
  ["get_fill_order_history", { required: 3, run: fillHistory }],
  ["get_market_history", { required: 5, run: () => "[]" }],
  ["get_market_history_buckets", { required: 0, run: () => "[15,60,300,3600,86400]" }],
]);
