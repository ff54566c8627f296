import type { Problem } from "../../errors/app-error.ts";
import type { Workload } from "../../scenario/scenario.ts";
import { countMoments, largestCount } from "../../workload/operation-counts.ts";
import { AccountPopularity } from "../../workload/popularity.ts";
import type { CostEstimate, ResolvedChain } from "../driver.ts";
import { type Draws, drawsOf, lentWithChance, spentWithChance, turnsOf } from "../preparing/spending.ts";
import { tooFewDistinct, uniquenessProblems } from "../preparing/uniqueness.ts";
import { distinctTransactions } from "./bitshares-preparer.ts";
import type { Asset, BitsharesData, EntryData, PooledData } from "./chain-data.ts";

/**
 * Fees and what goes into orders are spent for good. What is transferred goes around among the accounts: an account
 * needs only what chance may take from it before it comes back, and what it sends more than it receives.
 */
export function estimateCost(
  resolved: ResolvedChain,
  workload: Workload,
  operationCounts: readonly number[],
): CostEstimate {
  const lines = costLines(resolved, workload, operationCounts);
  return {
    lines: lines.map(({ asset, needed, available }) => ({
      asset: asset.symbol,
      precision: asset.precision,
      needed: needed.reduce((sum, amount) => sum + amount, 0n).toString(),
      available: available.reduce((sum, amount) => sum + amount, 0n).toString(),
    })),
    shortAccounts: resolved.accounts
      .filter((_, i) => lines.some(({ needed, available }) => (available[i] as bigint) < (needed[i] as bigint)))
      .map((account) => account.name),
  };
}

interface CostLine {
  readonly asset: Asset;
  /** By account, smallest units. */
  readonly needed: readonly bigint[];
  readonly available: readonly bigint[];
}

/** The same account by account. Throws PLAN_IMPOSSIBLE as `cost` does. */
export function costLines(
  resolved: ResolvedChain,
  workload: Workload,
  operationCounts: readonly number[],
): readonly CostLine[] {
  const data = resolved.data as BitsharesData;
  const popularity = new AccountPopularity(workload.popularity, resolved.accounts.length);
  refuseRepetition(data, workload, operationCounts, popularity);
  const needs = needsByAsset(data, workload, operationCounts, popularity);
  return data.assets.flatMap((asset): CostLine[] => {
    const needed = needs.get(asset.instance);
    if (needed === undefined || needed.every((amount) => amount === 0)) return [];
    const available = resolved.accounts.map((account) => BigInt(account.balances[asset.symbol] ?? 0));
    return [{ asset, needed: needed.map(BigInt), available }];
  });
}

/** By the asset's instance, what each account needs in smallest units. */
function needsByAsset(
  data: BitsharesData,
  workload: Workload,
  operationCounts: readonly number[],
  popularity: AccountPopularity,
): Map<number, number[]> {
  const needs = new Map<number, number[]>();
  const { sends, drains } = turnsOf(popularity);
  const perTransaction = countMoments(workload.operationsPerTransaction);
  const operations = operationCounts.reduce((sum, count) => sum + count, 0);
  const spend = (account: number, instance: number, amount: number): void => {
    const needed = needs.get(instance) ?? new Array<number>(popularity.accounts).fill(0);
    needed[account] = (needed[account] as number) + Math.ceil(amount);
    needs.set(instance, needed);
  };
  for (const [i, entry] of data.entries.entries()) {
    const count = operationCounts[i] ?? 0;
    const use = entry.kind === "template" ? entry.use : undefined;
    // Accounts that are upgraded pay for it themselves.
    if (entry.kind === "account_upgrade") continue;
    if (entry.kind === "pooled") {
      for (const [account, cost] of pooledCosts(entry, count)) spend(account, data.coreAsset.instance, cost);
      continue;
    }
    const mostPaid = entry.fee + (use?.extraFee ?? 0);
    const sender = entry.kind === "asset_publish_feed" ? entry.publisher : (use?.sender ?? null);
    if (sender !== null) {
      spend(sender, data.coreAsset.instance, mostPaid * count);
      continue;
    }
    for (const [account, share] of sends.entries()) {
      const draws = drawsOf({ count, operations, perTransaction }, share, popularity.accounts);
      spend(account, data.coreAsset.instance, spentWithChance(mostPaid, mostPaid, draws));
      const drained = count * (drains[account] as number);
      for (const [instance, amount] of spending(entry, draws, drained)) spend(account, instance, amount);
    }
  }
  return needs;
}

/** Pairs of an account and what it pays, of those whose objects are the first `count`. */
function pooledCosts({ owners, costs, fee }: PooledData, count: number): (readonly [number, number])[] {
  return owners.slice(0, count).map((owner, i) => [owner, fee + (costs?.[i] ?? 0)]);
}

/** Pairs of an asset and what one account needs of it for that many operations, fees aside. */
function spending(entry: EntryData, draws: Draws, drained: number): (readonly [number, number])[] {
  switch (entry.kind) {
    case "transfer": {
      const mean = (entry.minimum + entry.maximum) / 2;
      return [[entry.asset.instance, lentWithChance(mean, entry.maximum, draws) + drained * mean]];
    }
    case "htlc_create": {
      const mean = (entry.minimum + entry.maximum) / 2;
      return [[entry.asset.instance, spentWithChance(mean, entry.maximum, draws)]];
    }
    case "limit_order_create": {
      const mean = (entry.minimum + entry.maximum) / 2;
      const meanWorth = (mean * (entry.minimumPrice + entry.maximumPrice)) / 2;
      const share = entry.side === "both" ? 0.5 : 1;
      const sold = [entry.base.instance, spentWithChance(mean * share, entry.maximum, draws)] as const;
      const paid = [
        entry.quote.instance,
        spentWithChance(meanWorth * share, entry.maximum * entry.maximumPrice, draws),
      ] as const;
      if (entry.side === "both") return [sold, paid];
      return [entry.side === "sell" ? sold : paid];
    }
    case "call_order_update": {
      const most = entry.maximum * entry.worth * entry.mostRatio;
      const mean = (((entry.minimum + entry.maximum) / 2) * entry.worth * (entry.leastRatio + entry.mostRatio)) / 2;
      return [[entry.backing.instance, spentWithChance(mean, most, draws)]];
    }
    case "template": {
      const { spends, holds } = entry.use ?? {};
      if (holds) return [[holds.asset.instance, draws.mean > 0 ? holds.maximum : 0]];
      if (!spends) return [];
      const { asset, minimum, maximum } = spends;
      return [[asset.instance, spentWithChance((minimum + maximum) / 2, maximum, draws)]];
    }
    default:
      return [];
  }
}

/** Throws PLAN_IMPOSSIBLE when the workload cannot make as many different transactions as the run has at least. */
function refuseRepetition(
  data: BitsharesData,
  workload: Workload,
  operationCounts: readonly number[],
  popularity: AccountPopularity,
): void {
  const operations = operationCounts.reduce((sum, count) => sum + count, 0);
  const transactions = Math.ceil(operations / largestCount(workload.operationsPerTransaction));
  const names = workload.mix.map((entry) => entry.name);
  const capacities = distinctTransactions(data, popularity).map((capacity) => ({ capacity }));
  const problems: readonly Problem[] = uniquenessProblems(names, capacities, transactions);
  if (problems.length > 0) throw tooFewDistinct(problems);
}
