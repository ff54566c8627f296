import { isObject, type JsonObject } from "../codec/json.ts";
import type { Amount } from "../codec/read-value.ts";
import { comparePrices, inverse, type Price, timesRatio } from "./price.ts";

/** Collateral ratios are in thousandths. */
export const ratioDenominator = 1000;

/** What a publisher says an asset is worth. */
export interface PriceFeed {
  /** So much debt for so much collateral; null: nobody has said. */
  readonly settlement: Price | null;
  readonly coreRate: Price | null;
  readonly maintenanceRatio: number;
  readonly squeezeRatio: number;
  readonly initialRatio: number;
}

export const noFeed: PriceFeed = {
  settlement: null,
  coreRate: null,
  maintenanceRatio: 1750,
  squeezeRatio: 1500,
  initialRatio: 1750,
};

export interface PublishedFeed {
  readonly publisher: number;
  /** 0: allowed to publish, but has not yet. */
  readonly seconds: number;
  readonly feed: PriceFeed;
}

/** What an asset that is lent against collateral has besides any other. */
export interface Bitasset {
  readonly instance: number;
  readonly asset: number;
  /** As in the protocol. */
  readonly options: JsonObject;
  readonly backing: number;
  readonly isPredictionMarket: boolean;
  /** In the order of the publishers. */
  readonly feeds: readonly PublishedFeed[];
  /** The median of those that have not expired. */
  readonly feed: PriceFeed;
  /** When the oldest of them was published. */
  readonly feedSeconds: number;
  /** Once it was settled for everybody: what the asset is exchanged at, and what is left to exchange it for. */
  readonly settlementPrice: Price | null;
  readonly settlementFund: number;
  /** Collected for the issuer, in the backing asset. */
  readonly collateralFees: number;
}

export interface CallOrder {
  readonly instance: number;
  readonly borrower: number;
  readonly debt: Amount;
  readonly collateral: Amount;
  readonly targetRatio: number | null;
}

export interface CollateralBid {
  readonly instance: number;
  readonly bidder: number;
  readonly collateral: Amount;
  readonly debt: Amount;
}

/** Waits for its date to be exchanged at the feed's price. */
export interface ForceSettlement {
  readonly instance: number;
  readonly owner: number;
  readonly balance: Amount;
  readonly settlementSeconds: number;
}

/** So much collateral for so much debt. */
export function collateralizationOf({ collateral, debt }: CallOrder): Price {
  return { base: collateral, quote: debt };
}

/** At or below this collateral has to be sold. */
export function maintenanceCollateralization({ settlement, maintenanceRatio }: PriceFeed): Price | null {
  return settlement && timesRatio(inverse(settlement), maintenanceRatio, ratioDenominator);
}

/** Above this a position may be opened. */
export function initialCollateralization(feed: PriceFeed): Price | null {
  if (feed.initialRatio <= feed.maintenanceRatio) return maintenanceCollateralization(feed);
  return feed.settlement && timesRatio(inverse(feed.settlement), feed.initialRatio, ratioDenominator);
}

/** Debt for collateral, at the least favourable price at which collateral is sold. */
export function squeezePrice(settlement: Price, { squeezeRatio }: PriceFeed): Price {
  return timesRatio(settlement, ratioDenominator, squeezeRatio);
}

/** When the median has to be taken again because one of its feeds is too old; null while there is none. */
export function feedExpiration({ feed, feedSeconds, options }: Bitasset): number | null {
  return feed.settlement === null ? null : feedSeconds + Number(options.feed_lifetime_sec);
}

/** The same with the median of the feeds that are alive at that time. */
export function withMedian(bitasset: Bitasset, nowSeconds: number): Bitasset {
  const { options, feeds } = bitasset;
  const lifetime = Number(options.feed_lifetime_sec);
  const alive = feeds.filter(({ seconds }) => seconds > 0 && nowSeconds - seconds < lifetime);
  if (alive.length < Number(options.minimum_feeds)) return { ...bitasset, feed: noFeed, feedSeconds: nowSeconds };
  const median = <T>(values: T[], compare: (a: T, b: T) => number): T =>
    values.sort(compare)[Math.floor(values.length / 2)]!;
  const ratio = (name: string, of: (feed: PriceFeed) => number): number => {
    const extensions = isObject(options.extensions) ? options.extensions : {};
    const given = extensions[name];
    if (given !== undefined && given !== null) return Number(given);
    return median(
      alive.map(({ feed }) => of(feed)),
      (a, b) => a - b,
    );
  };
  const price = (of: (feed: PriceFeed) => Price | null): Price =>
    median(
      alive.map(({ feed }) => of(feed)!),
      comparePrices,
    );
  return {
    ...bitasset,
    feedSeconds: Math.min(...alive.map(({ seconds }) => seconds)),
    feed: {
      settlement: price(({ settlement }) => settlement),
      coreRate: price(({ coreRate }) => coreRate),
      maintenanceRatio: ratio("maintenance_collateral_ratio", (feed) => feed.maintenanceRatio),
      squeezeRatio: ratio("maximum_short_squeeze_ratio", (feed) => feed.squeezeRatio),
      initialRatio: ratio("initial_collateral_ratio", (feed) => feed.initialRatio),
    },
  };
}
