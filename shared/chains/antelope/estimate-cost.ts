import type { Workload } from "../../scenario/scenario.ts";
import { countMoments, largestCount } from "../../workload/operation-counts.ts";
import type { TemplateNode } from "../../workload/placeholders.ts";
import { AccountPopularity } from "../../workload/popularity.ts";
import type { CostEstimate, ResolvedChain } from "../driver.ts";
import {
  type Draws,
  drawsOf,
  lentWithChance,
  noDraws,
  spentWithChance,
  transactionDraws,
  turnsOf,
} from "../preparing/spending.ts";
import { firstPositions } from "../preparing/transaction-parties.ts";
import { createActionWriters } from "./action-writers.ts";
import type { AccountData, ActionData, AntelopeData, EntryData, Token } from "./chain-data.ts";
import { type ActionUsage, namedActions, tokenAccount } from "./named-actions.ts";
import { billedNetBytes } from "./network-usage.ts";
import { unitRange } from "./template-scope.ts";
import { TransactionDraft } from "./transaction-draft.ts";

/** Everything before the actions and after them, with a number of the transaction's own. */
const headerBytes = 19;

/**
 * Tokens, and of the accounts whose CPU time, NET or RAM is limited those too. A transaction takes at least the CPU time
 * that nodes bill at least, and what it burns on purpose; contracts may take more, which nobody knows beforehand.
 */
export function estimateCost(
  resolved: ResolvedChain,
  workload: Workload,
  operationCounts: readonly number[],
): CostEstimate {
  const lines = costLines(resolved, workload, operationCounts);
  return {
    lines: lines.map(({ asset, precision, needed, available }) => ({
      asset,
      precision,
      needed: needed.reduce((sum, amount, i) => (available[i] === null ? sum : sum + amount), 0n).toString(),
      available: available.reduce<bigint>((sum, amount) => sum + (amount ?? 0n), 0n).toString(),
    })),
    shortAccounts: resolved.accounts
      .filter((_, i) => lines.some(({ needed, available }) => (available[i] ?? needed[i] ?? 0n) < (needed[i] ?? 0n)))
      .map((account) => account.name),
  };
}

export interface CostLine {
  readonly asset: string;
  readonly precision: number;
  /** `stakedCpu`, `stakedNet`: what accounts have staked for themselves. */
  readonly kind: "token" | "cpu" | "net" | "ram" | "stakedCpu" | "stakedNet";
  /** By account. */
  readonly needed: readonly bigint[];
  /** By account; null: no limit. */
  readonly available: readonly (bigint | null)[];
}

/** The same account by account. */
export function costLines(
  resolved: ResolvedChain,
  workload: Workload,
  operationCounts: readonly number[],
): readonly CostLine[] {
  const data = resolved.data as AntelopeData;
  const popularity = new AccountPopularity(workload.popularity, resolved.accounts.length);
  const needs = needsByAccount(resolved, workload, operationCounts, popularity);
  return [...tokenLines(resolved, needs), ...resourceLines(data, needs)].filter(
    ({ needed, available }) => needed.some((amount) => amount > 0n) && available.some((amount) => amount !== null),
  );
}

/** What one account needs for its share of the run. */
interface AccountNeeds {
  readonly tokens: ReadonlyMap<string, { readonly token: Token; readonly amount: number }>;
  readonly cpuMicros: number;
  readonly netBytes: number;
  readonly ramBytes: number;
  /** Of what it has staked for itself, in smallest units of the core token. */
  readonly stakedCpu: number;
  readonly stakedNet: number;
}

function needsByAccount(
  resolved: ResolvedChain,
  workload: Workload,
  operationCounts: readonly number[],
  popularity: AccountPopularity,
): AccountNeeds[] {
  const data = resolved.data as AntelopeData;
  const sizes = exampleBytes(resolved, workload);
  const perTransaction = countMoments(workload.operationsPerTransaction);
  const operations = operationCounts.reduce((sum, count) => sum + count, 0);
  const { accounts } = popularity;
  const { sends, drains } = turnsOf(popularity);
  const needsOf = (share: number, drain: number): AccountNeeds => {
    const draws = operationCounts.map((count) => drawsOf({ count, operations, perTransaction }, share, accounts));
    const drained = operationCounts.map((count) => count * drain);
    const transactions = transactionDraws(operations / perTransaction.mean, share, accounts);
    return {
      tokens: tokensNeeded(data, draws, drained),
      cpuMicros:
        spentEvenly(data.parameters.minimumTransactionCpuMicros, transactions) + burntByAll(data, "cpu", draws),
      netBytes: netNeeded(data, sizes, draws, transactions),
      ramBytes: burntByAll(data, "ram", draws),
      stakedCpu: unstakedByAll(data, "cpu", draws),
      stakedNet: unstakedByAll(data, "net", draws),
    };
  };
  const alike = popularity.isUniform ? needsOf(1 / popularity.accounts, 0) : null;
  return resolved.accounts.map((_, i) => alike ?? needsOf(sends[i] as number, drains[i] as number));
}

function tokensNeeded(data: AntelopeData, draws: readonly Draws[], drained: readonly number[]): AccountNeeds["tokens"] {
  const perSymbol = new Map<string, { readonly token: Token; readonly amount: number }>();
  for (const [i, entry] of data.entries.entries()) {
    for (const { token, amount } of spending(entry, draws[i] ?? noDraws, drained[i] ?? 0)) {
      const before = perSymbol.get(token.symbol)?.amount ?? 0;
      perSymbol.set(token.symbol, { token, amount: before + Math.ceil(amount) });
    }
  }
  return perSymbol;
}

function netNeeded(
  { parameters }: AntelopeData,
  sizes: readonly number[],
  draws: readonly Draws[],
  transactions: Draws,
): number {
  const actionsBytes = draws.reduce((sum, { mean }, i) => sum + mean * (sizes[i] ?? 0), 0);
  const meanBytes = transactions.mean === 0 ? 0 : headerBytes + actionsBytes / transactions.mean;
  return spentEvenly(billedNetBytes(meanBytes, parameters), transactions);
}

function burntByAll(data: AntelopeData, kind: "cpu" | "ram", draws: readonly Draws[]): number {
  return data.entries.reduce((sum, entry, i) => sum + burntBy(entry, kind, draws[i] ?? noDraws), 0);
}

function unstakedByAll({ entries }: AntelopeData, kind: "cpu" | "net", draws: readonly Draws[]): number {
  return entries.reduce((sum, entry, i) => {
    const usage = entry.kind === "action" ? usageOf(entry) : null;
    if (usage?.kind !== "stakes") return sum;
    const { node, tokens } = entry as ActionData;
    const field = fieldOf(node, usage[kind]);
    return (field === null ? [] : assetsIn(field)).reduce((total, range) => {
      return total + Math.ceil(spentEvenly(unitRange(range, tokens).maximum, draws[i] ?? noDraws));
    }, sum);
  }, 0);
}

function tokenLines({ accounts }: ResolvedChain, needs: readonly AccountNeeds[]): CostLine[] {
  const tokens = [...(needs[0]?.tokens.values() ?? [])].map(({ token }) => token);
  return tokens.map(({ symbol, precision }) => ({
    asset: symbol,
    precision,
    kind: "token",
    needed: needs.map((need) => BigInt(need.tokens.get(symbol)?.amount ?? 0)),
    available: accounts.map((account) => BigInt(account.balances[symbol] ?? 0)),
  }));
}

/** What one account needs for that many actions. */
function spending(
  entry: EntryData,
  draws: Draws,
  drained: number,
): { readonly token: Token; readonly amount: number }[] {
  if (entry.kind === "transfer") {
    const mean = (entry.minimum + entry.maximum) / 2;
    return [{ token: entry.token, amount: lentWithChance(mean, entry.maximum, draws) + drained * mean }];
  }
  if (usageOf(entry)?.kind !== "tokens") return [];
  return assetsIn(entry.node).map((range) => {
    const { token, minimum, maximum } = unitRange(range, entry.tokens);
    return { token, amount: spentWithChance((minimum + maximum) / 2, maximum, draws) };
  });
}

function resourceLines({ accounts, coreToken }: AntelopeData, needs: readonly AccountNeeds[]): CostLine[] {
  const line = (
    kind: Exclude<CostLine["kind"], "token">,
    asset: string,
    needed: (need: AccountNeeds) => number,
    available: (account: AccountData) => number | null,
    precision = 0,
  ): CostLine => ({
    asset,
    precision,
    kind,
    needed: needs.map((need) => BigInt(Math.ceil(needed(need)))),
    available: accounts.map(available).map((amount) => (amount === null ? null : BigInt(Math.floor(amount)))),
  });
  return [
    line(
      "cpu",
      "CPU µs",
      (need) => need.cpuMicros,
      (account) => account.cpuMicros,
    ),
    line(
      "net",
      "NET bytes",
      (need) => need.netBytes,
      (account) => account.netBytes,
    ),
    line(
      "ram",
      "RAM bytes",
      (need) => need.ramBytes,
      (account) => account.ramBytes,
    ),
    line(
      "stakedCpu",
      `${coreToken.symbol} staked for CPU`,
      (need) => need.stakedCpu,
      (account) => account.stakedCpu ?? 0,
      coreToken.precision,
    ),
    line(
      "stakedNet",
      `${coreToken.symbol} staked for NET`,
      (need) => need.stakedNet,
      (account) => account.stakedNet ?? 0,
      coreToken.precision,
    ),
  ];
}

/** Where each takes the same. */
function spentEvenly(each: number, draws: Draws): number {
  return spentWithChance(each, each, draws);
}

function burntBy(entry: EntryData, kind: "cpu" | "ram", draws: Draws): number {
  const usage = entry.kind === "action" ? usageOf(entry) : null;
  if (usage?.kind !== kind) return 0;
  if ("bytes" in usage) return spentEvenly(usage.bytes, draws);
  const { mean, largest } = sizeOf(fieldOf((entry as ActionData).node, usage.field));
  return spentWithChance(mean, largest, draws);
}

function usageOf({ contract, action }: ActionData): ActionUsage | null {
  const named = namedActions.get(action);
  // Tokens of other contracts have the same actions.
  return named && (named.contract === contract || named.contract === tokenAccount) ? named.uses : null;
}

function fieldOf(node: TemplateNode, field: string): TemplateNode | null {
  if (node.kind === "object") return node.fields.find(([name]) => name === field)?.[1] ?? null;
  if (node.kind !== "constant") return null;
  return { kind: "constant", value: (node.value as Readonly<Record<string, unknown>>)[field] };
}

function sizeOf(node: TemplateNode | null): { readonly mean: number; readonly largest: number } {
  if (node?.kind === "integer") return { mean: (node.minimum + node.maximum) / 2, largest: node.maximum };
  const constant = node?.kind === "constant" ? Number(node.value) : 0;
  return { mean: constant, largest: constant };
}

function assetsIn(node: TemplateNode): (TemplateNode & { kind: "asset" })["range"][] {
  switch (node.kind) {
    case "asset":
      return [node.range];
    case "list":
      return node.items.flatMap(assetsIn);
    case "object":
      return node.fields.flatMap(([, value]) => assetsIn(value));
    default:
      return [];
  }
}

/** Bytes of an example of each entry's action. */
function exampleBytes(resolved: ResolvedChain, workload: Workload): number[] {
  const { accounts } = resolved.data as AntelopeData;
  const actors = resolved.accounts.map(({ name }, i) => ({
    name,
    permission: (accounts[i] as AccountData).permission,
  }));
  const uniform = new AccountPopularity({ kind: "uniform" }, actors.length);
  const draft = new TransactionDraft(actors, firstPositions(actors.map(({ name }) => name)), uniform);
  const writers = createActionWriters(resolved, uniform, 0, largestCount(workload.operationsPerTransaction));
  return writers.map((writer) => {
    draft.begin(0, 0);
    draft.random.reset(0, 0);
    writer.write(draft, 0, false);
    return draft.binary.length;
  });
}
