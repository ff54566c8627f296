import { type AmountLattice, DrawSpace } from "../preparing/draw-space.ts";
import type { TransferData } from "./chain-data.ts";
import { pieces } from "./packed-text.ts";
import { namedOperationRoom, type OperationWriter, type TransactionDraft } from "./transaction-draft.ts";

export class TransferWriter implements OperationWriter {
  readonly capacity: number;

  readonly #data: TransferData;
  readonly #space: DrawSpace;

  constructor(data: TransferData, lattice: AmountLattice, accounts: number, seed: number) {
    this.#data = data;
    this.#space = new DrawSpace(lattice, accounts * (accounts - 1), seed);
    this.capacity = this.#space.size;
  }

  write(draft: TransactionDraft, position: number): void {
    const { fee, asset } = this.#data;
    const { binary, text } = draft;
    const space = this.#space;
    let from: number;
    let to: number;
    let amount: number;
    if (position === 0) {
      space.draw(draft.sequence);
      amount = space.amount;
      if (space.party >= 0) {
        const others = draft.accounts - 1;
        from = Math.floor(space.party / others);
        to = space.party - from * others;
        if (to >= from) to++;
        draft.payer = from;
      } else {
        from = draft.anyPayer();
        to = draft.otherThan(from);
      }
    } else {
      from = draft.anyPayer();
      to = draft.otherThan(from);
      amount = space.anyAmount(draft.random.nextFraction());
    }
    const sender = draft.instanceOf(from);
    const recipient = draft.instanceOf(to);
    draft.signedBy(from);

    binary.ensure(namedOperationRoom);
    binary.byte(0);
    binary.uint64(fee);
    binary.byte(0);
    binary.varint(sender);
    binary.varint(recipient);
    binary.uint64(amount);
    binary.varint(asset.instance);
    binary.byte(0);
    binary.byte(0);

    text.ensure(namedOperationRoom);
    text.byte(pieces.transferOpen);
    text.digits(fee);
    text.byte(pieces.feeAssetFrom);
    text.digits(sender);
    text.byte(pieces.transferTo);
    text.digits(recipient);
    text.byte(pieces.transferAmount);
    text.digits(amount);
    text.byte(pieces.assetId);
    text.digits(asset.instance);
    text.byte(pieces.transferClose);
  }
}
