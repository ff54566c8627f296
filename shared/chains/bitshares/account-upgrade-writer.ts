import { AppError } from "../../errors/app-error.ts";
import type { AccountUpgradeData } from "./chain-data.ts";
import { pieces } from "./packed-text.ts";
import { namedOperationRoom, type OperationWriter, type TransactionDraft } from "./transaction-draft.ts";

const operationCode = 8;

export class AccountUpgradeWriter implements OperationWriter {
  /** Every account is upgraded once, and that makes each transaction its own. */
  readonly capacity = Number.POSITIVE_INFINITY;

  readonly #data: AccountUpgradeData;

  constructor(data: AccountUpgradeData) {
    this.#data = data;
  }

  get isEmpty(): boolean {
    return this.#data.basic.length === 0;
  }

  write(draft: TransactionDraft, _position: number, ordinal: number): void {
    const { fee, basic, holders } = this.#data;
    if (ordinal >= basic.length) {
      throw new AppError("PLAN_IMPOSSIBLE", `there is no account left to upgrade after ${basic.length} of them`);
    }
    const account = basic[ordinal] as number;
    const holder = holders[ordinal] as number;
    if (draft.payer < 0) draft.payer = holder;
    draft.signedBy(holder);
    const { binary, text } = draft;
    binary.ensure(namedOperationRoom);
    binary.byte(operationCode);
    binary.uint64(fee);
    binary.byte(0);
    binary.varint(account);
    binary.byte(1);
    binary.byte(0);

    text.ensure(namedOperationRoom);
    text.byte(pieces.upgradeOpen);
    text.digits(fee);
    text.byte(pieces.feeAssetUpgraded);
    text.digits(account);
    text.byte(pieces.upgradeClose);
  }
}
