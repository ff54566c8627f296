import type { AccountPopularity } from "../../workload/popularity.ts";
import type { SequenceRandom } from "../../workload/sequence-random.ts";
import type { AmountLattice } from "../preparing/draw-space.ts";
import { TransferDraw } from "../preparing/transfer-draw.ts";
import type { MemoData, TransferData } from "./chain-data.ts";
import type { MemoSealer } from "./memo-sealer.ts";
import { pieces } from "./packed-text.ts";
import { namedOperationRoom, type OperationWriter, type TransactionDraft } from "./transaction-draft.ts";

const memoLetters = "abcdefghijklmnopqrstuvwxyz 12345";
const letterBits = 5;
const lettersPerWord = 6;

export class TransferWriter implements OperationWriter {
  readonly capacity: number;

  readonly #data: TransferData;
  readonly #draw: TransferDraw;

  readonly #sealer: MemoSealer | null;
  readonly #message: Buffer;

  /** `sealer`: needed to write memos. */
  constructor(
    data: TransferData,
    lattice: AmountLattice,
    { popularity, seed, sealer }: { popularity: AccountPopularity; seed: number; sealer: MemoSealer | null },
  ) {
    this.#data = data;
    this.#sealer = data.memo === undefined ? null : sealer;
    this.#message = Buffer.alloc(data.memo?.maximumLength ?? 0);
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
    if (this.#sealer === null) {
      binary.byte(0);
      text.byte(pieces.transferClose);
    } else {
      this.#appendMemo(draft, this.#sealer);
    }
    binary.byte(0);
  }

  #appendMemo(draft: TransactionDraft, sealer: MemoSealer): void {
    const { binary, text, random } = draft;
    const { from, to } = this.#draw;
    const nonce = Math.floor(random.nextFraction() * Number.MAX_SAFE_INTEGER);
    const sealed = sealer.seal(from, to, nonce, this.#drawMessage(random, draft.capturedSize));
    const sender = sealer.sender(from);
    const recipient = sealer.recipient(to);
    binary.ensure(namedOperationRoom + sealed.length);
    binary.byte(1);
    binary.append(sender.point);
    binary.append(recipient.point);
    binary.uint64(nonce);
    binary.varint(sealed.length);
    binary.append(sealed);

    text.ensure(namedOperationRoom + 2 * sealed.length);
    text.byte(pieces.transferMemo);
    text.ascii(sender.text);
    text.byte(pieces.memoTo);
    text.ascii(recipient.text);
    text.byte(pieces.memoNonce);
    text.digits(nonce);
    text.byte(pieces.memoMessage);
    text.ascii(sealed.toString("hex"));
    text.byte(pieces.memoClose);
  }

  /** `wanted`: its length, as far as the bounds allow; −1: any. */
  #drawMessage(random: SequenceRandom, wanted: number): Buffer {
    const { minimumLength, maximumLength } = this.#data.memo as MemoData;
    const drawn = minimumLength + random.nextBelow(maximumLength - minimumLength + 1);
    const length = wanted < 0 ? drawn : Math.min(maximumLength, Math.max(minimumLength, wanted));
    const message = this.#message.subarray(0, length);
    for (let i = 0, word = 0; i < length; i++) {
      word = i % lettersPerWord === 0 ? random.nextWord() : word >>> letterBits;
      message[i] = memoLetters.charCodeAt(word & ((1 << letterBits) - 1));
    }
    return message;
  }
}
