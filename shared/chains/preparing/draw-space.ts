import { Permutation } from "../../workload/permutation.ts";

/** Beyond this the combined space is not used: `Permutation` reaches 2⁵². */
const largestSpace = 2 ** 50;

/** Amounts `first`, `first + step`, …; `count` of them. */
export interface AmountLattice {
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

/**
 * Gives every transaction of a run a combination of an amount and of parties (such as sender and recipient) that no
 * other has, so that no two have the same id, and yet in an order that looks drawn at random. Where there are so many
 * amounts that they suffice alone, the parties stay free.
 */
export class DrawSpace {
  /** How many transactions can be told apart. */
  readonly size: number;
  /** Amount of the combination drawn last. */
  amount = 0;
  /** Parties of the combination drawn last; −1: whichever. */
  party = -1;

  readonly #lattice: AmountLattice;
  readonly #combined: boolean;
  readonly #permutation: Permutation;

  constructor(lattice: AmountLattice, parties: number, seed: number) {
    this.#lattice = lattice;
    this.#combined = lattice.count * parties <= largestSpace;
    this.size = this.#combined ? lattice.count * parties : lattice.count;
    this.#permutation = new Permutation(Math.max(1, this.size), seed);
  }

  /** `sequence` below `size`. */
  draw(sequence: number): void {
    const { first, step, count } = this.#lattice;
    const place = this.#permutation.at(sequence);
    const party = this.#combined ? Math.floor(place / count) : -1;
    this.party = party;
    this.amount = first + step * (party < 0 ? place : place - party * count);
  }

  /** Any amount, for operations after the first of a transaction. `fraction` from 0 up to but not including 1. */
  anyAmount(fraction: number): number {
    const { first, step, count } = this.#lattice;
    return first + step * Math.floor(fraction * count);
  }
}

export interface AmountStretch {
  /** Stretches with different keys cannot meet: other operations, other assets. */
  readonly key: string;
  readonly minimum: number;
  readonly maximum: number;
}

/**
 * Amounts for each stretch so that different stretches never share one, unless they are the same stretch (then the
 * sequence number tells the transactions apart). Stretches that overlap are dealt residues.
 */
export function disjointLattices(stretches: readonly AmountStretch[]): AmountLattice[] {
  return stretches.map((stretch, index) => {
    const rivals = stretches.filter((other) => overlaps(stretch, other));
    const distinct = rivals.every((other) => other.minimum === stretch.minimum && other.maximum === stretch.maximum);
    if (distinct) return { first: stretch.minimum, step: 1, count: stretch.maximum - stretch.minimum + 1 };
    const step = stretches.length;
    const first = stretch.minimum + ((((index - stretch.minimum) % step) + step) % step);
    return { first, step, count: first > stretch.maximum ? 0 : Math.floor((stretch.maximum - first) / step) + 1 };
  });
}

function overlaps(a: AmountStretch, b: AmountStretch): boolean {
  return a.key === b.key && a.minimum <= b.maximum && b.minimum <= a.maximum;
}
