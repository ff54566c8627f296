import { type AmountLattice, DrawSpace } from "./draw-space.ts";
import type { TransactionParties } from "./transaction-parties.ts";

/** Draws who transfers how much to whom. */
export class TransferDraw {
  /** Transactions that begin with such a transfer and can be told apart. */
  readonly capacity: number;
  /** Of the transfer drawn last; accounts are positions. */
  from = 0;
  to = 0;
  amount = 0;

  readonly #space: DrawSpace;

  constructor(lattice: AmountLattice, accounts: number, seed: number) {
    this.#space = new DrawSpace(lattice, accounts * (accounts - 1), seed);
    this.capacity = this.#space.size;
  }

  /** The first transfer of transaction `parties.sequence`, which is below `capacity`: no other transaction has it. */
  first(parties: TransactionParties): void {
    const space = this.#space;
    space.draw(parties.sequence);
    this.amount = space.amount;
    if (space.party < 0) {
      this.#drawParties(parties);
      return;
    }
    const others = parties.accounts - 1;
    const from = Math.floor(space.party / others);
    const to = space.party - from * others;
    parties.payer = from;
    this.from = from;
    this.to = to >= from ? to + 1 : to;
  }

  any(parties: TransactionParties): void {
    this.#drawParties(parties);
    this.amount = this.#space.anyAmount(parties.random.nextFraction());
  }

  #drawParties(parties: TransactionParties): void {
    this.from = parties.anyPayer();
    this.to = parties.otherThan(this.from);
  }
}
