import { maximumOperations, type WorkloadShape } from "./shape.ts";

/**
 * Operations such as the cancellation of an order consume an object that exists already, and no object can be consumed
 * twice. So each use of such a mix entry has an ordinal, counted over all transactions of the run in sequence order:
 * the driver gives object number `ordinal` to it. Ordinals depend on nothing but the workload and the seed; whoever
 * prepares a transaction finds the same ones, provided that it has counted all transactions before, also those of
 * other beacons. Checkpoints make that cheap.
 */

/** Which mix entries consume objects, from `ResolvedChain.pools`. */
export function consumersOf(pools: readonly (number | null)[]): boolean[] {
  return pools.map((pool) => pool !== null);
}

/**
 * Writes the ordinal of each operation of one transaction and counts it in `counts`, one for each mix entry. Entries
 * that consume nothing are counted as well; their ordinals mean nothing and do no harm.
 */
export function assignPoolOrdinals(
  entries: Uint16Array,
  operations: number,
  counts: Uint32Array,
  out: Uint32Array,
): void {
  for (let i = 0; i < operations; i++) {
    const entry = entries[i] as number;
    out[i] = counts[entry] as number;
    counts[entry] = (counts[entry] as number) + 1;
  }
}

/**
 * Draws transactions in ascending order and knows the pool ordinals of each. What it skips is drawn too, because it has
 * to be counted, unless no mix entry consumes anything: then skipping is free.
 */
export class PoolCursor {
  /** Ordinals of the transaction drawn last; the first `shape.operations` are meant. */
  readonly ordinals = new Uint32Array(maximumOperations);

  readonly #shape: WorkloadShape;
  readonly #counts: Uint32Array;
  readonly #counting: boolean;
  #next = 0;

  /** `consumes` by mix entry, see `consumersOf`. The cursor draws with `shape`, which holds the entries afterwards. */
  constructor(shape: WorkloadShape, consumes: readonly boolean[]) {
    this.#shape = shape;
    this.#counts = new Uint32Array(consumes.length);
    this.#counting = consumes.some(Boolean);
  }

  /** The transaction that the next `draw` may name at the earliest. */
  get next(): number {
    return this.#next;
  }

  /** Continues at `sequence`, before which each mix entry was used `counts` times. */
  seek(sequence: number, counts: ArrayLike<number>): void {
    this.#counts.set(counts);
    this.#next = sequence;
  }

  /** Draws transaction `sequence`, which must not lie before `next`. `shape` and `ordinals` then describe it. */
  draw(sequence: number): void {
    if (!this.#counting) {
      this.#shape.draw(sequence);
      this.#next = sequence + 1;
      return;
    }
    this.#countUpTo(sequence);
    this.#shape.draw(sequence);
    assignPoolOrdinals(this.#shape.entries, this.#shape.operations, this.#counts, this.ordinals);
    this.#next = sequence + 1;
  }

  #countUpTo(sequence: number): void {
    if (sequence < this.#next) throw new RangeError(`transaction ${sequence} lies before ${this.#next}: seek first`);
    const { entries } = this.#shape;
    for (; this.#next < sequence; this.#next++) {
      this.#shape.draw(this.#next);
      for (let i = 0; i < this.#shape.operations; i++) {
        const entry = entries[i] as number;
        this.#counts[entry] = (this.#counts[entry] as number) + 1;
      }
    }
  }
}

/** Where a `PoolCursor` can start; plain data that survives a structured clone. */
export interface PoolCheckpoints {
  readonly firstSequence: number;
  readonly every: number;
  readonly mixEntries: number;
  /** Uses of each mix entry before `firstSequence + k × every`, at `k × mixEntries`. Empty when nothing is consumed. */
  readonly counts: Uint32Array;
}

/**
 * Counts through `firstSequence` … `endSequence` − 1, about 10 million transactions a second. `firstSequence` is 0 or a
 * place that nothing was consumed before. Free when no entry consumes anything.
 */
export function createPoolCheckpoints(
  shape: WorkloadShape,
  consumes: readonly boolean[],
  firstSequence: number,
  endSequence: number,
  every: number,
): PoolCheckpoints {
  const mixEntries = consumes.length;
  if (!consumes.some(Boolean)) return { firstSequence, every, mixEntries, counts: new Uint32Array() };
  const checkpoints = Math.max(1, Math.ceil((endSequence - firstSequence) / every));
  const counts = new Uint32Array(checkpoints * mixEntries);
  for (let k = 1; k < checkpoints; k++) {
    const at = k * mixEntries;
    counts.copyWithin(at, at - mixEntries, at);
    const end = firstSequence + k * every;
    for (let sequence = end - every; sequence < end; sequence++) {
      shape.draw(sequence);
      for (let i = 0; i < shape.operations; i++) {
        const place = at + (shape.entries[i] as number);
        counts[place] = (counts[place] as number) + 1;
      }
    }
  }
  return { firstSequence, every, mixEntries, counts };
}

/** Moves the cursor to the last checkpoint at or before `sequence`, ready to draw it. */
export function seekToCheckpoint(cursor: PoolCursor, checkpoints: PoolCheckpoints, sequence: number): void {
  const { firstSequence, every, mixEntries, counts } = checkpoints;
  if (counts.length === 0) {
    cursor.seek(sequence, new Uint32Array(mixEntries));
    return;
  }
  const last = counts.length / mixEntries - 1;
  const k = Math.min(last, Math.max(0, Math.floor((sequence - firstSequence) / every)));
  cursor.seek(firstSequence + k * every, counts.subarray(k * mixEntries, (k + 1) * mixEntries));
}
