import { type Bitasset, noFeed, type PriceFeed, withMedian } from "../chain/bitasset.ts";
import { assertion, type ChainFailure } from "../chain/failure.ts";
import { missingObject } from "../chain/missing-object.ts";
import type { Asset } from "../chain/objects.ts";
import { comparePrices, readPrice } from "../chain/price.ts";
import type { State } from "../chain/state.ts";
import { isObject, type JsonObject } from "../codec/json.ts";
import type { OtherOperation } from "../codec/operation.ts";
import { readInstance } from "../codec/read-value.ts";
import { type Evaluation, nothing } from "./evaluation.ts";
import { closeIfWorthless, reviveBitasset } from "./global-settlement.ts";

const file = "asset_evaluator.cpp";

/** Bits of an asset's flags and of its issuer's permissions. */
export const assetFlags = {
  disableForceSettle: 0x10,
  globalSettle: 0x20,
  witnessFed: 0x80,
  committeeFed: 0x100,
  disableNewSupply: 0x400,
  disableCollateralBidding: 0x8000,
} as const;

export function hasFlag({ options }: Asset, flag: number): boolean {
  return (Number(options.flags) & flag) !== 0;
}

/** Makes what a new asset has besides others when it is lent against collateral. */
export function createBitasset(asset: number, options: JsonObject, isPredictionMarket: boolean, state: State): void {
  state.bitassets.set(asset, {
    instance: state.nextInstance("bitasset"),
    asset,
    options,
    backing: readInstance(options.short_backing_asset, "1.3."),
    isPredictionMarket,
    feeds: [],
    feed: noFeed,
    feedSeconds: 0,
    settlementPrice: null,
    settlementFund: 0,
    collateralFees: 0,
  });
}

interface Found {
  readonly asset: Asset;
  readonly bitasset: Bitasset;
}

/** The asset that an operation is about, and what it has besides others. */
function found(id: unknown, state: State): { readonly asset?: Asset; readonly bitasset?: Bitasset } {
  const instance = readInstance(String(id), "1.3.");
  const [asset, bitasset] = [state.assets.get(instance), state.bitassets.get(instance)];
  return { ...(asset !== undefined && { asset }), ...(bitasset !== undefined && { bitasset }) };
}

/** Refuses with the operation's own words, and adds where that was. */
function refuser(body: JsonObject, captureLine: number) {
  return (line: number, format: string): ChainFailure =>
    assertion({ file, line, method: "do_evaluate" }, { format }).capture(
      file,
      captureLine,
      "do_evaluate",
      JSON.stringify({ o: body }),
    );
}

export function refusePublishFeed({ body, payer }: OtherOperation, { state }: Evaluation): ChainFailure | null {
  const refuse = refuser(body, 1474);
  const { asset, bitasset } = found(body.asset_id, state);
  if (asset === undefined) return missingObject(String(body.asset_id));
  if (bitasset === undefined) {
    return refuse(1424, "base.is_market_issued(): Can only publish price feeds for market-issued assets");
  }
  if (bitasset.isPredictionMarket && bitasset.settlementPrice !== null) {
    return refuse(1429, "!bitasset.is_globally_settled(): No further feeds may be published after a settlement event");
  }
  const feed = readFeed(body);
  if (feed.settlement?.quote.asset !== bitasset.backing) {
    return refuse(
      1433,
      "o.feed.settlement_price.quote.asset_id == bitasset.options.short_backing_asset: Quote asset type in settlement price should be same as backing asset of this asset",
    );
  }
  if (feed.coreRate?.quote.asset !== 0) {
    return refuse(
      1440,
      "o.feed.core_exchange_rate.quote.asset_id == asset_id_type(): Quote asset in core exchange rate should be CORE asset",
    );
  }
  return refusePublisher({ asset, bitasset }, payer, state, refuse);
}

function refusePublisher(
  { asset, bitasset }: Found,
  publisher: number,
  state: State,
  refuse: (line: number, format: string) => ChainFailure,
): ChainFailure | null {
  const isActive = (account: number): boolean =>
    state.accounts.get(account)!.active.accounts.some(([member]) => member === publisher);
  if (hasFlag(asset, assetFlags.witnessFed)) {
    if (isActive(1)) return null;
    return refuse(
      1456,
      "d.get(GRAPHENE_WITNESS_ACCOUNT).active.account_auths.count(o.publisher) > 0: Only active witnesses are allowed to publish price feeds for this asset",
    );
  }
  if (hasFlag(asset, assetFlags.committeeFed)) {
    if (isActive(0)) return null;
    return refuse(
      1461,
      "d.get(GRAPHENE_COMMITTEE_ACCOUNT).active.account_auths.count(o.publisher) > 0: Only active committee members are allowed to publish price feeds for this asset",
    );
  }
  if (bitasset.feeds.some((one) => one.publisher === publisher)) return null;
  return refuse(
    1466,
    "bitasset.feeds.count(o.publisher) > 0: The account is not in the set of allowed price feed producers of this asset",
  );
}

function readFeed({ feed, extensions }: JsonObject): PriceFeed {
  const given = feed as JsonObject;
  const maintenanceRatio = Number(given.maintenance_collateral_ratio);
  const initial = isObject(extensions) ? extensions.initial_collateral_ratio : undefined;
  return {
    settlement: readPrice(given.settlement_price as JsonObject),
    coreRate: readPrice(given.core_exchange_rate as JsonObject),
    maintenanceRatio,
    squeezeRatio: Number(given.maximum_short_squeeze_ratio),
    initialRatio: initial === undefined ? maintenanceRatio : Number(initial),
  };
}

export function publishFeed({ body, payer }: OtherOperation, evaluation: Evaluation, cause: number): string {
  const { state, headSeconds } = evaluation;
  const before = state.bitassets.get(readInstance(body.asset_id, "1.3."))!;
  const feeds = [
    ...before.feeds.filter(({ publisher }) => publisher !== payer),
    { publisher: payer, seconds: headSeconds, feed: readFeed(body) },
  ].sort((a, b) => a.publisher - b.publisher);
  const after = withMedian({ ...before, feeds }, headSeconds);
  state.bitassets.set(after.asset, after);
  if (!isSameFeed(before.feed, after.feed)) feedChanged(after, evaluation, cause);
  return nothing;
}

function isSameFeed(a: PriceFeed, b: PriceFeed): boolean {
  if (a.settlement === null || b.settlement === null) return a.settlement === b.settlement;
  const isSamePrice = comparePrices(a.settlement, b.settlement) === 0;
  return (
    isSamePrice &&
    a.maintenanceRatio === b.maintenanceRatio &&
    a.squeezeRatio === b.squeezeRatio &&
    a.initialRatio === b.initialRatio
  );
}

/** A settled asset may come to life again, and one whose positions are worth less than their debt is settled. */
function feedChanged(bitasset: Bitasset, evaluation: Evaluation, cause: number): void {
  if (bitasset.settlementPrice !== null) reviveBitasset(bitasset, evaluation, cause);
  else closeIfWorthless(bitasset, evaluation, cause);
}

/** Takes the medians again of assets whose feeds have become too old. */
export function expireFeed(bitasset: Bitasset, evaluation: Evaluation): void {
  const after = withMedian(bitasset, evaluation.headSeconds);
  evaluation.state.bitassets.set(after.asset, after);
  if (after.feed.settlement !== null) closeIfWorthless(after, evaluation, -1);
}

export function refuseProducers({ body, payer }: OtherOperation, { state }: Evaluation): ChainFailure | null {
  const refuse = refuser(body, 1070);
  const producers = body.new_feed_producers as readonly string[];
  if (producers.length > 10) {
    return refuse(
      1052,
      "o.new_feed_producers.size() <= d.get_global_properties().parameters.maximum_asset_feed_publishers: Cannot specify more feed producers than maximum allowed",
    );
  }
  const { asset, bitasset } = found(body.asset_to_update, state);
  if (asset === undefined) return missingObject(String(body.asset_to_update));
  if (bitasset === undefined) {
    return refuse(1057, "a.is_market_issued(): Cannot update feed producers on a non-BitAsset.");
  }
  if (hasFlag(asset, assetFlags.committeeFed)) {
    return refuse(
      1058,
      "0 == (a.options.flags & committee_fed_asset): Cannot set feed producers on a committee-fed asset.",
    );
  }
  if (hasFlag(asset, assetFlags.witnessFed)) {
    return refuse(
      1059,
      "0 == (a.options.flags & witness_fed_asset): Cannot set feed producers on a witness-fed asset.",
    );
  }
  if (asset.issuer !== payer) {
    return refuse(1061, "a.issuer == o.issuer: Only asset issuer can update feed producers of an asset");
  }
  const missing = producers.find((id) => state.accounts.get(readInstance(id, "1.2.")) === undefined);
  return missing === undefined ? null : missingObject(missing);
}

export function updateProducers({ body }: OtherOperation, evaluation: Evaluation, cause: number): string {
  const { state, headSeconds } = evaluation;
  const before = state.bitassets.get(readInstance(body.asset_to_update, "1.3."))!;
  const feeds = (body.new_feed_producers as readonly string[]).map((id) => {
    const publisher = readInstance(id, "1.2.");
    return before.feeds.find((one) => one.publisher === publisher) ?? { publisher, seconds: 0, feed: noFeed };
  });
  const after = withMedian({ ...before, feeds }, headSeconds);
  state.bitassets.set(after.asset, after);
  if (after.feed.settlement !== null && after.settlementPrice === null) closeIfWorthless(after, evaluation, cause);
  return nothing;
}

export function refuseBitassetUpdate({ body, payer }: OtherOperation, { state }: Evaluation): ChainFailure | null {
  const refuse = refuser(body, 890);
  const { asset, bitasset } = found(body.asset_to_update, state);
  if (asset === undefined) return missingObject(String(body.asset_to_update));
  if (bitasset === undefined) {
    return refuse(739, "asset_obj.is_market_issued(): Cannot update BitAsset-specific settings on a non-BitAsset.");
  }
  if (asset.issuer !== payer) {
    return refuse(741, "op.issuer == asset_obj.issuer: Only asset issuer can update bitasset_data of the asset.");
  }
  const backing = readInstance((body.new_options as JsonObject).short_backing_asset, "1.3.");
  if (backing === bitasset.backing) return null;
  if (bitasset.settlementPrice !== null) {
    return refuse(
      811,
      "!current_bitasset_data.is_globally_settled(): This asset has already undergone a global settlement",
    );
  }
  if (state.supplies.get(asset.instance) !== 0) {
    return refuse(815, "dyn.current_supply == 0: Cannot update a bitasset's backing asset if there is current supply");
  }
  if (state.assets.get(backing) === undefined) return missingObject(`1.3.${backing}`);
  if (backing !== asset.instance) return null;
  return refuse(
    825,
    "op.new_options.short_backing_asset != asset_obj.get_id(): Cannot update an asset to be backed by itself.",
  );
}

export function updateBitasset({ body }: OtherOperation, evaluation: Evaluation, cause: number): string {
  const { state, headSeconds } = evaluation;
  const before = state.bitassets.get(readInstance(body.asset_to_update, "1.3."))!;
  const options = body.new_options as JsonObject;
  const backing = readInstance(options.short_backing_asset, "1.3.");
  // What was said of another backing asset says nothing of this one.
  const feeds =
    backing === before.backing ? before.feeds : before.feeds.map((one) => ({ ...one, seconds: 0, feed: noFeed }));
  const after = withMedian({ ...before, options, backing, feeds }, headSeconds);
  state.bitassets.set(after.asset, after);
  if (after.feed.settlement !== null && after.settlementPrice === null) closeIfWorthless(after, evaluation, cause);
  return nothing;
}

export function refuseGlobalSettle({ body, payer }: OtherOperation, { state }: Evaluation): ChainFailure | null {
  const refuse = refuser(body, 1136);
  const { asset, bitasset } = found(body.asset_to_settle, state);
  if (asset === undefined) return missingObject(String(body.asset_to_settle));
  if (bitasset === undefined) {
    return refuse(1114, "asset_to_settle->is_market_issued(): Can only globally settle market-issued assets");
  }
  if ((Number(asset.options.issuer_permissions) & assetFlags.globalSettle) === 0) {
    return refuse(1115, "asset_to_settle->can_global_settle(): The global_settle permission of this asset is disabled");
  }
  if (asset.issuer !== payer) {
    return refuse(1116, "asset_to_settle->issuer == op.issuer: Only asset issuer can globally settle an asset");
  }
  if (state.supplies.get(asset.instance) === 0) {
    return refuse(
      1117,
      "asset_to_settle->dynamic_data(d).current_supply > 0: Can not globally settle an asset with zero supply",
    );
  }
  if (bitasset.settlementPrice !== null) {
    return refuse(
      1122,
      "!_bitasset_data.is_globally_settled(): This asset has been globally settled, cannot globally settle again",
    );
  }
  const price = readPrice(body.settle_price as JsonObject);
  // What a node finds out as it multiplies a debt by the price and compares that with its collateral.
  if (price.base.amount <= 0) return refuse(60, "b.base.amount.value > 0: ");
  if (price.quote.amount < 0) return refuse(62, "result <= GRAPHENE_MAX_SHARE_SUPPLY: ");
  if (price.quote.asset !== bitasset.backing) return refuse(1128, "a.asset_id == b.asset_id: ");
  const lacks = [...state.calls.values()].some(
    ({ debt, collateral }) =>
      debt.asset === asset.instance &&
      Number((BigInt(debt.amount) * BigInt(price.quote.amount)) / BigInt(price.base.amount)) > collateral.amount,
  );
  if (!lacks) return null;
  return refuse(
    1129,
    "( least_collateralized_short->get_debt() * op.settle_price ) <= least_collateralized_short->get_collateral(): Cannot globally settle at supplied price: least collateralized short lacks sufficient collateral to settle.",
  );
}
