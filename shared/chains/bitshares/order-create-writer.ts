import type { AccountPopularity } from "../../workload/popularity.ts";
import type { AmountLattice } from "../preparing/draw-space.ts";
import { PartySpace } from "../preparing/party-space.ts";
import type { OrderCreateData } from "./chain-data.ts";
import { pieces } from "./packed-text.ts";
import { ChainTimeText, namedOperationRoom, type OperationWriter, type TransactionDraft } from "./transaction-draft.ts";

export class OrderCreateWriter implements OperationWriter {
  readonly capacity: number;

  readonly #data: OrderCreateData;
  readonly #space: PartySpace;
  readonly #expiration = new ChainTimeText();

  constructor(data: OrderCreateData, lattice: AmountLattice, popularity: AccountPopularity, seed: number) {
    this.#data = data;
    const variants = data.side === "both" ? 2 : 1;
    this.#space = new PartySpace({ lattice, popularity, seed, of: "senders", variants });
    this.capacity = this.#space.size;
  }

  write(draft: TransactionDraft, position: number): void {
    const { side, base, quote, minimumPrice, maximumPrice } = this.#data;
    const space = this.#space;
    let amount: number;
    let sells = side !== "buy";
    if (position === 0) {
      space.draw(draft.sequence);
      amount = space.amount;
      if (space.from >= 0) draft.payer = space.from;
      if (side === "both") sells = space.variant < 0 ? draft.random.nextFraction() < 0.5 : space.variant === 0;
    } else {
      amount = space.anyAmount(draft.random.nextFraction());
      if (side === "both") sells = draft.random.nextFraction() < 0.5;
    }
    const seller = draft.anyPayer();
    const price = minimumPrice + draft.random.nextFraction() * (maximumPrice - minimumPrice);
    const worth = Math.max(1, Math.round(amount * price));
    draft.signedBy(seller);
    const expiration = draft.expirationSeconds + this.#data.expiresAfterSeconds;
    if (sells) this.#append(draft, draft.instanceOf(seller), amount, base.instance, worth, quote.instance, expiration);
    else this.#append(draft, draft.instanceOf(seller), worth, quote.instance, amount, base.instance, expiration);
  }

  #append(
    draft: TransactionDraft,
    seller: number,
    sellAmount: number,
    sellAsset: number,
    receiveAmount: number,
    receiveAsset: number,
    expiration: number,
  ): void {
    const { fee, fillOrKill } = this.#data;
    const { binary, text } = draft;
    binary.ensure(namedOperationRoom);
    binary.byte(1);
    binary.uint64(fee);
    binary.byte(0);
    binary.varint(seller);
    binary.uint64(sellAmount);
    binary.varint(sellAsset);
    binary.uint64(receiveAmount);
    binary.varint(receiveAsset);
    binary.uint32(expiration);
    binary.byte(fillOrKill ? 1 : 0);
    binary.byte(0);

    text.ensure(namedOperationRoom);
    text.byte(pieces.createOpen);
    text.digits(fee);
    text.byte(pieces.feeAssetSeller);
    text.digits(seller);
    text.byte(pieces.createSell);
    text.digits(sellAmount);
    text.byte(pieces.assetId);
    text.digits(sellAsset);
    text.byte(pieces.createReceive);
    text.digits(receiveAmount);
    text.byte(pieces.assetId);
    text.digits(receiveAsset);
    text.byte(pieces.createExpiration);
    text.append(this.#expiration.at(expiration));
    text.byte(fillOrKill ? pieces.createRestKill : pieces.createRest);
  }
}
