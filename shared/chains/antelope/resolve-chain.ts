import { AppError, type ErrorCode, type Problem } from "../../errors/app-error.ts";
import type { MixEntry } from "../../scenario/scenario.ts";
import type { AccountKey, ResolvedAccount, ResolvedChain, ResolveOptions } from "../driver.ts";
import {
  type AccountData,
  type AntelopeData,
  type BroadcastCall,
  type ChainParameters,
  type ContractAbi,
  type EntryData,
  poolOf,
  type Token,
} from "./chain-data.ts";
import { dealPermissions } from "./deal-permissions.ts";
import { type ChainLimits, fetchChainLimits } from "./fetch-chain-limits.ts";
import { findCoreToken, findToken, parseAmount } from "./find-core-token.ts";
import { HttpClient, ifAnswered, nodeFailureOf } from "./http-client.ts";
import { canonicalPublicKey, privateKeyBytes, publicKeyText } from "./keys.ts";
import { systemAccount, type TokenWanted } from "./named-actions.ts";
import {
  type AccountAnswer,
  accountAnswer,
  balanceAnswer,
  type PermissionAnswer,
  rawAbiAnswer,
} from "./node-answers.ts";
import { contractsOf, toEntries, tokensOf } from "./workload-needs.ts";

const timeoutMs = 30_000;
/** The newest first: it says the most about failures. */
const broadcastCalls: readonly BroadcastCall[] = ["send_transaction2", "send_transaction", "push_transaction"];
/** nodeos: account_query_exception. */
const unknownAccount = 3_060_002;

interface Found {
  readonly key: AccountKey;
  readonly answer: AccountAnswer;
  readonly permission: string;
}

export async function resolveChain(options: ResolveOptions): Promise<ResolvedChain> {
  const { endpoint, signal, workload } = options;
  const client = new HttpClient({ endpoint, timeoutMs, signal });
  try {
    const [accounts, limits, coreToken, abis, broadcastCall] = await Promise.all([
      findAccounts(client, options.accounts),
      fetchChainLimits(client),
      findCoreToken(client),
      fetchAbis(client, contractsOf(workload.mix)),
      chooseCall(options),
    ]);
    const tokens = await findTokens(client, coreToken, tokensOf(workload.mix));
    const names = accounts.map(({ key }) => key.name);
    const entries = dealPermissions(
      workload.mix,
      toEntries(workload.mix, { coreToken, tokens, abis, accounts: names }),
      accounts.map(({ answer }) => answer),
    );
    const balances = await findBalances(client, names, usedTokens(coreToken, tokens, entries));
    const data: AntelopeData = {
      ...{ broadcastCall, coreToken, tokens, abis, entries },
      accounts: accounts.map(toAccountData),
      parameters: toParameters(limits),
    };
    refuseExhausted(accounts, data.accounts);
    refuseUnsellable(workload.mix, data);
    return {
      accounts: accounts.map(({ key }, i) => toAccount(key, balances[i])),
      pools: entries.map(poolOf),
      data,
    };
  } finally {
    await client.close();
  }
}

function toAccount({ name, privateKey }: AccountKey, balances: Record<string, string> = {}): ResolvedAccount {
  return { name, id: name, privateKey, balances };
}

async function findAccounts(client: HttpClient, keys: readonly AccountKey[]): Promise<Found[]> {
  const answers = await Promise.all(keys.map(({ name }) => findAccount(client, name)));
  const found: Found[] = [];
  const missing: Problem[] = [];
  const refused: Problem[] = [];
  for (const [i, key] of keys.entries()) {
    const answer = answers[i];
    if (!answer) {
      missing.push({ path: key.name, expected: "expected an account of this name on the chain" });
      continue;
    }
    const permission = permissionOf(key, answer);
    if (permission === null) refused.push(keyProblem(key, answer));
    else found.push({ key, answer, permission });
  }
  const fail = (code: ErrorCode, count: number, what: string): AppError =>
    new AppError(code, `${count} of ${keys.length} accounts ${what}`, { problems: [...missing, ...refused] });
  if (missing.length > 0) throw fail("ACCOUNT_MISSING", missing.length, "do not exist on this chain");
  if (refused.length > 0) throw fail("ACCOUNT_KEY", refused.length, "cannot sign with the keys given for them");
  return found;
}

/** Null when there is no such account; nodes answer that with a failure of its own number. */
export async function findAccount(client: HttpClient, name: string): Promise<AccountAnswer | null> {
  try {
    return await client.call("get_account", { account_name: name }, accountAnswer);
  } catch (error) {
    const failure = nodeFailureOf(error);
    // Older nodes have no number for it; text that cannot be a name is a bad request.
    const isUnknown = failure?.code === unknownAccount || failure?.message.includes("unknown key") === true;
    if (isUnknown || failure?.status === 400) return null;
    throw error;
  }
}

/** The permission that the key satisfies alone, `active` before `owner` before all others. */
export function permissionOf({ name, privateKey }: AccountKey, { permissions }: AccountAnswer): string | null {
  const key = canonicalPublicKey(publicKeyText(privateKeyBytes(privateKey, name)));
  const satisfied = permissions
    .filter((permission) => weightOf(permission, key) >= Math.max(1, permission.required_auth.threshold))
    .map((permission) => permission.perm_name);
  return ["active", "owner"].find((permission) => satisfied.includes(permission)) ?? satisfied[0] ?? null;
}

function weightOf({ required_auth: { keys } }: PermissionAnswer, publicKey: string): number {
  return keys.find(({ key }) => isKey(key, publicKey))?.weight ?? 0;
}

/** Keys of kinds that the library does not know are not ours. */
function isKey(text: string, publicKey: string): boolean {
  try {
    return canonicalPublicKey(text) === publicKey;
  } catch {
    return false;
  }
}

export function keyProblem({ name, privateKey }: AccountKey, { permissions }: AccountAnswer): Problem {
  const key = canonicalPublicKey(publicKeyText(privateKeyBytes(privateKey, name)));
  const active = permissions.find(({ perm_name }) => perm_name === "active");
  const weight = active === undefined ? 0 : weightOf(active, key);
  const value = weight === 0 ? "in none of its permissions" : `weight ${weight} of ${active?.required_auth.threshold}`;
  return { path: name, value, expected: "expected a key that satisfies the account's active permission alone" };
}

function toAccountData({ answer, permission }: Found): AccountData {
  const { cpu_limit, net_limit, ram_quota, ram_usage, self_delegated_bandwidth: own } = answer;
  const staked = (weight: string): number => Number(parseAmount(weight)?.units ?? 0);
  const available = (amount: number): number | null => (amount < 0 ? null : amount);
  return {
    permission,
    cpuMicros: available(cpu_limit.available),
    netBytes: available(net_limit.available),
    ramBytes: ram_quota < 0 ? null : Math.max(0, ram_quota - ram_usage),
    ...(own && { stakedCpu: staked(own.cpu_weight), stakedNet: staked(own.net_weight) }),
  };
}

/** How much a run needs is estimated later; an account without any cannot send a single transaction. */
function refuseExhausted(accounts: readonly Found[], data: readonly AccountData[]): void {
  const problems = accounts.flatMap(({ key }, i): Problem[] => {
    const { cpuMicros, netBytes } = data[i] as AccountData;
    const lacks = [...(cpuMicros === 0 ? ["CPU"] : []), ...(netBytes === 0 ? ["NET"] : [])];
    if (lacks.length === 0) return [];
    return [{ path: key.name, value: `no ${lacks.join(" and no ")} left`, expected: "expected staked resources" }];
  });
  if (problems.length === 0) return;
  throw new AppError("RESOURCES_MISSING", `${problems.length} of ${accounts.length} accounts cannot send anything`, {
    problems,
    hint: "Stake CPU and NET to them, power them up, or give them unlimited resources on a network of your own.",
  });
}

/** RAM without a limit was not bought, and the system contract buys back only what was. */
function refuseUnsellable(
  mix: readonly MixEntry[],
  { accounts, entries }: Pick<AntelopeData, "accounts" | "entries">,
): void {
  if (accounts.every(({ ramBytes }) => ramBytes !== null)) return;
  const problems = entries.flatMap((entry, i): Problem[] => {
    const sells = entry.kind === "action" && entry.contract === systemAccount && entry.action === "sellram";
    const expected = "expected accounts that have bought RAM, and not as much as they like";
    return sells ? [{ path: `mix.${mix[i]?.name}`, expected }] : [];
  });
  if (problems.length === 0) return;
  throw new AppError("RESOURCES_MISSING", "the accounts have no RAM that they could sell", { problems });
}

/** Of each contract, by its account. Throws RESOURCES_MISSING where there is none. */
export async function fetchAbis(
  client: HttpClient,
  contracts: readonly string[],
): Promise<Record<string, ContractAbi>> {
  const answers = await Promise.all(
    contracts.map((contract) => ifAnswered(client.call("get_raw_abi", { account_name: contract }, rawAbiAnswer))),
  );
  const problems = contracts
    .filter((_, i) => !answers[i]?.abi)
    .map((contract): Problem => ({ path: contract, expected: "expected a contract with an ABI on this account" }));
  if (problems.length > 0) {
    throw new AppError("RESOURCES_MISSING", "the chain lacks contracts that the workload uses", { problems });
  }
  return Object.fromEntries(
    contracts.map((contract, i) => [contract, { raw: Buffer.from(answers[i]?.abi ?? "", "base64").toString("hex") }]),
  );
}

/** The first contract that knows a symbol is meant. */
async function findTokens(client: HttpClient, core: Token, wanted: readonly TokenWanted[]): Promise<Token[]> {
  const found = await Promise.all(
    wanted.map(async ({ symbol, contracts }) => {
      if (symbol === null) return null;
      const tokens = await Promise.all(contracts.map((contract) => findToken(client, contract, symbol)));
      return tokens.find((token) => token !== null) ?? null;
    }),
  );
  const named = found.filter((token) => token !== null);
  return [...new Map([core, ...named].map((token) => [`${token.contract} ${token.symbol}`, token])).values()];
}

/** Also those that an entry uses without naming them. */
function usedTokens(core: Token, tokens: readonly Token[], entries: readonly EntryData[]): Token[] {
  const used = entries.flatMap((entry) => (entry.kind === "transfer" ? [entry.token] : entry.tokens));
  return [...new Map([core, ...tokens, ...used].map((token) => [`${token.contract} ${token.symbol}`, token])).values()];
}

/** By symbol. */
async function findBalances(
  client: HttpClient,
  accounts: readonly string[],
  tokens: readonly Token[],
): Promise<Record<string, string>[]> {
  return Promise.all(
    accounts.map(async (account) =>
      Object.fromEntries(
        await Promise.all(
          tokens.map(async (token) => [token.symbol, (await findBalance(client, account, token)) ?? "0"] as const),
        ),
      ),
    ),
  );
}

/** In smallest units; null where the contract has no row for the account, which is empty then. */
export async function findBalance(
  client: HttpClient,
  account: string,
  { contract, symbol }: Token,
): Promise<string | null> {
  // A contract without tables of tokens answers with a failure: then there is no balance either.
  const balances = await ifAnswered(
    client.call("get_currency_balance", { code: contract, account, symbol }, balanceAnswer),
  );
  return (balances?.[0] === undefined ? null : parseAmount(balances[0]))?.units ?? null;
}

export function toParameters({ config }: ChainLimits): ChainParameters {
  return {
    minimumTransactionCpuMicros: config.min_transaction_cpu_usage,
    baseTransactionNetBytes: config.base_per_transaction_net_usage,
    maximumTransactionNetBytes: config.max_transaction_net_usage,
  };
}

/** The newest call that every node has: one body goes to any of them. */
export async function chooseCall({
  network,
  signal,
}: {
  readonly network: { readonly nodes: readonly { readonly endpoint: string }[] };
  readonly signal?: AbortSignal | undefined;
}): Promise<BroadcastCall> {
  const clients = network.nodes.map(({ endpoint }) => new HttpClient({ endpoint, timeoutMs, signal }));
  try {
    for (const call of broadcastCalls) {
      const known = await Promise.all(clients.map((client) => client.has(call)));
      if (known.every(Boolean)) return call;
    }
    throw new AppError("NETWORK_TOO_OLD", "no call for sending transactions is known to all of the network's nodes", {
      hint: "Nodes need the plugin eosio::chain_api_plugin with its calls that write.",
    });
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}
