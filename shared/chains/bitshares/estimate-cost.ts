import type { Problem } from "../../errors/app-error.ts";
import type { Workload } from "../../scenario/scenario.ts";
import { largestCount } from "../../workload/operation-counts.ts";
import type { CostEstimate, ResolvedChain } from "../driver.ts";
import { lentWithChance, spentWithChance } from "../preparing/spending.ts";
import { tooFewDistinct, uniquenessProblems } from "../preparing/uniqueness.ts";
import { distinctTransactions } from "./bitshares-preparer.ts";
import type { BitsharesData, EntryData } from "./chain-data.ts";

/**
 * Fees and what goes into orders are spent for good. What is transferred goes around among the accounts: an account
 * needs only what chance may take from it before it comes back.
 */
export function estimateCost(
  resolved: ResolvedChain,
  workload: Workload,
  operationCounts: readonly number[],
): CostEstimate {
  const data = resolved.data as BitsharesData;
  const accounts = resolved.accounts.length;
  refuseRepetition(data, workload, operationCounts, accounts);
  const perAccount = new Map<number, number>();
  const spend = (instance: number, amount: number): void => {
    perAccount.set(instance, (perAccount.get(instance) ?? 0) + Math.ceil(amount));
  };
  for (const [i, entry] of data.entries.entries()) {
    const draws = (operationCounts[i] ?? 0) / accounts;
    spend(data.coreAsset.instance, spentWithChance(entry.fee, entry.fee, draws));
    for (const [instance, amount] of spending(entry, draws)) spend(instance, amount);
  }
  const assets = data.assets.filter((asset) => (perAccount.get(asset.instance) ?? 0) > 0);
  return {
    lines: assets.map((asset) => ({
      asset: asset.symbol,
      precision: asset.precision,
      needed: (BigInt(perAccount.get(asset.instance) as number) * BigInt(accounts)).toString(),
      available: resolved.accounts
        .reduce((sum, account) => sum + BigInt(account.balances[asset.symbol] ?? 0), 0n)
        .toString(),
    })),
    shortAccounts: resolved.accounts
      .filter((account) =>
        assets.some(
          (asset) => BigInt(account.balances[asset.symbol] ?? 0) < BigInt(perAccount.get(asset.instance) as number),
        ),
      )
      .map((account) => account.name),
  };
}

/** Pairs of an asset and what one account needs of it for that many operations, fees aside. */
function spending(entry: EntryData, draws: number): (readonly [number, number])[] {
  switch (entry.kind) {
    case "transfer":
      return [[entry.asset.instance, lentWithChance(entry.maximum, draws)]];
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
    default:
      return [];
  }
}

/** Throws PLAN_IMPOSSIBLE when the workload cannot make as many different transactions as the run has at least. */
function refuseRepetition(
  data: BitsharesData,
  workload: Workload,
  operationCounts: readonly number[],
  accounts: number,
): void {
  const operations = operationCounts.reduce((sum, count) => sum + count, 0);
  const transactions = Math.ceil(operations / largestCount(workload.operationsPerTransaction));
  const names = workload.mix.map((entry) => entry.name);
  const capacities = distinctTransactions(data, accounts).map((capacity) => ({ capacity }));
  const problems: readonly Problem[] = uniquenessProblems(names, capacities, transactions);
  if (problems.length > 0) throw tooFewDistinct(problems);
}
