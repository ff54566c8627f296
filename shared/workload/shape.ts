import type { CapturedDistribution, FillDistribution, OperationsDistribution, Workload } from "../scenario/scenario.ts";
import { firstOperations, unpackBytes, unpackWords } from "./captured-columns.ts";
import { SequenceRandom } from "./sequence-random.ts";

/** Streams of `SequenceRandom`, so that drawing one thing more never changes another. */
export const randomStreams = { shape: 0, contents: 1, route: 2, arrivals: 3, popularity: 4 } as const;

/** The most operations that one transaction may have: what the fixed-size buffers of the signing path are made for. */
export const maximumOperations = 4096;

/**
 * Which operations each transaction has. Depends on nothing but the workload, the seed and the sequence number, and is
 * cheap enough to run over all transactions of a run wherever exact counts are needed.
 */
export class WorkloadShape {
  /** Mix entry of each operation of the transaction drawn last; the first `operations` are meant. */
  readonly entries = new Uint16Array(maximumOperations);
  operations = 0;

  readonly #random = new SequenceRandom();
  readonly #seed: number;
  readonly #distribution: OperationsDistribution;
  readonly #tableLimits: Float64Array;
  readonly #mixLimits: Float64Array;
  readonly #singleEntry: boolean;
  readonly #captured: CapturedShape | null;

  constructor(workload: Workload, seed: number) {
    this.#seed = seed;
    this.#distribution = workload.operationsPerTransaction;
    this.#mixLimits = cumulative(workload.mix.map((entry) => entry.weight));
    this.#tableLimits =
      this.#distribution.kind === "table" ? cumulative(this.#distribution.weights) : new Float64Array();
    this.#singleEntry = workload.mix.length === 1;
    this.#captured = this.#distribution.kind === "captured" ? capturedShapeOf(this.#distribution) : null;
  }

  draw(sequence: number): void {
    if (this.#captured !== null) {
      this.#take(this.#captured, sequence);
      return;
    }
    const random = this.#random;
    random.reset(this.#seed, sequence, randomStreams.shape);
    if (this.#distribution.kind === "fill") {
      this.#fill(this.#distribution);
      return;
    }
    const count = this.#drawCount(random, this.#distribution as DrawnDistribution);
    this.operations = count;
    if (this.#singleEntry) {
      this.entries.fill(0, 0, count);
      return;
    }
    for (let i = 0; i < count; i++) this.entries[i] = pick(this.#mixLimits, random.nextFraction());
  }

  #take({ firsts, entries }: CapturedShape, sequence: number): void {
    const place = sequence % (firsts.length - 1);
    const first = firsts[place] as number;
    this.operations = (firsts[place + 1] as number) - first;
    for (let i = 0; i < this.operations; i++) this.entries[i] = entries[first + i] as number;
  }

  #drawCount(random: SequenceRandom, distribution: DrawnDistribution): number {
    switch (distribution.kind) {
      case "fixed":
        return distribution.count;
      case "uniform":
        return distribution.minimum + random.nextBelow(distribution.maximum - distribution.minimum + 1);
      case "geometric": {
        if (distribution.mean <= 1) return 1;
        const trials = 1 + Math.floor(Math.log1p(-random.nextFraction()) / Math.log1p(-1 / distribution.mean));
        return Math.min(trials, distribution.maximum);
      }
      case "table":
        return distribution.counts[pick(this.#tableLimits, random.nextFraction())] as number;
    }
  }

  /** Draws operations for as long as the next one fits, however small the rest that is left. */
  #fill({ bytes, overheadBytes, entryBytes }: FillDistribution): void {
    const random = this.#random;
    let left = bytes - overheadBytes;
    let count = 0;
    while (count < maximumOperations) {
      const entry = this.#singleEntry ? 0 : pick(this.#mixLimits, random.nextFraction());
      left -= entryBytes[entry] as number;
      if (left < 0 && count > 0) break;
      this.entries[count++] = entry;
    }
    this.operations = count;
  }
}

type DrawnDistribution = Exclude<OperationsDistribution, FillDistribution | CapturedDistribution>;

interface CapturedShape {
  readonly firsts: Uint32Array;
  readonly entries: Uint8Array;
}

/** Unpacked once for all shapes of the same workload. */
const capturedShapes = new WeakMap<CapturedDistribution, CapturedShape>();

function capturedShapeOf(distribution: CapturedDistribution): CapturedShape {
  const known = capturedShapes.get(distribution);
  if (known !== undefined) return known;
  const { counts, entries } = distribution;
  const shape = { firsts: firstOperations(unpackWords(counts)), entries: unpackBytes(entries) };
  capturedShapes.set(distribution, shape);
  return shape;
}

/** Index of the first limit above `fraction`; for the short lists of a mix a straight search is the fastest. */
function pick(limits: Float64Array, fraction: number): number {
  const last = limits.length - 1;
  for (let i = 0; i < last; i++) if (fraction < (limits[i] as number)) return i;
  return last;
}

function cumulative(weights: readonly number[]): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const limits = new Float64Array(weights.length);
  let sum = 0;
  for (const [i, weight] of weights.entries()) {
    sum += weight;
    limits[i] = sum / total;
  }
  return limits;
}
