import type { OperationCatalogue } from "../driver.ts";
import { namedActions, tokenAccount } from "./named-actions.ts";
import { operationBytes, overheadBytes } from "./packed-sizes.ts";
import { actionNamed, planEntry } from "./plan-entry.ts";
import { replayActions } from "./replay-actions.ts";

const named = ["transfer", ...namedActions.keys()];

export const operationCatalogue: OperationCatalogue = {
  named,
  all: [
    ...named,
    `${tokenAccount}::transfer`,
    ...[...namedActions.values()].map(({ contract, action }) => `${contract}::${action}`),
  ],
  knows: (operation) => actionNamed(operation) !== null,
  validate(entry) {
    const plan = planEntry(entry);
    if (plan !== null) return plan.problems;
    const expected = "expected an action such as transfer or eosio.token::transfer";
    return [{ path: "operation", value: entry.operation, expected }];
  },
  replay: replayActions,
  packedSizes: { overheadBytes, operationBytes },
};
