/**
 * A bijection of 0 … size − 1 that looks random: gives every transaction a number of its own (so that no two are the
 * same) which still appears drawn at random. A four-round Feistel network over the next even power of two, walked
 * until the result is inside the range.
 */
export class Permutation {
  readonly #size: number;
  readonly #halfBits: number;
  readonly #mask: number;
  readonly #seed: number;

  /** `size` from 1 to 2⁵². */
  constructor(size: number, seed: number) {
    this.#size = size;
    this.#halfBits = Math.max(1, Math.ceil(Math.log2(Math.max(2, size)) / 2));
    this.#mask = 2 ** this.#halfBits - 1;
    this.#seed = seed | 0;
  }

  /** `index` below `size`. */
  at(index: number): number {
    let value = index;
    do value = this.#encrypt(value);
    while (value >= this.#size);
    return value;
  }

  #encrypt(value: number): number {
    const base = this.#mask + 1;
    let left = Math.floor(value / base);
    let right = value % base;
    for (let round = 0; round < 4; round++) {
      const next = ((left ^ (scramble(right, this.#seed + round) & this.#mask)) >>> 0) & this.#mask;
      left = right;
      right = next;
    }
    return left * base + right;
  }
}

function scramble(value: number, key: number): number {
  let x = (value ^ Math.imul(key + 1, 0x9e3779b9)) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return x ^ (x >>> 15);
}
