import type { AccountPopularity } from "../../workload/popularity.ts";
import type { AmountLattice } from "../preparing/draw-space.ts";
import { TransferDraw } from "../preparing/transfer-draw.ts";
import type { TransferData } from "./chain-data.ts";
import { nameWord, symbolWord } from "./names.ts";
import { type ActionWriter, type TransactionDraft, writeWord } from "./transaction-draft.ts";

/** Two names, an amount and the memo's length. */
const fixedBytes = 40;
const firstLetter = 97;
const letters = 26;

export class TransferWriter implements ActionWriter {
  readonly capacity: number;

  readonly #data: TransferData;
  /** Of the transfers that have to differ from all others. */
  readonly #unique: TransferDraw;
  readonly #any: TransferDraw;
  readonly #contract;
  readonly #action = nameWord("transfer");
  readonly #symbol;

  constructor(data: TransferData, lattice: AmountLattice, popularity: AccountPopularity, seed: number) {
    const { token, minimum, maximum } = data;
    this.#data = data;
    this.#unique = new TransferDraw(lattice, popularity, seed);
    this.#any = new TransferDraw({ first: minimum, step: 1, count: maximum - minimum + 1 }, popularity, seed);
    this.capacity = this.#unique.capacity;
    this.#contract = nameWord(token.contract);
    this.#symbol = symbolWord(token.symbol, token.precision);
  }

  write(draft: TransactionDraft, position: number, unique: boolean): void {
    const first = unique && position === 0;
    const draw = first ? this.#unique : this.#any;
    if (first) draw.first(draft);
    else draw.any(draft);
    draft.beginAction();
    const { data } = draft;
    const memo = this.#memoLength(draft);
    data.ensure(fixedBytes + memo);
    writeWord(data, draft.nameWordOf(draw.from));
    writeWord(data, draft.nameWordOf(draw.to));
    data.uint64(draw.amount);
    writeWord(data, this.#symbol);
    data.varint(memo);
    for (let i = 0; i < memo; i++) data.byte(firstLetter + draft.random.nextBelow(letters));
    draft.endAction(this.#contract, this.#action, draw.from, null);
  }

  #memoLength(draft: TransactionDraft): number {
    const { minimumMemo, maximumMemo } = this.#data;
    if (minimumMemo === maximumMemo) return maximumMemo;
    if (draft.capturedSize >= 0) return Math.min(maximumMemo, Math.max(minimumMemo, draft.capturedSize));
    return minimumMemo + draft.random.nextBelow(maximumMemo - minimumMemo + 1);
  }
}
