import type { Order } from "../chain/objects.ts";
import { operationTypes } from "../codec/operation.ts";
import { type Amount, amountForJson } from "../codec/read-value.ts";
import type { Evaluation, Fill } from "./evaluation.ts";
import { nothing } from "./evaluation.ts";
import { cancelOrder } from "./limit-order-cancel.ts";

type Price = Pick<Order, "sell" | "receive">;

/** Matches a new order with the resting ones of the other side, best first, at the resting order's price. */
export function matchOrder(taker: Order, evaluation: Evaluation, cause: number): void {
  const { state } = evaluation;
  for (;;) {
    const rest = state.orders.get(taker.instance);
    const best = state.book.best(taker.receive.asset, taker.sell.asset);
    if (rest === undefined || best === undefined) return;
    const maker = state.orders.get(best)!;
    if (!crosses(taker, maker)) return;
    matchPair(rest, maker, evaluation, cause);
  }
}

/** The maker's price gives the taker at least what the taker asked. */
function crosses(taker: Price, maker: Price): boolean {
  return (
    BigInt(maker.sell.amount) * BigInt(taker.sell.amount) >= BigInt(maker.receive.amount) * BigInt(taker.receive.amount)
  );
}

function matchPair(taker: Order, maker: Order, evaluation: Evaluation, cause: number): void {
  // In the maker's terms: `sold` is what the maker sells, `wanted` what it receives; the taker pays `wanted`.
  const makerWants = convert(maker.forSale, maker.receive.amount, maker.sell.amount);
  if (taker.forSale <= makerWants) {
    const sold = convert(taker.forSale, maker.sell.amount, maker.receive.amount);
    if (sold === 0) {
      cancelOrder(taker, evaluation, cause, { deferredFeeBack: true });
      return;
    }
    // The taker pays only what it takes to get that much: the rest of its order is too small and goes back.
    const paid = convertUp(sold, maker.receive.amount, maker.sell.amount);
    fill(taker, paid, sold, maker, false, evaluation, cause);
    fill(maker, sold, paid, maker, true, evaluation, cause);
    return;
  }
  if (makerWants === 0) {
    cancelOrder(maker, evaluation, cause, { deferredFeeBack: maker.filled === 0 });
    return;
  }
  const sold = convertUp(makerWants, maker.sell.amount, maker.receive.amount);
  fill(taker, makerWants, sold, maker, false, evaluation, cause);
  fill(maker, sold, makerWants, maker, true, evaluation, cause);
}

function fill(
  order: Order,
  pays: number,
  receives: number,
  price: Price,
  isMaker: boolean,
  evaluation: Evaluation,
  cause: number,
): void {
  const { state } = evaluation;
  const paid: Amount = { amount: pays, asset: order.sell.asset };
  const received: Amount = { amount: receives, asset: order.receive.asset };
  state.adjust(order.seller, received);
  recordFill(
    { order: order.instance, account: order.seller, pays: paid, receives: received, price, isMaker },
    evaluation,
    cause,
  );
  if (pays === order.forSale) {
    state.orders.delete(order.instance);
    return;
  }
  const rest: Order = { ...order, forSale: order.forSale - pays, filled: order.filled + pays, deferredFee: 0 };
  state.orders.set(order.instance, rest);
  // What is left would buy nothing at its own price.
  if (convert(rest.forSale, rest.receive.amount, rest.sell.amount) === 0) {
    cancelOrder(rest, evaluation, cause, { deferredFeeBack: false });
  }
}

function recordFill(filled: Fill, evaluation: Evaluation, cause: number): void {
  evaluation.virtual.push({
    cause,
    account: filled.account,
    type: operationTypes.fillOrder,
    result: nothing,
    fill: filled,
    body: {
      fee: { amount: 0, asset_id: `1.3.${filled.receives.asset}` },
      order_id: `1.7.${filled.order}`,
      account_id: `1.2.${filled.account}`,
      pays: amountForJson(filled.pays),
      receives: amountForJson(filled.receives),
      fill_price: { base: amountForJson(filled.price.sell), quote: amountForJson(filled.price.receive) },
      is_maker: filled.isMaker,
    },
  });
}

/** `amount × numerator ÷ denominator`, rounded down; products exceed 53 bits. */
function convert(amount: number, numerator: number, denominator: number): number {
  return Number((BigInt(amount) * BigInt(numerator)) / BigInt(denominator));
}

function convertUp(amount: number, numerator: number, denominator: number): number {
  const product = BigInt(amount) * BigInt(numerator);
  const divisor = BigInt(denominator);
  return Number((product + divisor - 1n) / divisor);
}
