import type { AccountPopularity } from "../../workload/popularity.ts";
import type { AmountLattice } from "../preparing/draw-space.ts";
import { TransferDraw } from "../preparing/transfer-draw.ts";
import type { TransferData } from "./chain-data.ts";
import { pieces } from "./packed-text.ts";
import { namedOperationRoom, type OperationWriter, type TransactionDraft } from "./transaction-draft.ts";

export class TransferWriter implements OperationWriter {
  readonly capacity: number;

  readonly #data: TransferData;
  readonly #draw: TransferDraw;

  constructor(data: TransferData, lattice: AmountLattice, popularity: AccountPopularity, seed: number) {
    this.#data = data;
    this.#draw = new TransferDraw(lattice, popularity, seed);
    this.capacity = this.#draw.capacity;
  }

  write(draft: TransactionDraft, position: number): void {
    const { fee, asset } = this.#data;
    const { binary, text } = draft;
    const draw = this.#draw;
    if (position === 0) draw.first(draft);
    else draw.any(draft);
    const sender = draft.instanceOf(draw.from);
    const recipient = draft.instanceOf(draw.to);
    draft.signedBy(draw.from);

    binary.ensure(namedOperationRoom);
    binary.byte(0);
    binary.uint64(fee);
    binary.byte(0);
    binary.varint(sender);
    binary.varint(recipient);
    binary.uint64(draw.amount);
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
    text.digits(draw.amount);
    text.byte(pieces.assetId);
    text.digits(asset.instance);
    text.byte(pieces.transferClose);
  }
}
