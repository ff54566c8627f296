import type { CapturedPopularity } from "../scenario/scenario.ts";
import { firstOperations, unpackNumbers, unpackWords } from "./captured-columns.ts";
import type { SequenceRandom } from "./sequence-random.ts";

/** In the column of others: the operation names nobody but its payer. */
export const nobody = 0xffff_ffff;

interface Columns {
  /** At each transaction the operations before it, and at the end all of them. */
  readonly firsts: Uint32Array;
  readonly payers: Uint32Array;
  readonly others: Uint32Array;
  readonly sizes: Uint16Array;
}

/** Unpacked once for all that draw from the same workload. */
const unpacked = new WeakMap<CapturedPopularity, Columns>();

/**
 * Whom each captured operation is of and with whom, as accounts of the run: the k-th busiest captured account is the
 * run's account k modulo as many as there are. After the last transaction comes the first one again.
 */
export class CapturedParties {
  readonly #accounts: number;
  readonly #columns: Columns;

  constructor(popularity: CapturedPopularity, accounts: number) {
    this.#accounts = accounts;
    const columns = unpacked.get(popularity) ?? unpack(popularity);
    unpacked.set(popularity, columns);
    this.#columns = columns;
  }

  payerOf(sequence: number, position: number): number {
    return (this.#columns.payers[this.#placeOf(sequence, position)] as number) % this.#accounts;
  }

  /** Another account than `payer`: the next one where both are the same here. −1 where the operation names nobody else. */
  otherOf(sequence: number, position: number, payer: number): number {
    const other = this.#columns.others[this.#placeOf(sequence, position)] as number;
    if (other === nobody) return -1;
    const account = other % this.#accounts;
    return account === payer ? (account + 1) % this.#accounts : account;
  }

  /** Length of the operation's text or data. */
  sizeOf(sequence: number, position: number): number {
    return this.#columns.sizes[this.#placeOf(sequence, position)] as number;
  }

  anyPayer(random: SequenceRandom): number {
    const { payers } = this.#columns;
    return (payers[random.nextBelow(payers.length)] as number) % this.#accounts;
  }

  /** Of all operations, the share that each account pays for. */
  payerShares(): Float64Array {
    const { payers } = this.#columns;
    const shares = new Float64Array(this.#accounts);
    for (const payer of payers) shares[payer % this.#accounts] = (shares[payer % this.#accounts] as number) + 1;
    return shares.map((count) => count / payers.length);
  }

  /** Of the operations that name somebody else, the share that names each account. */
  otherShares(): Float64Array {
    const { payers, others } = this.#columns;
    const shares = new Float64Array(this.#accounts);
    let total = 0;
    for (const [place, other] of others.entries()) {
      if (other === nobody) continue;
      const account = other % this.#accounts;
      const named = account === (payers[place] as number) % this.#accounts ? (account + 1) % this.#accounts : account;
      shares[named] = (shares[named] as number) + 1;
      total++;
    }
    return total === 0 ? this.payerShares() : shares.map((count) => count / total);
  }

  #placeOf(sequence: number, position: number): number {
    const { firsts } = this.#columns;
    return (firsts[sequence % (firsts.length - 1)] as number) + position;
  }
}

function unpack({ counts, payers, others, sizes }: CapturedPopularity): Columns {
  return {
    firsts: firstOperations(unpackWords(counts)),
    payers: unpackNumbers(payers),
    others: unpackNumbers(others),
    sizes: unpackWords(sizes),
  };
}
