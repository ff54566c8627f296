import { AppError, type Problem } from "../../errors/app-error.ts";
import type { MixEntry } from "../../scenario/scenario.ts";
import type { Asset, CallOrderData, PublishFeedData } from "./chain-data.ts";
import type { AssetTable } from "./find-assets.ts";
import { parseNamedOperation } from "./named-operations.ts";
import { type AccountAnswer, type BitassetAnswer, bitassetsAnswer } from "./node-answers.ts";
import { instanceOf } from "./object-id.ts";
import type { KnownAsset } from "./operation-definition.ts";
import { parseCallOrder, parsePublishFeed } from "./parameters.ts";
import type { RpcClient } from "./rpc-client.ts";
import { unitRange } from "./unit-range.ts";

const coreAssetId = "1.3.0";
/** Ratios are in thousandths. */
const ratioDenominator = 1000;

interface LendingSetting {
  readonly mix: readonly MixEntry[];
  readonly accounts: readonly AccountAnswer[];
  readonly assets: AssetTable;
}

const operations = ["call_order_update", "asset_publish_feed", "asset_settle", "bid_collateral"];

/**
 * What the entries need of assets that are lent against collateral; fees are still 0. Throws AppError RESOURCES_MISSING
 * where an asset is not what an entry needs.
 */
export async function findLending(
  client: RpcClient,
  setting: LendingSetting,
): Promise<ReadonlyMap<MixEntry, CallOrderData | PublishFeedData>> {
  const entries = setting.mix.filter(({ template, operation }) => template === null && operations.includes(operation));
  const problems: Problem[] = [];
  const found = new Map<MixEntry, CallOrderData | PublishFeedData>();
  for (const entry of entries) {
    const asset = setting.assets.known(symbolOf(entry));
    const bitasset = await bitassetOf(client, asset);
    const looked = bitasset === null ? notLent(asset) : look(entry, asset, bitasset, setting);
    if (typeof looked === "string") {
      problems.push({ path: `mix.${entry.name}`, value: asset.symbol, expected: looked });
    } else if (looked !== null) found.set(entry, looked);
  }
  if (problems.length === 0) return found;
  throw new AppError("RESOURCES_MISSING", "the network lacks what operations of the workload need", { problems });
}

function notLent({ symbol }: Asset): string {
  return `expected an asset that is lent against collateral, which ${symbol} is not`;
}

/** The asset that an entry is about. */
function symbolOf(entry: MixEntry): string {
  if (entry.operation === "call_order_update") return parseCallOrder(entry.parameters).value.debt.symbol as string;
  if (entry.operation === "asset_publish_feed") return parsePublishFeed(entry.parameters).value.asset;
  return parseNamedOperation(entry.operation, entry.parameters)?.value.symbols[0] as string;
}

async function bitassetOf(client: RpcClient, { bitassetId }: KnownAsset): Promise<BitassetAnswer | null> {
  if (bitassetId === null) return null;
  const [bitasset] = await client.call("database", "get_objects", [[bitassetId]], bitassetsAnswer);
  return bitasset ?? null;
}

/** The entry's data, null where it needs none of its own, or what was expected instead. */
function look(
  entry: MixEntry,
  asset: KnownAsset,
  bitasset: BitassetAnswer,
  { accounts, assets }: LendingSetting,
): CallOrderData | PublishFeedData | string | null {
  const isSettled = bitasset.settlement_price.base.amount > 0;
  switch (entry.operation) {
    case "call_order_update":
      return isSettled ? "expected an asset that was not settled" : toCallOrder(entry, asset, bitasset, assets);
    case "asset_publish_feed":
      return toPublishFeed(asset, bitasset, accounts);
    case "asset_settle":
      return isSettled ? lookAtSmallest(entry, asset, bitasset) : null;
    default:
      return isSettled ? lookAtBacking(entry, bitasset, assets) : "expected an asset that was settled globally";
  }
}

function toCallOrder(
  entry: MixEntry,
  asset: KnownAsset,
  { options, current_feed: feed }: BitassetAnswer,
  assets: AssetTable,
): CallOrderData | string {
  const { debt, ratio } = parseCallOrder(entry.parameters).value;
  const { base, quote } = feed.settlement_price;
  if (base.amount === 0) return "expected an asset with a price that somebody publishes";
  const least = Math.max(feed.maintenance_collateral_ratio, feed.initial_collateral_ratio) / ratioDenominator;
  if (Number(ratio.minimum) <= least) return `expected a ratio above ${least}, which its positions need at least`;
  const backing = assets.all.find(({ instance }) => `1.3.${instance}` === options.short_backing_asset);
  if (backing === undefined || options.short_backing_asset !== coreAssetId) {
    return "expected an asset whose collateral is the core asset";
  }
  return {
    kind: "call_order_update",
    fee: 0,
    debt: { symbol: asset.symbol, instance: asset.instance, precision: asset.precision },
    backing,
    ...unitRange(entry, debt, asset),
    worth: quote.amount / base.amount,
    leastRatio: Number(ratio.minimum),
    mostRatio: Number(ratio.maximum),
  };
}

/** Of an account of the run that may publish: what it has said last, or what everybody says. */
function toPublishFeed(
  { instance, symbol }: KnownAsset,
  { feeds, current_feed: median, options }: BitassetAnswer,
  accounts: readonly AccountAnswer[],
): PublishFeedData | string {
  const publisher = accounts.findIndex(({ id }) => feeds.some(([account]) => account === id));
  if (publisher < 0) return `expected one of those who publish the price of ${symbol} among the accounts`;
  const { id } = accounts[publisher] as AccountAnswer;
  const own = feeds.find(([account]) => account === id)?.[1][1];
  const feed = own !== undefined && own.settlement_price.base.amount > 0 ? own : median;
  const { settlement_price: price, core_exchange_rate: rate } = feed;
  if (price.base.amount === 0) return `expected a price of ${symbol} that was published before`;
  return {
    kind: "asset_publish_feed",
    fee: 0,
    publisher,
    asset: instance,
    backing: instanceOf(options.short_backing_asset),
    price: [price.base.amount, price.quote.amount],
    coreRate: [rate.base.amount, rate.quote.amount],
    maintenanceRatio: feed.maintenance_collateral_ratio,
    squeezeRatio: feed.maximum_short_squeeze_ratio,
  };
}

/** What is settled must be worth a smallest unit at least. */
function lookAtSmallest(
  entry: MixEntry,
  asset: KnownAsset,
  { settlement_price: price }: BitassetAnswer,
): string | null {
  const use = parseNamedOperation(entry.operation, entry.parameters)?.value;
  if (!use?.spends) return null;
  const { minimum } = unitRange(entry, use.spends, asset);
  if ((minimum * price.quote.amount) / price.base.amount >= 1) return null;
  return `expected amounts that are worth something: at least ${Math.ceil(price.base.amount / price.quote.amount)} of its smallest units`;
}

function lookAtBacking(entry: MixEntry, { options }: BitassetAnswer, assets: AssetTable): string | null {
  const use = parseNamedOperation(entry.operation, entry.parameters)?.value;
  const { symbol, instance } = assets.get(use?.symbols[1] ?? null);
  if (`1.3.${instance}` === options.short_backing_asset) return null;
  return `expected a bid of its own collateral, which ${symbol} is not`;
}
