import type { Workload } from "../../scenario/scenario.ts";
import { largestCount, meanCount } from "../../workload/operation-counts.ts";
import type { TemplateNode } from "../../workload/placeholders.ts";
import type { CostEstimate, ResolvedChain } from "../driver.ts";
import { lentWithChance, spentWithChance } from "../preparing/spending.ts";
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
  const data = resolved.data as AntelopeData;
  const draws = operationCounts.map((count) => count / resolved.accounts.length);
  const lines: Line[] = [...tokenLines(resolved, data, draws), ...resourceLines(resolved, data, workload, draws)];
  return {
    lines: lines.map(({ asset, precision, perAccount, available }) => {
      const limited = available.filter((amount) => amount !== null);
      return {
        asset,
        precision,
        needed: (perAccount * BigInt(limited.length)).toString(),
        available: limited.reduce((sum, amount) => sum + amount, 0n).toString(),
      };
    }),
    shortAccounts: resolved.accounts
      .filter((_, i) => lines.some(({ available, perAccount }) => (available[i] ?? perAccount) < perAccount))
      .map((account) => account.name),
  };
}

interface Line {
  readonly asset: string;
  readonly precision: number;
  readonly perAccount: bigint;
  /** By account; null: no limit. */
  readonly available: readonly (bigint | null)[];
}

function tokenLines({ accounts }: ResolvedChain, data: AntelopeData, draws: readonly number[]): Line[] {
  const perSymbol = new Map<string, { readonly token: Token; readonly amount: number }>();
  for (const [i, entry] of data.entries.entries()) {
    for (const { token, amount } of spending(entry, draws[i] ?? 0)) {
      const before = perSymbol.get(token.symbol)?.amount ?? 0;
      perSymbol.set(token.symbol, { token, amount: before + Math.ceil(amount) });
    }
  }
  return [...perSymbol.values()]
    .filter(({ amount }) => amount > 0)
    .map(({ token: { symbol, precision }, amount }) => ({
      asset: symbol,
      precision,
      perAccount: BigInt(amount),
      available: accounts.map((account) => BigInt(account.balances[symbol] ?? 0)),
    }));
}

/** What one account needs for that many actions. */
function spending(entry: EntryData, draws: number): { readonly token: Token; readonly amount: number }[] {
  if (entry.kind === "transfer") return [{ token: entry.token, amount: lentWithChance(entry.maximum, draws) }];
  if (usageOf(entry)?.kind !== "tokens") return [];
  return assetsIn(entry.node).map((range) => {
    const { token, minimum, maximum } = unitRange(range, entry.tokens);
    return { token, amount: spentWithChance((minimum + maximum) / 2, maximum, draws) };
  });
}

function resourceLines(
  resolved: ResolvedChain,
  data: AntelopeData,
  workload: Workload,
  draws: readonly number[],
): Line[] {
  const { parameters } = data;
  const transactions = draws.reduce((sum, count) => sum + count, 0) / meanCount(workload.operationsPerTransaction);
  const burnt = (kind: "cpu" | "ram"): number =>
    data.entries.reduce((sum, entry, i) => sum + burntBy(entry, kind, draws[i] ?? 0), 0);
  const cpu = withChance(parameters.minimumTransactionCpuMicros, transactions) + burnt("cpu");
  const sizes = exampleBytes(resolved, workload);
  const actionsBytes = draws.reduce((sum, count, i) => sum + count * (sizes[i] ?? 0), 0);
  const meanBytes = transactions === 0 ? 0 : headerBytes + actionsBytes / transactions;
  const net = withChance(billedNetBytes(meanBytes, parameters), transactions);
  return [
    resourceLine(
      "CPU µs",
      cpu,
      data.accounts.map((account) => account.cpuMicros),
    ),
    resourceLine(
      "NET bytes",
      net,
      data.accounts.map((account) => account.netBytes),
    ),
    resourceLine(
      "RAM bytes",
      burnt("ram"),
      data.accounts.map((account) => account.ramBytes),
    ),
  ].filter(({ available, perAccount }) => perAccount > 0n && available.some((amount) => amount !== null));
}

function resourceLine(asset: string, perAccount: number, available: readonly (number | null)[]): Line {
  return {
    asset,
    precision: 0,
    perAccount: BigInt(Math.ceil(perAccount)),
    available: available.map((amount) => (amount === null ? null : BigInt(Math.floor(amount)))),
  };
}

/** Every transaction takes the same, but an account may have more of them than its share. */
function withChance(each: number, draws: number): number {
  return each * (draws + 4 * Math.sqrt(draws));
}

function burntBy(entry: EntryData, kind: "cpu" | "ram", draws: number): number {
  const usage = entry.kind === "action" ? usageOf(entry) : null;
  if (usage?.kind !== kind) return 0;
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
  const draft = new TransactionDraft(actors, firstPositions(actors.map(({ name }) => name)));
  const writers = createActionWriters(resolved, 0, largestCount(workload.operationsPerTransaction));
  return writers.map((writer) => {
    draft.begin(0, 0);
    draft.random.reset(0, 0);
    writer.write(draft, 0, false);
    return draft.binary.length;
  });
}
