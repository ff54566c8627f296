import {
  type Bitasset,
  type CallOrder,
  collateralizationOf,
  initialCollateralization,
  maintenanceCollateralization,
  ratioDenominator,
  squeezePrice,
} from "../chain/bitasset.ts";
import type { Asset } from "../chain/objects.ts";
import {
  comparePrices,
  exchangedUp,
  inverse,
  type Price,
  priceForJson,
  readPrice,
  timesRatio,
} from "../chain/price.ts";
import type { State } from "../chain/state.ts";
import type { JsonObject } from "../codec/json.ts";
import { type OtherOperation, operationTypes } from "../codec/operation.ts";
import { type Amount, amountForJson, readInstance } from "../codec/read-value.ts";
import { type Evaluation, nothing } from "./evaluation.ts";

/** Positions of an asset, the one with the least collateral for its debt first. */
export function positionsOf(asset: number, state: State): CallOrder[] {
  return [...state.calls.values()]
    .filter(({ debt }) => debt.asset === asset)
    .sort((a, b) => comparePrices(collateralizationOf(a), collateralizationOf(b)) || a.instance - b.instance);
}

export function settleGlobally({ body }: OtherOperation, evaluation: Evaluation, cause: number): string {
  const bitasset = evaluation.state.bitassets.get(readInstance(body.asset_to_settle, "1.3."))!;
  settle(bitasset, readPrice(body.settle_price as JsonObject), false, evaluation, cause);
  return nothing;
}

/**
 * Settles the asset when a position is worth less than its debt even at the least favourable price, and nobody offers
 * more for its collateral.
 */
export function closeIfWorthless(bitasset: Bitasset, evaluation: Evaluation, cause: number): void {
  const { state } = evaluation;
  const { settlement } = bitasset.feed;
  const [least] = positionsOf(bitasset.asset, state);
  if (settlement === null || least === undefined) return;
  const swan = inverse(collateralizationOf(least));
  const best = bestOffer(bitasset, state);
  const highest = squeezePrice(settlement, bitasset.feed);
  const isBought = best !== null && comparePrices(best, highest) > 0;
  if (comparePrices(swan, isBought ? best : highest) <= 0) return;
  settle(bitasset, swan, true, evaluation, cause);
}

/** Debt for collateral: what the best of the orders that sell the asset offers. */
function bestOffer({ asset, backing }: Bitasset, state: State): Price | null {
  const instance = state.book.best(asset, backing);
  const order = instance === undefined ? undefined : state.orders.get(instance);
  return order === undefined ? null : { base: order.sell, quote: order.receive };
}

/** Closes all positions at the price, which is debt for collateral, and puts what they owe into the fund. */
function settle(bitasset: Bitasset, price: Price, isSqueezed: boolean, evaluation: Evaluation, cause: number): void {
  const { state } = evaluation;
  const { asset, backing, feed } = bitasset;
  const called = isSqueezed ? maintenanceCollateralization(feed) : null;
  // Positions that were called pay a premium, which the fund does not get but the issuer.
  const fundPrice = isSqueezed ? timesRatio(price, feed.squeezeRatio, ratioDenominator) : price;
  let gathered = 0;
  let fees = 0;
  for (const position of positionsOf(asset, state)) {
    const isCalled = called !== null && comparePrices(collateralizationOf(position), called) <= 0;
    const atMost = (amount: number): number => Math.min(amount, position.collateral.amount);
    const pays = atMost(exchangedUp(position.debt, isCalled ? price : fundPrice).amount);
    const fund = Math.min(pays, exchangedUp(position.debt, fundPrice).amount);
    gathered += fund;
    fees += pays - fund;
    close(position, pays, pays - fund, fundPrice, evaluation, cause);
  }
  const settled: Bitasset = {
    ...bitasset,
    settlementPrice: {
      base: { amount: state.supplies.get(asset)!, asset },
      quote: { amount: gathered, asset: backing },
    },
    settlementFund: gathered,
    collateralFees: bitasset.collateralFees + fees,
  };
  state.bitassets.set(asset, settled);
}

/** Ends a position that pays so much of its collateral; the borrower gets the rest. */
function close(
  position: CallOrder,
  pays: number,
  fee: number,
  price: Price,
  { state, virtual }: Evaluation,
  cause: number,
): void {
  const { collateral, debt, borrower, instance } = position;
  state.calls.delete(instance);
  state.adjust(borrower, { amount: collateral.amount - pays, asset: collateral.asset });
  virtual.push({
    cause,
    account: borrower,
    type: operationTypes.fillOrder,
    result: nothing,
    body: {
      fee: amountForJson({ amount: fee, asset: collateral.asset }),
      order_id: `1.8.${instance}`,
      account_id: `1.2.${borrower}`,
      pays: amountForJson({ amount: pays, asset: collateral.asset }),
      receives: amountForJson(debt),
      fill_price: priceForJson(price),
      is_maker: true,
    },
  });
}

/** Brings a settled asset back to life once its fund is worth enough, as a position of its issuer. */
export function reviveBitasset(bitasset: Bitasset, evaluation: Evaluation, cause: number): void {
  const { state, virtual } = evaluation;
  const { asset, backing, settlementFund, feed } = bitasset;
  const supply = state.supplies.get(asset)!;
  const enough = initialCollateralization(feed);
  if (enough === null) return;
  const fund: Price = { base: { amount: settlementFund, asset: backing }, quote: { amount: supply, asset } };
  if (supply > 0 && comparePrices(fund, enough) <= 0) return;
  if (supply > 0) {
    const { issuer } = state.assets.get(asset) as Asset;
    const instance = state.nextInstance("call");
    state.calls.set(instance, {
      instance,
      borrower: issuer,
      debt: fund.quote,
      collateral: fund.base,
      targetRatio: null,
    });
    virtual.push({
      cause,
      account: issuer,
      type: operationTypes.executeBid,
      result: nothing,
      body: {
        fee: noFee,
        bidder: `1.2.${issuer}`,
        debt: amountForJson(fund.quote),
        collateral: amountForJson(fund.base),
      },
    });
  }
  for (const bid of bidsOf(asset, state)) cancelBid(bid.instance, evaluation, cause);
  state.bitassets.set(asset, { ...bitasset, settlementPrice: null, settlementFund: 0 });
}

const noFee = { amount: 0, asset_id: "1.3.0" };

/** The most collateral for the debt first. */
export function bidsOf(asset: number, state: State) {
  const price = ({ collateral, debt }: { collateral: Amount; debt: Amount }): Price => ({
    base: collateral,
    quote: debt,
  });
  return [...state.bids.values()]
    .filter(({ debt }) => debt.asset === asset)
    .sort((a, b) => comparePrices(price(b), price(a)) || a.instance - b.instance);
}

/** Gives a bid's collateral back and tells of it. */
function cancelBid(instance: number, { state, virtual }: Evaluation, cause: number): void {
  const { bidder, collateral, debt } = state.bids.get(instance)!;
  state.bids.delete(instance);
  state.adjust(bidder, collateral);
  virtual.push({
    cause,
    account: bidder,
    type: operationTypes.bidCollateral,
    result: nothing,
    body: {
      fee: noFee,
      bidder: `1.2.${bidder}`,
      additional_collateral: amountForJson(collateral),
      debt_covered: amountForJson({ amount: 0, asset: debt.asset }),
      extensions: [],
    },
  });
}
