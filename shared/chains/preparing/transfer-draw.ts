import type { AccountPopularity } from "../../workload/popularity.ts";
import type { AmountLattice } from "./draw-space.ts";
import { PartySpace } from "./party-space.ts";
import type { TransactionParties } from "./transaction-parties.ts";

/** Draws who transfers how much to whom. */
export class TransferDraw {
  /** Transactions that begin with such a transfer and can be told apart. */
  readonly capacity: number;
  /** Of the transfer drawn last; accounts are positions. */
  from = 0;
  to = 0;
  amount = 0;

  readonly #space: PartySpace;

  constructor(lattice: AmountLattice, popularity: AccountPopularity, seed: number) {
    this.#space = new PartySpace({ lattice, popularity, seed, of: "pairs", variants: 1 });
    this.capacity = this.#space.size;
  }

  /** The first transfer of transaction `parties.sequence`, which is below `capacity`: no other transaction has it. */
  first(parties: TransactionParties): void {
    const space = this.#space;
    space.draw(parties.sequence);
    this.amount = space.amount;
    if (space.from < 0) {
      this.#drawParties(parties);
      return;
    }
    parties.payer = space.from;
    this.from = space.from;
    this.to = space.to;
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
