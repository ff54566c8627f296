import {
  type Bitasset,
  type CallOrder,
  type CollateralBid,
  type ForceSettlement,
  initialCollateralization,
  maintenanceCollateralization,
  type PriceFeed,
} from "../chain/bitasset.ts";
import { priceForJson } from "../chain/price.ts";
import { integerForJson, toTimeText } from "../codec/json.ts";
import { amountForJson } from "../codec/read-value.ts";

export function renderBitasset(bitasset: Bitasset) {
  const { feed } = bitasset;
  return {
    id: `2.4.${bitasset.instance}`,
    asset_id: `1.3.${bitasset.asset}`,
    feeds: bitasset.feeds.map((one) => [`1.2.${one.publisher}`, [toTimeText(one.seconds), renderFeed(one.feed)]]),
    median_feed: renderFeed(feed),
    current_feed: renderFeed(feed),
    current_feed_publication_time: toTimeText(bitasset.feedSeconds),
    current_maintenance_collateralization: priceForJson(maintenanceCollateralization(feed)),
    current_initial_collateralization: priceForJson(initialCollateralization(feed)),
    options: bitasset.options,
    force_settled_volume: 0,
    is_prediction_market: bitasset.isPredictionMarket,
    settlement_price: priceForJson(bitasset.settlementPrice),
    settlement_fund: integerForJson(bitasset.settlementFund),
    individual_settlement_debt: 0,
    individual_settlement_fund: 0,
    asset_cer_updated: false,
    feed_cer_updated: false,
  };
}

function renderFeed(feed: PriceFeed) {
  return {
    settlement_price: priceForJson(feed.settlement),
    maintenance_collateral_ratio: feed.maintenanceRatio,
    maximum_short_squeeze_ratio: feed.squeezeRatio,
    core_exchange_rate: priceForJson(feed.coreRate),
    initial_collateral_ratio: feed.initialRatio,
  };
}

/** The price is not kept with a position any more: it is one for one. */
export function renderCall({ instance, borrower, collateral, debt, targetRatio }: CallOrder) {
  return {
    id: `1.8.${instance}`,
    borrower: `1.2.${borrower}`,
    collateral: integerForJson(collateral.amount),
    debt: integerForJson(debt.amount),
    call_price: priceForJson({ base: { ...collateral, amount: 1 }, quote: { ...debt, amount: 1 } }),
    ...(targetRatio !== null && { target_collateral_ratio: targetRatio }),
  };
}

export function renderSettlement({ instance, owner, balance, settlementSeconds }: ForceSettlement) {
  return {
    id: `1.4.${instance}`,
    owner: `1.2.${owner}`,
    balance: amountForJson(balance),
    settlement_date: toTimeText(settlementSeconds),
  };
}

export function renderBid({ instance, bidder, collateral, debt }: CollateralBid) {
  return {
    id: `2.17.${instance}`,
    bidder: `1.2.${bidder}`,
    inv_swan_price: priceForJson({ base: collateral, quote: debt }),
  };
}
