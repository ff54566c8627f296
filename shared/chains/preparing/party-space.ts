import type { AccountPopularity } from "../../workload/popularity.ts";
import { SequenceRandom } from "../../workload/sequence-random.ts";
import { randomStreams } from "../../workload/shape.ts";
import { type AmountLattice, DrawSpace } from "./draw-space.ts";

export interface PartySpaceOptions {
  readonly lattice: AmountLattice;
  readonly popularity: AccountPopularity;
  readonly seed: number;
  /** Who has to differ between transactions of the same amount: a sender, or the pair of a sender and a recipient. */
  readonly of: "senders" | "pairs";
  /** Kinds of the operation that differ by more than that, such as the two sides of a market. */
  readonly variants: number;
}

/**
 * Combinations of an amount, a variant and parties that no two transactions share, with parties as often as they are
 * popular. Where not all are alike, the transactions of one amount take points of 0 to 1 at equal distances, from an
 * offset of the amount's own, and each point falls on the stretch of a sender or pair: so no stretch shorter than the
 * distance is met twice, and over all amounts each is met as often as it is long.
 */
export class PartySpace {
  /** How many transactions can be told apart. */
  readonly size: number;
  /** Of the combination drawn last. */
  amount = 0;
  /** −1: whichever. */
  variant = 0;
  /** Positions of accounts, −1: whichever. `to` only of pairs. */
  from = -1;
  to = -1;

  readonly #options: PartySpaceOptions;
  readonly #space: DrawSpace;
  readonly #points: number;
  readonly #offset = new SequenceRandom();

  constructor(options: PartySpaceOptions) {
    const { lattice, popularity, seed, of, variants } = options;
    this.#options = options;
    this.#points = of === "pairs" ? popularity.distinctPairs : popularity.distinctAccounts;
    this.#space = new DrawSpace(lattice, this.#points * variants, seed);
    this.size = this.#space.size;
  }

  /** `sequence` below `size`. */
  draw(sequence: number): void {
    const { popularity, variants, seed, of } = this.#options;
    const space = this.#space;
    space.draw(sequence);
    this.amount = space.amount;
    this.from = -1;
    this.variant = space.party < 0 ? -1 : space.party % variants;
    // Accounts that are captured are none to choose among: the amount alone makes the difference.
    if (space.party < 0 || popularity.captured !== null) return;
    const point = Math.floor(space.party / variants);
    if (popularity.isUniform) {
      this.#setParties(point);
      return;
    }
    this.#offset.reset(seed, space.amount, randomStreams.popularity);
    const turn = this.#offset.nextFraction() + point / this.#points;
    const fraction = turn < 1 ? turn : turn - 1;
    this.from = popularity.at(fraction);
    if (of === "pairs") this.to = popularity.partnerAt(fraction, this.from);
  }

  /** Any amount, for operations after the first of a transaction. `fraction` from 0 up to but not including 1. */
  anyAmount(fraction: number): number {
    return this.#space.anyAmount(fraction);
  }

  #setParties(point: number): void {
    const { popularity, of } = this.#options;
    if (of === "senders") {
      this.from = point;
      return;
    }
    const others = popularity.accounts - 1;
    this.from = Math.floor(point / others);
    const to = point - this.from * others;
    this.to = to >= this.from ? to + 1 : to;
  }
}
