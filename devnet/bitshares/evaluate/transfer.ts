import { assertion, type ChainFailure, toFrame } from "../chain/failure.ts";
import { missingObject } from "../chain/missing-object.ts";
import { prettyAmount } from "../chain/pretty-amount.ts";
import type { Transfer } from "../codec/operation.ts";
import { type Evaluation, nothing } from "./evaluation.ts";

const file = "transfer_evaluator.cpp";

export function evaluateTransfer(operation: Transfer, { state }: Evaluation): ChainFailure | null {
  const from = state.accounts.get(operation.from);
  if (from === undefined) return missingObject(`1.2.${operation.from}`);
  const to = state.accounts.get(operation.to);
  if (to === undefined) return missingObject(`1.2.${operation.to}`);
  const asset = state.assets.get(operation.amount.asset);
  if (asset === undefined) return missingObject(`1.3.${operation.amount.asset}`);
  const held = state.balance(operation.from, operation.amount.asset);
  if (held >= operation.amount.amount) return null;
  const total = prettyAmount(operation.amount.amount, asset);
  const balance = prettyAmount(held, asset);
  const failure = assertion(
    { file, line: 68, method: "do_evaluate" },
    {
      format:
        "insufficient_balance: Insufficient Balance: {balance}, unable to transfer '{total_transfer}' from account '{a}' to '{t}'",
      text: `insufficient_balance: Insufficient Balance: ${balance}, unable to transfer '${total}' from account '${from.name}' to '${to.name}'`,
      data: JSON.stringify({ a: from.name, t: to.name, total_transfer: total, balance }),
    },
  );
  failure.frames.push(
    toFrame(
      { file, line: 73, method: "do_evaluate" },
      {
        format: "Unable to transfer {a} from {f} to {t}",
        text: `Unable to transfer ${total} from ${from.name} to ${to.name}`,
        data: JSON.stringify({ a: total, f: from.name, t: to.name }),
      },
    ),
  );
  return failure;
}

export function applyTransfer(operation: Transfer, { state }: Evaluation): string {
  const { amount, asset } = operation.amount;
  state.adjust(operation.from, { amount: -amount, asset });
  state.adjust(operation.to, operation.amount);
  return nothing;
}
