import { z } from "zod";
import { AppError, type ErrorCode, type Problem } from "../../errors/app-error.ts";
import type { MixEntry } from "../../scenario/scenario.ts";
import { largestCount } from "../../workload/operation-counts.ts";
import { parseTemplate, type TemplateNode } from "../../workload/placeholders.ts";
import { SequenceRandom } from "../../workload/sequence-random.ts";
import type { AccountKey, ResolvedAccount, ResolvedChain, ResolveOptions } from "../driver.ts";
import type {
  Asset,
  BitsharesData,
  EntryData,
  MemoData,
  OrderCancelData,
  OrderCreateData,
  TransferData,
} from "./chain-data.ts";
import { type AssetTable, findAssets } from "./find-assets.ts";
import { findBasicAccounts } from "./find-basic-accounts.ts";
import { findNamed } from "./find-named.ts";
import { privateKeyBytes, publicKeyText } from "./keys.ts";
import { sealedBytes } from "./memo-sealer.ts";
import { type AccountAnswer, accountsAnswer, amountsAnswer, ordersAnswer } from "./node-answers.ts";
import { instanceOf } from "./object-id.ts";
import { operationCode } from "./operation-payers.ts";
import { parseOrderCancel, parseOrderCreate, parseTransfer } from "./parameters.ts";
import { RpcClient } from "./rpc-client.ts";
import { drawAsset, encodeOperation, renderOperation } from "./template-writer.ts";
import { toChainTime } from "./transaction-draft.ts";
import { unitRange } from "./unit-range.ts";

const timeoutMs = 30_000;
const accountsPerCall = 100;
/** `api_limit_get_limit_orders_by_account` is 101 unless the node's operator has changed it. */
const ordersPerCall = 100;
/** Fees of templates may depend on the size, so several of their instances are priced. */
const feeSamples = 32;
const coreAssetId = "1.3.0";

interface Found {
  readonly key: AccountKey;
  readonly answer: AccountAnswer;
}

interface OpenOrder {
  readonly instance: number;
  readonly owner: number;
  readonly assets: readonly [string, string];
}

export async function resolveChain(options: ResolveOptions): Promise<ResolvedChain> {
  const client = await RpcClient.connect({ endpoint: options.endpoint, timeoutMs, signal: options.signal });
  try {
    const accounts = await findAccounts(client, options.accounts);
    const assets = await findAssets(client, options.workload.mix);
    const entries = await resolveEntries(client, options, accounts, assets);
    const balances = await findBalances(client, accounts, assets.all);
    const data: BitsharesData = { coreAsset: assets.core, assets: assets.all, entries };
    return {
      accounts: accounts.map(
        ({ key, answer }, i): ResolvedAccount => ({
          name: answer.name,
          id: answer.id,
          privateKey: key.privateKey,
          balances: balances[i] as Record<string, string>,
        }),
      ),
      pools: entries.map(poolOf),
      data,
    };
  } finally {
    client.close();
  }
}

function poolOf(entry: EntryData): number | null {
  if (entry.kind === "account_upgrade") return entry.basic.length;
  return entry.kind === "limit_order_cancel" ? entry.orders.length : null;
}

async function findAccounts(client: RpcClient, keys: readonly AccountKey[]): Promise<Found[]> {
  const batches: Promise<(AccountAnswer | null)[]>[] = [];
  for (let i = 0; i < keys.length; i += accountsPerCall) {
    const names = keys.slice(i, i + accountsPerCall).map((key) => key.name);
    batches.push(client.call("database", "lookup_account_names", [names], accountsAnswer));
  }
  const answers = (await Promise.all(batches)).flat();
  const found: Found[] = [];
  const missing: Problem[] = [];
  const refused: Problem[] = [];
  for (const [i, key] of keys.entries()) {
    const answer = answers[i];
    if (!answer) {
      missing.push({ path: key.name, expected: "expected an account of this name on the chain" });
      continue;
    }
    const problem = keyProblem(key, answer);
    if (problem) refused.push(problem);
    found.push({ key, answer });
  }
  const fail = (code: ErrorCode, count: number, what: string): AppError =>
    new AppError(code, `${count} of ${keys.length} accounts ${what}`, { problems: [...missing, ...refused] });
  if (missing.length > 0) throw fail("ACCOUNT_MISSING", missing.length, "do not exist on this chain");
  if (refused.length > 0) throw fail("ACCOUNT_KEY", refused.length, "cannot sign with the keys given for them");
  return found;
}

function keyProblem({ name, privateKey }: AccountKey, { active }: AccountAnswer): Problem | null {
  const publicKey = publicKeyText(privateKeyBytes(privateKey, name), "");
  const weight = active.key_auths.find(([text]) => text.endsWith(publicKey))?.[1] ?? 0;
  if (weight >= active.weight_threshold && weight > 0) return null;
  const value = weight === 0 ? "not in the active authority" : `weight ${weight} of ${active.weight_threshold}`;
  return { path: name, value, expected: "expected a key that satisfies the account's active authority alone" };
}

/** The public key of the account's private key, as its authority has it. */
function ownKeyOf({ key, answer }: Found): string {
  const own = publicKeyText(privateKeyBytes(key.privateKey, key.name), "");
  return answer.active.key_auths.find(([text]) => text.endsWith(own))?.[0] as string;
}

/** Gives the accounts that can be upgraded to the entries that do it, in turn. */
async function dealBasicAccounts(
  client: RpcClient,
  entries: readonly EntryData[],
  accounts: readonly Found[],
): Promise<EntryData[]> {
  const upgrades = entries.filter((entry) => entry.kind === "account_upgrade");
  if (upgrades.length === 0) return [...entries];
  const found = await findBasicAccounts(
    client,
    accounts.map(ownKeyOf),
    Math.max(...upgrades.map((entry) => entry.fee)),
  );
  return entries.map((entry) => {
    if (entry.kind !== "account_upgrade") return entry;
    const turn = upgrades.indexOf(entry);
    const own = found.filter((_, i) => i % upgrades.length === turn);
    return { ...entry, basic: own.map((one) => one.instance), holders: own.map((one) => one.holder) };
  });
}

function answersOf(accounts: readonly Found[]): AccountAnswer[] {
  return accounts.map(({ answer }) => answer);
}

async function resolveEntries(
  client: RpcClient,
  options: ResolveOptions,
  accounts: readonly Found[],
  assets: AssetTable,
): Promise<EntryData[]> {
  const { mix } = options.workload;
  const cancels = mix.filter((entry) => entry.template === null && entry.operation === "limit_order_cancel");
  const orders = cancels.length === 0 ? [] : await findOrders(client, accounts);
  const dealt = dealOrders(orders, cancels, assets);
  const instances = accounts.map(({ answer }) => instanceOf(answer.id));
  const named = await findNamed(client, {
    mix,
    headNumber: options.network.headNumber,
    accounts: answersOf(accounts),
    assets,
  });
  const memoKeys = accounts.map(({ answer }) => memoKeyOf(answer));
  const drafts = mix.map((entry) => named.get(entry) ?? toEntryData(entry, assets, dealt, memoKeys));
  const most = largestCount(options.workload.operationsPerTransaction);
  const fees = await Promise.all(
    drafts.map((draft) => requiredFee(client, samplesOf(draft, assets.all, instances, most))),
  );
  const priced = drafts.map((draft, i) => ({ ...draft, fee: fees[i] as number }));
  const entries = await dealBasicAccounts(client, priced, accounts);
  refuseLoneAccount(mix, entries, accounts.length);
  return entries;
}

function refuseLoneAccount(mix: readonly MixEntry[], entries: readonly EntryData[], accounts: number): void {
  if (accounts >= 2) return;
  const needy = mix.filter((_, i) => {
    const entry = entries[i] as EntryData;
    return entry.kind === "transfer" || (entry.kind === "template" && JSON.stringify(entry.node).includes('"other"'));
  });
  if (needy.length === 0) return;
  const problems = needy.map((entry): Problem => ({ path: `mix.${entry.name}`, expected: "expected two accounts" }));
  throw new AppError("PLAN_IMPOSSIBLE", "the workload needs at least two accounts", { problems });
}

function toEntryData(
  entry: MixEntry,
  assets: AssetTable,
  dealt: ReadonlyMap<MixEntry, OpenOrder[]>,
  memoKeys: readonly string[],
): EntryData {
  if (entry.template !== null) {
    return { kind: "template", operation: entry.operation, node: parseTemplate(entry.template).node, fee: 0 };
  }
  switch (entry.operation) {
    case "transfer":
      return toTransferData(entry, assets, memoKeys);
    case "limit_order_create":
      return toOrderCreateData(entry, assets);
    case "account_upgrade":
      return { kind: "account_upgrade", fee: 0, basic: [], holders: [] };
    default:
      return toOrderCancelData(dealt.get(entry) ?? []);
  }
}

/** Accounts without a memo key of their own have one that is nobody's: all zeros. */
function memoKeyOf({ options, active }: AccountAnswer): string {
  return options.memo_key.includes("1".repeat(33)) ? (active.key_auths[0]?.[0] as string) : options.memo_key;
}

function toTransferData(entry: MixEntry, assets: AssetTable, memoKeys: readonly string[]): TransferData {
  const { amount, memo } = parseTransfer(entry.parameters).value;
  const asset = assets.get(amount.symbol);
  return {
    kind: "transfer",
    fee: 0,
    asset,
    ...unitRange(entry, amount, asset),
    ...(memo && { memo: { minimumLength: memo[0], maximumLength: memo[1], keys: memoKeys } }),
  };
}

function toOrderCreateData(entry: MixEntry, assets: AssetTable): OrderCreateData {
  const parameters = parseOrderCreate(entry.parameters).value;
  const base = assets.get(parameters.baseSymbol);
  const quote = assets.get(parameters.quoteSymbol);
  if (base.instance === quote.instance) {
    const problems = [{ path: `mix.${entry.name}`, value: base.symbol, expected: "expected two different assets" }];
    throw new AppError("PLAN_IMPOSSIBLE", "a market has two different assets", { problems });
  }
  const scale = 10 ** (quote.precision - base.precision);
  return {
    kind: "limit_order_create",
    fee: 0,
    base,
    quote,
    ...unitRange(entry, parameters.amount, base),
    minimumPrice: Number(parameters.price.minimum) * scale,
    maximumPrice: Number(parameters.price.maximum) * scale,
    side: parameters.side,
    expiresAfterSeconds: parameters.expiresAfterSeconds,
    fillOrKill: parameters.fillOrKill,
  };
}

function toOrderCancelData(orders: readonly OpenOrder[]): OrderCancelData {
  return {
    kind: "limit_order_cancel",
    fee: 0,
    orders: orders.map((order) => order.instance),
    owners: orders.map((order) => order.owner),
  };
}

async function findOrders(client: RpcClient, accounts: readonly Found[]): Promise<OpenOrder[]> {
  const byOwner = await Promise.all(accounts.map(({ answer }, owner) => ordersOf(client, answer.id, owner)));
  return byOwner.flat();
}

async function ordersOf(client: RpcClient, accountId: string, owner: number): Promise<OpenOrder[]> {
  const orders: OpenOrder[] = [];
  for (let start: string | null = null; ; ) {
    const args: unknown[] = start === null ? [accountId, ordersPerCall] : [accountId, ordersPerCall, start];
    const page = await client.call("database", "get_limit_orders_by_account", args, ordersAnswer);
    for (const { id, sell_price } of page) {
      const instance = instanceOf(id);
      // The page begins with the order that was asked from, which the page before ended with.
      if (orders.length > 0 && instance <= (orders.at(-1) as OpenOrder).instance) continue;
      orders.push({ instance, owner, assets: [sell_price.base.asset_id, sell_price.quote.asset_id] });
    }
    if (page.length < ordersPerCall) return orders;
    start = `1.7.${(orders.at(-1) as OpenOrder).instance}`;
  }
}

/** Gives every order to one of the entries that may cancel it, in an order that mixes the owners. */
function dealOrders(
  orders: readonly OpenOrder[],
  entries: readonly MixEntry[],
  assets: AssetTable,
): ReadonlyMap<MixEntry, OpenOrder[]> {
  const shares = new Map<MixEntry, OpenOrder[]>(entries.map((entry) => [entry, []]));
  for (const order of shuffled(orders)) {
    const shareOf = (entry: MixEntry): OpenOrder[] => shares.get(entry) as OpenOrder[];
    const [first, ...others] = entries.filter((entry) => inMarketOf(entry, order, assets));
    if (!first) continue;
    const neediest = others.reduce((a, b) => (shareOf(b).length < shareOf(a).length ? b : a), first);
    shareOf(neediest).push(order);
  }
  return shares;
}

function inMarketOf(entry: MixEntry, order: OpenOrder, assets: AssetTable): boolean {
  const { market } = parseOrderCancel(entry.parameters).value;
  return market === null || market.every((symbol) => order.assets.includes(`1.3.${assets.get(symbol).instance}`));
}

function shuffled<T>(items: readonly T[]): T[] {
  const random = new SequenceRandom();
  random.reset(0, items.length);
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = random.nextBelow(i + 1);
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}

type Operation = readonly [number, unknown];

/** Operations to ask the fee of; for templates several, because theirs may depend on their size. */
function samplesOf(
  entry: EntryData,
  assets: readonly Asset[],
  accounts: readonly number[],
  operationsPerTransaction: number,
): Operation[] {
  const account = `1.2.${accounts[0] as number}`;
  const fee = { amount: 0, asset_id: coreAssetId };
  const amount = { amount: 1, asset_id: coreAssetId };
  switch (entry.kind) {
    case "transfer":
      return [[0, { fee, from: account, to: "1.2.0", amount, ...longestMemo(entry.memo), extensions: [] }]];
    case "limit_order_create": {
      const amounts = { amount_to_sell: amount, min_to_receive: { amount: 1, asset_id: `1.3.${entry.base.instance}` } };
      const expiration = toChainTime(4_000_000_000);
      return [[1, { fee, seller: account, ...amounts, expiration, fill_or_kill: false, extensions: {} }]];
    }
    case "limit_order_cancel":
      return [[2, { fee, fee_paying_account: account, order: "1.7.0", extensions: [] }]];
    case "account_upgrade":
      return [[8, { fee, account_to_upgrade: account, upgrade_to_lifetime_member: true, extensions: [] }]];
    case "template":
      return templateSamples(entry.operation, entry.node, assets, accounts, operationsPerTransaction);
  }
}

function longestMemo(memo: MemoData | undefined): object {
  if (memo === undefined) return {};
  const [key] = memo.keys;
  return { memo: { from: key, to: key, nonce: 0, message: "00".repeat(sealedBytes(memo.maximumLength)) } };
}

function templateSamples(
  operation: string,
  node: TemplateNode,
  assets: readonly Asset[],
  accounts: readonly number[],
  operationsPerTransaction: number,
): Operation[] {
  const random = new SequenceRandom();
  return Array.from({ length: feeSamples }, (_, sequence) => {
    random.reset(0, sequence);
    const fields = renderOperation(operation, node, 0, {
      random,
      // The longest that a counter can become: sequence numbers have 32 bits.
      counter: (2 ** 32 - 1 - sequence) * operationsPerTransaction,
      expirationSeconds: 4_000_000_000 - 2 ** 26,
      account: () => `1.2.${accounts[random.nextBelow(accounts.length)] as number}`,
      asset: (range) => drawAsset(range, assets, random.nextFraction()),
      time: toChainTime,
    });
    return JSON.parse(encodeOperation(operationCode(operation), fields).json) as Operation;
  });
}

const feesAnswer = z.array(z.union([amountsAnswer.element, z.unknown()]));

async function requiredFee(client: RpcClient, operations: readonly Operation[]): Promise<number> {
  const fees = await client.call("database", "get_required_fees", [operations, coreAssetId], feesAnswer);
  return Math.max(...fees.map(feeOf));
}

/** A proposal's fee comes with those of the operations in it: `[fee, [fees…]]`. */
function feeOf(answer: unknown): number {
  const single = Array.isArray(answer) ? (answer[0] as unknown) : answer;
  return Number((single as { amount: unknown }).amount);
}

async function findBalances(
  client: RpcClient,
  accounts: readonly Found[],
  assets: readonly Asset[],
): Promise<Record<string, string>[]> {
  const ids = assets.map((asset) => `1.3.${asset.instance}`);
  const answers = await Promise.all(
    accounts.map(({ answer }) => client.call("database", "get_account_balances", [answer.id, ids], amountsAnswer)),
  );
  return answers.map((amounts) =>
    Object.fromEntries(
      assets.map((asset, i) => [
        asset.symbol,
        String(amounts.find((amount) => amount.asset_id === ids[i])?.amount ?? 0n),
      ]),
    ),
  );
}
