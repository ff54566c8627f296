/**
 * A generator of random numbers for one transaction, set up anew from the run's seed and the transaction's sequence
 * number: what is random about a transaction does not depend on which beacon or thread prepares it, nor on what was
 * prepared before. xoshiro128** seeded through a 32-bit finaliser (public-domain algorithms by Blackman and Vigna).
 */
export class SequenceRandom {
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  /** `stream` separates independent uses of the same transaction, such as its shape and its contents. */
  reset(seed: number, sequence: number, stream = 0): void {
    const high = Math.floor(seed / 4294967296) >>> 0;
    const base = mix32((seed >>> 0) ^ 0x9e3779b9) ^ mix32(high + 0x85ebca6b);
    this.#a = mix32(base ^ sequence);
    this.#b = mix32(this.#a + 0x6d2b79f5 + stream);
    this.#c = mix32(this.#b ^ Math.floor(sequence / 4294967296) ^ 0xc2b2ae35);
    this.#d = mix32(this.#c + sequence + 0x27d4eb2f) | 1;
    this.nextWord();
  }

  /** Uniform over 0 … 2³² − 1. */
  nextWord(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = rotateLeft(this.#d, 11);
    return result;
  }

  /** Uniform over [0, 1), 53 bits. */
  nextFraction(): number {
    return ((this.nextWord() >>> 5) * 67108864 + (this.nextWord() >>> 6)) / 9007199254740992;
  }

  /** Uniform over 0 … bound − 1, for bounds up to 2⁵³. */
  nextBelow(bound: number): number {
    return Math.floor(this.nextFraction() * bound);
  }
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function mix32(word: number): number {
  let x = word | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}
