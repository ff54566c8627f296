import type { ChainFailure } from "../chain/failure.ts";
import { missingObject } from "../chain/missing-object.ts";
import type { Operation } from "../codec/operation.ts";
import type { Evaluation } from "./evaluation.ts";
import { insufficientBalance } from "./take-balance.ts";

/**
 * Takes the fee after the operation was found good and before it is carried out, so that an operation that moves all of
 * a balance cannot pay for itself.
 */
export function payFee(operation: Operation, { state }: Evaluation): ChainFailure | null {
  const { fee, payer } = operation;
  const account = state.accounts.get(payer);
  if (account === undefined) return missingObject(`1.2.${payer}`);
  const required = fee.amount + spentCore(operation);
  const held = state.balance(payer, 0);
  if (held < required) return insufficientBalance(account, state.assets.get(0)!, held, required);
  state.adjust(payer, { amount: -fee.amount, asset: 0 });
  state.fees.set("core", state.fees.get("core")! + fee.amount);
  return null;
}

function spentCore(operation: Operation): number {
  if (operation.kind === "transfer") return operation.amount.asset === 0 ? operation.amount.amount : 0;
  if (operation.kind === "limit-order-create") return operation.sell.asset === 0 ? operation.sell.amount : 0;
  return 0;
}
