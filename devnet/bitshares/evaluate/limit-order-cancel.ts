import { assertion, ChainFailure, toFrame } from "../chain/failure.ts";
import type { Order } from "../chain/objects.ts";
import { type LimitOrderCancel, operationTypes } from "../codec/operation.ts";
import { toAmountJson } from "../codec/read-value.ts";
import type { Evaluation } from "./evaluation.ts";

const file = "market_evaluator.cpp";

export function evaluateLimitOrderCancel(operation: LimitOrderCancel, { state }: Evaluation): ChainFailure | null {
  const order = state.orders.get(operation.order);
  if (order === undefined) {
    const oid = `1.7.${operation.order}`;
    const frame = toFrame(
      { file, line: 472, method: "do_evaluate" },
      {
        format: "Limit order {oid} does not exist",
        text: `Limit order ${oid} does not exist`,
        data: JSON.stringify({ oid }),
      },
    );
    return new ChainFailure(3050201, "limit_order_cancel_nonexist_order", "Order does not exist", [frame]);
  }
  if (order.seller === operation.payer) return null;
  const format = "Limit order {oid} is owned by someone else";
  const oid = `1.7.${operation.order}`;
  const frame = toFrame(
    { file, line: 477, method: "do_evaluate" },
    { format, text: format.replace("{oid}", oid), data: JSON.stringify({ oid }) },
  );
  return new ChainFailure(3050202, "limit_order_cancel_owner_mismatch", "Order owned by someone else", [frame]);
}

export function applyLimitOrderCancel(operation: LimitOrderCancel, evaluation: Evaluation): string | ChainFailure {
  const order = evaluation.state.orders.get(operation.order);
  if (order === undefined) {
    return assertion({ file, line: 490, method: "do_apply" }, { format: "_order != nullptr: " });
  }
  // The cancel's own fee is taken out of what the order's fee gives back.
  takeBack(order, evaluation, Math.max(0, order.deferredFee - operation.fee.amount));
  return `[2,${toAmountJson({ amount: order.forSale, asset: order.sell.asset })}]`;
}

/** Ends an order that nobody asked to cancel: too small to be filled, or expired. */
export function cancelOrder(
  order: Order,
  evaluation: Evaluation,
  cause: number,
  { deferredFeeBack }: { readonly deferredFeeBack: boolean },
): void {
  takeBack(order, evaluation, deferredFeeBack ? order.deferredFee : 0);
  evaluation.virtual.push({
    cause,
    account: order.seller,
    type: operationTypes.limitOrderCancel,
    body: {
      fee: { amount: 0, asset_id: "1.3.0" },
      fee_paying_account: `1.2.${order.seller}`,
      order: `1.7.${order.instance}`,
      extensions: [],
    },
    result: `[2,${toAmountJson({ amount: order.forSale, asset: order.sell.asset })}]`,
  });
}

function takeBack(order: Order, { state }: Evaluation, feeBack: number): void {
  state.orders.delete(order.instance);
  state.adjust(order.seller, { amount: order.forSale, asset: order.sell.asset });
  if (feeBack > 0) {
    state.adjust(order.seller, { amount: feeBack, asset: 0 });
    state.fees.set("core", state.fees.get("core")! - feeBack);
  }
}
