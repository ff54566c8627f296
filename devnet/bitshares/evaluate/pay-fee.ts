import { assertion, type ChainFailure } from "../chain/failure.ts";
import { missingObject } from "../chain/missing-object.ts";
import { prettyAmount } from "../chain/pretty-amount.ts";
import type { Operation } from "../codec/operation.ts";
import type { Evaluation } from "./evaluation.ts";

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
  if (held < required) {
    const core = state.assets.get(0)!;
    const data = { a: account.name, b: prettyAmount(held, core), r: prettyAmount(required, core) };
    return assertion(
      { file: "db_balance.cpp", line: 73, method: "adjust_balance" },
      {
        format: "itr->get_balance() > -delta: Insufficient Balance: {a}'s balance of {b} is less than required {r}",
        text: `itr->get_balance() > -delta: Insufficient Balance: ${data.a}'s balance of ${data.b} is less than required ${data.r}`,
        data: JSON.stringify(data),
      },
    );
  }
  state.adjust(payer, { amount: -fee.amount, asset: 0 });
  state.fees.set("core", state.fees.get("core")! + fee.amount);
  return null;
}

function spentCore(operation: Operation): number {
  if (operation.kind === "transfer") return operation.amount.asset === 0 ? operation.amount.amount : 0;
  if (operation.kind === "limit-order-create") return operation.sell.asset === 0 ? operation.sell.amount : 0;
  return 0;
}
