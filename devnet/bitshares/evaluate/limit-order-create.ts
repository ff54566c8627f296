import { assertion, ChainFailure, toFrame } from "../chain/failure.ts";
import { missingObject } from "../chain/missing-object.ts";
import type { Order } from "../chain/objects.ts";
import type { LimitOrderCreate } from "../codec/operation.ts";
import { toAmountJson } from "../codec/read-value.ts";
import { type Evaluation, newObject } from "./evaluation.ts";
import { matchOrder } from "./match-order.ts";

const file = "market_evaluator.cpp";

export function evaluateLimitOrderCreate(
  operation: LimitOrderCreate,
  { state, headSeconds }: Evaluation,
): ChainFailure | null {
  const { sell, receive, payer } = operation;
  if (operation.expirationSeconds < headSeconds) {
    return assertion({ file, line: 53, method: "do_evaluate" }, { format: "op.expiration >= d.head_block_time(): " });
  }
  if (state.accounts.get(payer) === undefined) return missingObject(`1.2.${payer}`);
  for (const { asset } of [sell, receive])
    if (state.assets.get(asset) === undefined) return missingObject(`1.3.${asset}`);
  const held = state.balance(payer, sell.asset);
  if (held >= sell.amount) return null;
  return assertion(
    { file, line: 85, method: "do_evaluate" },
    {
      format: "d.get_balance( *_seller, *_sell_asset ) >= op.amount_to_sell: insufficient balance",
      data: `{"balance":${toAmountJson({ amount: held, asset: sell.asset })},"amount_to_sell":${toAmountJson(sell)}}`,
    },
  );
}

export function applyLimitOrderCreate(
  operation: LimitOrderCreate,
  evaluation: Evaluation,
  index: number,
  bodyJson: () => string,
): string | ChainFailure {
  const { state } = evaluation;
  const { sell, receive, payer } = operation;
  state.adjust(payer, { amount: -sell.amount, asset: sell.asset });
  const order: Order = {
    instance: state.nextInstance("order"),
    seller: payer,
    expirationSeconds: operation.expirationSeconds,
    forSale: sell.amount,
    sell,
    receive,
    deferredFee: operation.fee.amount,
    filled: 0,
  };
  state.orders.set(order.instance, order);
  matchOrder(order, evaluation, index);
  if (operation.fillOrKill && state.orders.get(order.instance) !== undefined) return killed(bodyJson());
  return newObject(`1.7.${order.instance}`);
}

function killed(body: string): ChainFailure {
  const frame = toFrame(
    { file, line: 142, method: "do_apply" },
    {
      format: "Killing limit order {op} due to unable to fill",
      text: `Killing limit order ${body} due to unable to fill`,
      data: `{"op":${body}}`,
    },
  );
  return new ChainFailure(3050101, "limit_order_create_kill_unfilled", "Killing limit order due to unable to fill", [
    frame,
  ]).capture(file, 148, "do_apply", `{"op":${body}}`);
}
