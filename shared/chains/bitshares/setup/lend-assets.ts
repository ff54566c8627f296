import type { MixEntry } from "../../../scenario/scenario.ts";
import type { Asset, CallOrderData, PublishFeedData } from "../chain-data.ts";
import { symbolsOf } from "../find-assets.ts";
import { type BitassetAnswer, bitassetsAnswer } from "../node-answers.ts";
import { parseCallOrder } from "../parameters.ts";
import { unitRange } from "../unit-range.ts";
import type { Operation } from "./fee-table.ts";
import { isNamed, type Party, type Scene, wantedUnits } from "./scene.ts";
import { idOf, type Provided, type Reserve, type Stage, type Step } from "./step.ts";

const callOrderUpdate = 3;
const assetUpdateFeedProducers = 13;
const assetGlobalSettle = 18;
const assetPublishFeed = 19;
/** GRAPHENE_DEFAULT_MAINTENANCE_COLLATERAL_RATIO and GRAPHENE_DEFAULT_MAX_SHORT_SQUEEZE_RATIO. */
const [maintenanceRatio, squeezeRatio] = [1750, 1500];
/** Collateral for what is borrowed only to be settled: well above the ratio. */
const borrowRatio = 2n;
/** Of a settled asset there must be something, also where only bids are made for it. */
const leastSettled = 100_000n;
const feePercent = 102n;

/** So many units of an asset are worth one of the core asset: enough of what was settled costs little. */
const worthOne = { lent: 1n, settled: 100n } as const;

interface LendingAsset {
  readonly symbol: string;
  readonly kind: keyof typeof worthOne;
  /** Null: not there yet. */
  readonly asset: { readonly id: string; readonly bitasset: BitassetAnswer } | null;
}

/** Symbols of assets that the workload borrows or publishes prices of, and of those that it needs settled. */
export function lendingSymbols({ options: { workload } }: Scene): ReadonlyMap<string, LendingAsset["kind"]> {
  const used = (operations: readonly string[]): string[] =>
    workload.mix.filter((entry) => isNamed(entry, operations)).map((entry) => symbolsOf(entry)[0] as string);
  return new Map([
    ...used(["call_order_update", "asset_publish_feed"]).map((symbol) => [symbol, "lent"] as const),
    ...used(["asset_settle", "bid_collateral"]).map((symbol) => [symbol, "settled"] as const),
  ]);
}

/** What an asset of the first account has besides others when it is lent against the core asset. */
export const bitassetOptions = {
  feed_lifetime_sec: 2_592_000,
  minimum_feeds: 1,
  force_settlement_delay_sec: 86_400,
  force_settlement_offset_percent: 0,
  maximum_force_settlement_volume: 2000,
  short_backing_asset: "1.3.0",
  extensions: {},
};

/** Prices of the assets that the first account lends, and a global settlement of those that must have had one. */
export async function lendAssets(scene: Scene): Promise<Provided> {
  const first = scene.accounts[0] as Party;
  const own = await findOwn(scene, idOf(first));
  const settled = own.filter(({ kind, asset }) => kind === "settled" && !isSettled(asset?.bitasset));
  const stages = [
    await stageOf(scene, "allow to publish prices", own.filter(lacksPublisher(first)), producersOf),
    await stageOf(scene, "publish prices", own.filter(lacksPrice), priceOf),
    await borrowToSettle(scene, settled),
    await stageOf(scene, "settle assets globally", settled, settlementOf),
  ];
  return { stages, reserves: await publishersReserves(scene, own) };
}

/** Symbols of those whose price or settlement setup will still see to. */
export async function unfinishedLending(scene: Scene): Promise<ReadonlySet<string>> {
  const first = scene.accounts[0] as Party;
  const own = await findOwn(scene, idOf(first));
  const isUnfinished = (one: LendingAsset): boolean =>
    one.kind === "settled" ? !isSettled(one.asset?.bitasset) : lacksPublisher(first)(one) || lacksPrice(one);
  return new Set(own.filter(isUnfinished).map(({ symbol }) => symbol));
}

/** Those that are not there, and those that the first account has issued. */
async function findOwn(scene: Scene, issuer: string | null): Promise<LendingAsset[]> {
  const found = await Promise.all(
    [...lendingSymbols(scene)].map(async ([symbol, kind]): Promise<LendingAsset | null> => {
      const known = scene.assets.get(symbol) ?? null;
      if (known === null) return { symbol, kind, asset: null };
      if (known.issuer !== issuer || known.bitassetId === null) return null;
      const [bitasset] = await scene.client.call("database", "get_objects", [[known.bitassetId]], bitassetsAnswer);
      return bitasset ? { symbol, kind, asset: { id: `1.3.${known.instance}`, bitasset } } : null;
    }),
  );
  return found.filter((one) => one !== null);
}

function isSettled(bitasset: BitassetAnswer | undefined): boolean {
  return bitasset !== undefined && bitasset.settlement_price.base.amount > 0;
}

function lacksPublisher(first: Party): (one: LendingAsset) => boolean {
  return ({ asset }) => asset === null || !asset.bitasset.feeds.some(([account]) => account === idOf(first));
}

function lacksPrice({ asset }: LendingAsset): boolean {
  return asset === null || asset.bitasset.current_feed.settlement_price.base.amount === 0;
}

type Build = (issuer: string, assetId: string, kind: LendingAsset["kind"]) => Operation;

async function stageOf(scene: Scene, name: string, assets: readonly LendingAsset[], build: Build): Promise<Stage> {
  const first = scene.accounts[0] as Party;
  const issuer = idOf(first);
  const steps = assets.map(async ({ asset, kind }): Promise<Step> => {
    const operation = issuer === null || asset === null ? null : build(issuer, asset.id, kind);
    return { sender: first, operation, fee: await scene.fees.of(build("1.2.0", "1.3.1", kind)), spends: [] };
  });
  return { name, steps: await Promise.all(steps) };
}

function producersOf(issuer: string, assetId: string): Operation {
  const fields = { issuer, asset_to_update: assetId, new_feed_producers: [issuer], extensions: [] };
  return [assetUpdateFeedProducers, fields];
}

function priceIn(assetId: string, kind: LendingAsset["kind"]) {
  return { base: { amount: Number(worthOne[kind]), asset_id: assetId }, quote: { amount: 1, asset_id: "1.3.0" } };
}

function priceOf(publisher: string, assetId: string, kind: LendingAsset["kind"]): Operation {
  const price = priceIn(assetId, kind);
  const ratios = { maintenance_collateral_ratio: maintenanceRatio, maximum_short_squeeze_ratio: squeezeRatio };
  const feed = { settlement_price: price, ...ratios, core_exchange_rate: price };
  return [assetPublishFeed, { publisher, asset_id: assetId, feed, extensions: [] }];
}

/** What entries need of an asset that is not there yet, or has no price yet; fees are still 0. */
export function foreseenLending(entry: MixEntry, asset: Asset, backing: Asset): CallOrderData | PublishFeedData {
  const price = [Number(worthOne.lent), 1] as const;
  if (entry.operation === "asset_publish_feed") {
    return {
      ...{ kind: "asset_publish_feed", fee: 0, publisher: 0, asset: asset.instance, backing: backing.instance },
      ...{ price, coreRate: price, maintenanceRatio, squeezeRatio },
    };
  }
  const { debt, ratio } = parseCallOrder(entry.parameters).value;
  return {
    ...{ kind: "call_order_update", fee: 0, debt: asset, backing, worth: 1 / Number(worthOne.lent) },
    ...unitRange(entry, debt, asset),
    ...{ leastRatio: Number(ratio.minimum), mostRatio: Number(ratio.maximum) },
  };
}

function settlementOf(issuer: string, assetId: string, kind: LendingAsset["kind"]): Operation {
  return [
    assetGlobalSettle,
    { issuer, asset_to_settle: assetId, settle_price: priceIn(assetId, kind), extensions: [] },
  ];
}

/** As much as all accounts are to have, against collateral that becomes the fund. */
async function borrowToSettle(scene: Scene, assets: readonly LendingAsset[]): Promise<Stage> {
  const first = scene.accounts[0] as Party;
  const fee = await scene.fees.of(debtOf("1.2.0", "1.3.1", 1n, 1n));
  const steps = assets.flatMap(({ symbol, asset }): Step[] => {
    const debt = lackingOf(scene, symbol);
    if (debt === 0n) return [];
    const collateral = (debt * borrowRatio) / worthOne.settled + 1n;
    const borrower = idOf(first);
    const operation = borrower === null || asset === null ? null : debtOf(borrower, asset.id, debt, collateral);
    return [{ sender: first, operation, fee, spends: [{ symbol: scene.core.symbol, units: collateral }] }];
  });
  return { name: "borrow what is to be settled", steps };
}

/** What the accounts lack together of an asset that is settled later. */
function lackingOf(scene: Scene, symbol: string): bigint {
  const isHeld = scene.options.workload.mix.some(
    (entry) => isNamed(entry, ["asset_settle"]) && symbolsOf(entry).includes(symbol),
  );
  const wanted = isHeld ? wantedUnits(scene, symbol) * BigInt(scene.accounts.length) : 0n;
  const needed = wanted > leastSettled ? wanted : leastSettled;
  const held = scene.accounts.reduce((sum, { balances }) => sum + (balances.get(symbol) ?? 0n), 0n);
  return needed > held ? needed - held : 0n;
}

function debtOf(borrower: string, assetId: string, debt: bigint, collateral: bigint): Operation {
  return [
    callOrderUpdate,
    {
      funding_account: borrower,
      delta_collateral: { amount: collateral.toString(), asset_id: "1.3.0" },
      delta_debt: { amount: debt.toString(), asset_id: assetId },
      extensions: {},
    },
  ];
}

/** The first account publishes for all. */
async function publishersReserves(scene: Scene, own: readonly LendingAsset[]): Promise<Reserve[]> {
  const { workload, poolNeeds } = scene.options;
  const fee = await scene.fees.of(priceOf("1.2.0", "1.3.1", "lent"));
  const count = workload.mix.reduce((sum, entry, i) => {
    const isOwn = own.some(({ symbol }) => symbolsOf(entry).includes(symbol));
    return isOwn && isNamed(entry, ["asset_publish_feed"]) ? sum + (poolNeeds[i] ?? 0) : sum;
  }, 0);
  if (count === 0) return [];
  const units = (BigInt(count) * fee * feePercent) / 100n;
  return [{ party: scene.accounts[0] as Party, symbol: scene.core.symbol, units }];
}
