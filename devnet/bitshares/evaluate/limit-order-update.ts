import { assertion, ChainFailure, toFrame } from "../chain/failure.ts";
import { limitOrderCancelFee, limitOrderCreateFee, limitOrderUpdateFee } from "../chain/fee-schedule.ts";
import type { Order } from "../chain/objects.ts";
import type { State } from "../chain/state.ts";
import { isObject, type Json, type JsonObject } from "../codec/json.ts";
import type { OtherOperation } from "../codec/operation.ts";
import { type Amount, readAmount, readInstance, readTime } from "../codec/read-value.ts";
import { type Evaluation, nothing } from "./evaluation.ts";
import { matchOrder } from "./match-order.ts";
import { takeBalance } from "./take-balance.ts";

const file = "market_evaluator.cpp";

function found({ body }: OtherOperation, state: State): Order | undefined {
  return state.orders.get(readInstance(body.order, "1.7."));
}

export function refuseLimitOrderUpdate(operation: OtherOperation, evaluation: Evaluation): ChainFailure | null {
  const { body } = operation;
  const refusal = refuseUpdate(operation, evaluation);
  return refusal?.capture(file, 269, "do_evaluate", JSON.stringify({ o: body })) ?? null;
}

function refuse(line: number, format: string): ChainFailure {
  return assertion({ file, line, method: "do_evaluate" }, { format });
}

function refuseUpdate(operation: OtherOperation, { state, headSeconds }: Evaluation): ChainFailure | null {
  const { body, payer } = operation;
  if (Array.isArray(body.on_fill) && body.on_fill.length > 0) {
    return refuse(176, "false: this devnet has no orders that make other orders when they are filled");
  }
  const order = found(operation, state);
  const oid = String(body.order);
  if (order === undefined) {
    return special(3057701, "nonexist_order", "Order does not exist", 187, "does not exist, cannot update", oid);
  }
  if (order.seller !== payer) {
    const said = "is owned by someone else, cannot update";
    return special(3057702, "owner_mismatch", "Order owned by someone else", 193, said, oid);
  }
  const refusal = refusePrice(order, body) ?? refuseDelta(order, body) ?? refuseDust(order, body);
  if (refusal !== null) return refusal;
  if (body.new_expiration === undefined || readTime(body.new_expiration) >= headSeconds) return null;
  return refuse(239, "*o.new_expiration >= d.head_block_time(): Cannot update limit order to expire in the past");
}

function special(code: number, name: string, message: string, line: number, said: string, oid: string): ChainFailure {
  const frame = toFrame(
    { file, line, method: "do_evaluate" },
    {
      format: `Limit order {oid} ${said}`,
      text: `Limit order ${oid} ${said}`,
      data: JSON.stringify({ oid }),
    },
  );
  return new ChainFailure(code, `limit_order_update_${name}`, message, [frame]);
}

function refusePrice(order: Order, body: JsonObject): ChainFailure | null {
  const price = readPrice(body.new_price);
  if (price === null) return null;
  if (price.sell.asset !== order.sell.asset || price.receive.asset !== order.receive.asset) {
    return refuse(
      202,
      "base_id == _order->sell_price.base.asset_id && quote_id == _order->sell_price.quote.asset_id: Cannot update limit order with incompatible price",
    );
  }
  const most = Math.max(order.forSale, order.sell.amount) + (readDelta(body)?.amount ?? 0);
  if (price.sell.amount <= most) return null;
  return refuse(
    209,
    "o.new_price->base.amount <= max_amount_for_sale: The base amount in the new price cannot be greater than the estimated maximum amount for sale",
  );
}

function refuseDelta(order: Order, body: JsonObject): ChainFailure | null {
  const delta = readDelta(body);
  if (delta === null) return null;
  if (delta.asset !== order.sell.asset) {
    return refuse(
      217,
      "delta.asset_id == _order->sell_price.base.asset_id: Cannot update limit order with incompatible asset",
    );
  }
  if (delta.amount >= 0 || order.forSale > -delta.amount) return null;
  return refuse(220, "_order->for_sale > -delta.amount: Cannot deduct all or more from order than order contains");
}

function refuseDust(order: Order, body: JsonObject): ChainFailure | null {
  const price = readPrice(body.new_price);
  const delta = readDelta(body)?.amount ?? 0;
  if (price === null && delta >= 0) return null;
  const { sell, receive } = price ?? order;
  if (BigInt(order.forSale + delta) * BigInt(receive.amount) >= BigInt(sell.amount)) return null;
  return refuse(
    233,
    "new_amount_to_receive.amount > 0: Cannot update limit order: order becomes too small; cancel order instead",
  );
}

function readPrice(value: Json | undefined): Pick<Order, "sell" | "receive"> | null {
  return isObject(value) ? { sell: readAmount(value.base), receive: readAmount(value.quote) } : null;
}

function readDelta(body: JsonObject): Amount | null {
  return body.delta_amount_to_sell === undefined ? null : readAmount(body.delta_amount_to_sell);
}

export function updateLimitOrder(
  operation: OtherOperation,
  evaluation: Evaluation,
  cause: number,
): string | ChainFailure {
  const { state } = evaluation;
  const { body, payer, fee } = operation;
  const order = found(operation, state)!;
  const delta = readDelta(body);
  const refusal = delta === null ? null : takeBalance(state, payer, delta);
  if (refusal !== null) return refusal.capture(file, 464, "do_apply", JSON.stringify({ o: body }));
  // What the order had to pay is given back but for a share of what cancelling it would cost.
  const kept = Math.min(
    order.deferredFee,
    Math.floor((limitOrderCancelFee * limitOrderUpdateFee) / limitOrderCreateFee),
  );
  state.adjust(payer, { amount: order.deferredFee - kept, asset: 0 });
  state.fees.set("core", state.fees.get("core")! - (order.deferredFee - kept));
  const updated: Order = {
    ...order,
    ...readPrice(body.new_price),
    forSale: order.forSale + (delta?.amount ?? 0),
    expirationSeconds: body.new_expiration === undefined ? order.expirationSeconds : readTime(body.new_expiration),
    deferredFee: fee.asset === 0 ? fee.amount : 0,
  };
  // Taken out and put in again, so that it finds its new place in the book and among those that expire.
  state.orders.delete(order.instance);
  state.orders.set(order.instance, updated);
  matchOrder(updated, evaluation, cause);
  return nothing;
}
