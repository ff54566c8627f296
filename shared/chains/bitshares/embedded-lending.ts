import type { MixEntry } from "../../scenario/scenario.ts";
import { toUnits } from "../../workload/amount.ts";
import { symbolsOf } from "./find-assets.ts";
import { parseNamedOperation } from "./named-operations.ts";

const precision = 5;
/** One unit of an asset is worth so many of the core asset's. */
const feed = { debt: "1", collateral: "1" };
/** So many units of a settled asset are exchanged for one of the core asset's: enough of it costs little. */
const settledForOne = 100n;
/** Of what each account would need if it sent them all. */
const mostSettled = 10_000_000_000n;

interface LendingOptions {
  readonly mix: readonly MixEntry[];
  /** By mix entry, how often it is used at most. */
  readonly needs: readonly number[];
  readonly accounts: number;
}

/** Assets that are lent or were settled, which workloads of an embedded network need from the start. */
export function embeddedLending(options: LendingOptions) {
  const settled = symbolsUsedBy(options, ["asset_settle", "bid_collateral"]);
  const lent = symbolsUsedBy(options, ["call_order_update", "asset_publish_feed"]);
  const held = settledUnits(options);
  const fund = (held * BigInt(options.accounts)) / settledForOne;
  return {
    /** Of the core asset, what stands behind the settled ones: the issuer has it besides its own. */
    funds: fund * BigInt(settled.length),
    /** By symbol, of each account, where that is not what it has of others: of what is lent nobody has any. */
    balances: new Map([
      ...lent.map((symbol) => [symbol, "0"] as const),
      ...settled.map((symbol) => [symbol, String(held)] as const),
    ]),
    bitassets: new Map([
      ...lent.map((symbol) => [symbol, { feed }] as const),
      ...settled.map((symbol) => [symbol, { feed, settlementFund: String(fund) }] as const),
    ]),
  };
}

/** The first asset of each entry of these operations. */
function symbolsUsedBy({ mix }: LendingOptions, operations: readonly string[]): string[] {
  const used = mix.filter(({ template, operation }) => template === null && operations.includes(operation));
  return [...new Set(used.map((entry) => symbolsOf(entry)[0] as string))];
}

/** As much as one account needs that settles whatever is settled. */
function settledUnits({ mix, needs }: LendingOptions): bigint {
  const needed = mix.reduce((sum, { template, operation, parameters }, i) => {
    if (template !== null || operation !== "asset_settle") return sum;
    const most = parseNamedOperation(operation, parameters)?.value.spends?.maximum ?? "0";
    return sum + (toUnits(most, precision) ?? 0n) * BigInt(needs[i] ?? 0);
  }, settledForOne * 1000n);
  return needed < mostSettled ? needed : mostSettled;
}
