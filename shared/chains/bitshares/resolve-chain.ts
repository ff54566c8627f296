import { AppError, type ErrorCode, messageOf, type Problem } from "../../errors/app-error.ts";
import type { MixEntry, Workload } from "../../scenario/scenario.ts";
import { largestCount } from "../../workload/operation-counts.ts";
import { parseTemplate } from "../../workload/placeholders.ts";
import type { AccountKey, ResolvedAccount, ResolvedChain, ResolveOptions } from "../driver.ts";
import {
  type Asset,
  type BitsharesData,
  type EntryData,
  type HtlcCreateData,
  type OrderCreateData,
  poolOf,
  type TransferData,
} from "./chain-data.ts";
import { type AssetTable, findAssets } from "./find-assets.ts";
import { findBasicAccounts } from "./find-basic-accounts.ts";
import { findLending } from "./find-lending.ts";
import { findNamed } from "./find-named.ts";
import { findOrders } from "./find-orders.ts";
import { findPooled } from "./find-pooled.ts";
import { privateKeyBytes, publicKeyText } from "./keys.ts";
import { type AccountAnswer, accountsAnswer, amountsAnswer } from "./node-answers.ts";
import { instanceOf } from "./object-id.ts";
import { parseHtlcCreate, parseOrderCreate, parseTransfer } from "./parameters.ts";
import { feeSamplesOf, requiredFee } from "./required-fees.ts";
import { RpcClient } from "./rpc-client.ts";
import { unitRange } from "./unit-range.ts";

const timeoutMs = 30_000;
const accountsPerCall = 100;

interface Found {
  readonly key: AccountKey;
  readonly answer: AccountAnswer;
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

export function keyProblem({ name, privateKey }: AccountKey, { active }: AccountAnswer): Problem | null {
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
  const setting = { mix, accounts: answersOf(accounts), assets };
  const found = new Map<MixEntry, EntryData>([
    ...(await findOrders(client, setting)),
    ...(await findPooled(client, setting)),
    ...(await findLending(client, setting)),
  ]);
  const instances = accounts.map(({ answer }) => instanceOf(answer.id));
  const named = await findNamed(client, { ...setting, headNumber: options.network.headNumber });
  const drafts = mix.map(
    (entry) => named.get(entry) ?? found.get(entry) ?? toEntryData(entry, assets, answersOf(accounts)),
  );
  const priced = await priceEntries(client, options.workload, drafts, { assets: assets.all, instances });
  const entries = await dealBasicAccounts(client, priced, accounts);
  refuseLoneAccount(mix, entries, accounts.length);
  return entries;
}

/** The entries with what the network asks for each of their operations. Throws PLAN_IMPOSSIBLE where it cannot hold one. */
export async function priceEntries(
  client: RpcClient,
  { mix, operationsPerTransaction }: Workload,
  drafts: readonly EntryData[],
  { assets, instances }: { readonly assets: readonly Asset[]; readonly instances: readonly number[] },
): Promise<EntryData[]> {
  const most = largestCount(operationsPerTransaction);
  // All before the first question: a template that cannot be filled must not leave questions that nobody waits for.
  const samples = drafts.map((draft, i) => {
    try {
      return feeSamplesOf(draft, assets, instances, most);
    } catch (error) {
      throw cannotBeHeld(mix[i] as MixEntry, error);
    }
  });
  const fees = await Promise.all(samples.map((sample) => requiredFee(client, sample)));
  return drafts.map((draft, i) => ({ ...draft, fee: fees[i] as number }));
}

/** The serializer names the field and the value, in lines of which the first tells enough. */
function cannotBeHeld({ name }: MixEntry, error: unknown): AppError {
  const [value = ""] = messageOf(error).replaceAll("\t", " ").split("\n");
  const expected = "expected fields that the operation can hold, also with the largest counter";
  return new AppError("PLAN_IMPOSSIBLE", "a template makes what the chain cannot hold", {
    problems: [{ path: `workload.mix.${name}`, value, expected }],
    cause: error,
  });
}

/** Throws PLAN_IMPOSSIBLE where an operation is between two. */
export function refuseLoneAccount(mix: readonly MixEntry[], entries: readonly EntryData[], accounts: number): void {
  if (accounts >= 2) return;
  const needy = mix.filter((_, i) => {
    const entry = entries[i] as EntryData;
    return (
      entry.kind === "transfer" ||
      entry.kind === "htlc_create" ||
      (entry.kind === "template" && JSON.stringify(entry.node).includes('"other"'))
    );
  });
  if (needy.length === 0) return;
  const problems = needy.map((entry): Problem => ({ path: `mix.${entry.name}`, expected: "expected two accounts" }));
  throw new AppError("PLAN_IMPOSSIBLE", "the workload needs at least two accounts", { problems });
}

/** Of what needs nothing of the chain but accounts and assets; fees are still 0. */
export function toEntryData(entry: MixEntry, assets: AssetTable, accounts: readonly AccountAnswer[]): EntryData {
  if (entry.template !== null) {
    return { kind: "template", operation: entry.operation, node: parseTemplate(entry.template).node, fee: 0 };
  }
  switch (entry.operation) {
    case "transfer":
      return toTransferData(entry, assets, accounts.map(memoKeyOf));
    case "limit_order_create":
      return toOrderCreateData(entry, assets);
    case "htlc_create":
      return toHtlcCreateData(entry, assets, accounts);
    default:
      return { kind: "account_upgrade", fee: 0, basic: [], holders: [] };
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

function toHtlcCreateData(entry: MixEntry, assets: AssetTable, accounts: readonly AccountAnswer[]): HtlcCreateData {
  const { amount, claimSeconds } = parseHtlcCreate(entry.parameters).value;
  const asset = assets.get(amount.symbol);
  const names = accounts.map(({ name }) => name);
  return { kind: "htlc_create", fee: 0, asset, ...unitRange(entry, amount, asset), claimSeconds, names };
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
