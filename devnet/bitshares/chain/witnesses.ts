import { createHash } from "node:crypto";
import secp256k1 from "secp256k1";
import { createRandom, shuffle } from "../../network/random.ts";
import { toKeyText } from "../codec/public-key.ts";

export interface Witness {
  /** Instance of the object 1.6.x; they start at 1. */
  readonly instance: number;
  readonly account: number;
  readonly privateKey: Buffer;
  readonly publicKey: string;
}

export function createWitnesses(seed: number, count: number, firstAccount: number): readonly Witness[] {
  return Array.from({ length: count }, (_, index) => {
    const privateKey = createHash("sha256").update(`devnet ${seed} witness ${index}`).digest();
    return {
      instance: index + 1,
      account: firstAccount + index,
      privateKey,
      publicKey: toKeyText(secp256k1.publicKeyCreate(privateKey, true)),
    };
  });
}

/** In every round each witness has one turn; the order is drawn anew for each round and is the same on every fork. */
export class WitnessSchedule {
  readonly #seed: number;
  readonly #count: number;
  #round = -1;
  #order: readonly number[] = [];

  constructor(seed: number, count: number) {
    this.#seed = seed;
    this.#count = count;
  }

  /** Index of the witness whose turn the slot is. */
  at(slot: number): number {
    const round = Math.floor(slot / this.#count);
    if (round !== this.#round) {
      const witnesses = Array.from({ length: this.#count }, (_, index) => index);
      this.#order = shuffle(witnesses, createRandom(this.#seed, `witness order ${round}`));
      this.#round = round;
    }
    return this.#order[slot % this.#count]!;
  }
}

/** The highest block that more than 70 % of the witnesses have built on. */
export function lastIrreversible(confirmed: readonly number[]): number {
  const sorted = [...confirmed].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length * 3) / 10)]!;
}
