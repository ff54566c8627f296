import { assertion, type ChainFailure } from "../chain/failure.ts";
import type { Account, Asset } from "../chain/objects.ts";
import { prettyAmount } from "../chain/pretty-amount.ts";
import type { State } from "../chain/state.ts";
import type { Amount } from "../codec/read-value.ts";

/** Takes an amount that may be negative from an account, unless it has less: what `adjust_balance` does in a node. */
export function takeBalance(state: State, account: number, { amount, asset }: Amount): ChainFailure | null {
  const held = state.balance(account, asset);
  if (held < amount) {
    return insufficientBalance(state.accounts.get(account)!, state.assets.get(asset)!, held, amount);
  }
  state.adjust(account, { amount: -amount, asset });
  return null;
}

export function insufficientBalance(account: Account, asset: Asset, held: number, required: number): ChainFailure {
  const data = { a: account.name, b: prettyAmount(held, asset), r: prettyAmount(required, asset) };
  return assertion(
    { file: "db_balance.cpp", line: 73, method: "adjust_balance" },
    {
      format: "itr->get_balance() > -delta: Insufficient Balance: {a}'s balance of {b} is less than required {r}",
      text: `itr->get_balance() > -delta: Insufficient Balance: ${data.a}'s balance of ${data.b} is less than required ${data.r}`,
      data: JSON.stringify(data),
    },
  );
}
