import { AppError } from "../../errors/app-error.ts";
import type { OrderCancelData } from "./chain-data.ts";
import { pieces } from "./packed-text.ts";
import { namedOperationRoom, type OperationWriter, type TransactionDraft } from "./transaction-draft.ts";

export class OrderCancelWriter implements OperationWriter {
  /** Every order is cancelled once, and that makes each transaction its own. */
  readonly capacity = Number.POSITIVE_INFINITY;

  readonly #fee: number;
  readonly #orders: Float64Array;
  readonly #owners: Uint32Array;

  constructor(data: OrderCancelData) {
    this.#fee = data.fee;
    this.#orders = Float64Array.from(data.orders);
    this.#owners = Uint32Array.from(data.owners);
  }

  get isEmpty(): boolean {
    return this.#orders.length === 0;
  }

  write(draft: TransactionDraft, _position: number, ordinal: number): void {
    if (ordinal >= this.#orders.length) {
      throw new AppError("PLAN_IMPOSSIBLE", `there is no order left to cancel after ${this.#orders.length} of them`);
    }
    const order = this.#orders[ordinal] as number;
    const owner = this.#owners[ordinal] as number;
    if (draft.payer < 0) draft.payer = owner;
    draft.signedBy(owner);
    const { binary, text } = draft;
    binary.ensure(namedOperationRoom);
    binary.byte(2);
    binary.uint64(this.#fee);
    binary.byte(0);
    binary.varint(draft.instanceOf(owner));
    binary.varint(order);
    binary.byte(0);

    text.ensure(namedOperationRoom);
    text.byte(pieces.cancelOpen);
    text.digits(this.#fee);
    text.byte(pieces.feeAssetPayer);
    text.digits(draft.instanceOf(owner));
    text.byte(pieces.cancelOrder);
    text.digits(order);
    text.byte(pieces.cancelClose);
  }
}
