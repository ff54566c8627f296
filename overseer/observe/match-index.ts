/** Fill at which the table is doubled: short probes at a third more memory than a full one. */
const maximumFill = 0.6;
const emptySlot = 0xffff_ffff;

/**
 * From the eight bytes that identify a transaction in a block to its sequence number. Open addressing in typed arrays:
 * a million entries take 28 MB where a `Map` of bigints takes over 100.
 */
export class MatchIndex {
  #keys: Uint32Array;
  #values: Uint32Array;
  #size = 0;

  constructor(expected: number) {
    const slots = slotsFor(expected);
    this.#keys = new Uint32Array(slots * 2);
    this.#values = new Uint32Array(slots).fill(emptySlot);
  }

  get size(): number {
    return this.#size;
  }

  /** Adds all keys; one that is there already keeps its first value. */
  addAll(keys: BigUint64Array, sequences: Uint32Array): void {
    const words = wordsOf(keys);
    for (let i = 0; i < sequences.length; i++) {
      this.#add(words[2 * i] as number, words[2 * i + 1] as number, sequences[i] as number);
    }
  }

  /** For each key its sequence number; keys that are not ours are left out. */
  findAll(keys: BigUint64Array): Uint32Array {
    const words = wordsOf(keys);
    const found = new Uint32Array(keys.length);
    let count = 0;
    for (let i = 0; i < keys.length; i++) {
      const value = this.#values[this.#slotOf(words[2 * i] as number, words[2 * i + 1] as number)] as number;
      if (value !== emptySlot) found[count++] = value;
    }
    return found.slice(0, count);
  }

  #add(first: number, second: number, sequence: number): void {
    if (this.#size >= this.#values.length * maximumFill) this.#grow();
    const slot = this.#slotOf(first, second);
    if (this.#values[slot] !== emptySlot) return;
    this.#keys[2 * slot] = first;
    this.#keys[2 * slot + 1] = second;
    this.#values[slot] = sequence;
    this.#size++;
  }

  /** The slot of the key, or the empty one where it would go. */
  #slotOf(first: number, second: number): number {
    const mask = this.#values.length - 1;
    // Keys are bytes of signatures or hashes and thus random already; one multiplication spreads even poor ones.
    let slot = Math.imul(first ^ Math.imul(second, 0x9e3779b1), 0x85ebca6b) >>> 0;
    for (slot = (slot ^ (slot >>> 15)) & mask; ; slot = (slot + 1) & mask) {
      if (this.#values[slot] === emptySlot) return slot;
      if (this.#keys[2 * slot] === first && this.#keys[2 * slot + 1] === second) return slot;
    }
  }

  #grow(): void {
    const keys = this.#keys;
    const values = this.#values;
    this.#keys = new Uint32Array(keys.length * 2);
    this.#values = new Uint32Array(values.length * 2).fill(emptySlot);
    this.#size = 0;
    for (const [slot, value] of values.entries()) {
      if (value !== emptySlot) this.#add(keys[2 * slot] as number, keys[2 * slot + 1] as number, value);
    }
  }
}

function slotsFor(expected: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(16, expected / maximumFill)));
}

function wordsOf(keys: BigUint64Array): Uint32Array {
  return new Uint32Array(keys.buffer, keys.byteOffset, keys.length * 2);
}
