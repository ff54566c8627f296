import { SequenceRandom } from "../workload/sequence-random.ts";
import { randomStreams } from "../workload/shape.ts";
import { createDueCursor, type DueCursor, ProfileInverse, transactionsIn } from "./load-profile.ts";
import type { Load, RateSegment, SlotArrivals } from "./scenario.ts";

/** When the transactions of a phase are due; null for an unlimited one, where nothing is due before there is room. */
export function dueCursorOf(load: Load): DueCursor | null {
  if (load.kind === "unlimited") return null;
  const { segments, arrivals } = load;
  switch (arrivals.kind) {
    case "even":
      return createDueCursor(segments);
    case "poisson":
      return new PoissonCursor(segments, arrivals.seed);
    case "slots":
      return new SlotCursor(arrivals);
  }
}

/** A seed of its own for each phase, so that two phases with the same rate do not repeat each other. */
export function arrivalsSeed(seed: number, phaseIndex: number): number {
  const random = new SequenceRandom();
  random.reset(seed, phaseIndex, randomStreams.arrivals);
  return random.nextBelow(Number.MAX_SAFE_INTEGER);
}

/** Arrivals are made together for as many: enough that the way down the tree hardly counts, few enough to skip around. */
const leafSize = 128;

/**
 * A Poisson process with the profile's rate, given the number of its arrivals: then they are as many independent
 * uniform draws, put in order and taken through the inverse of the rate's integral. The order statistics come from a
 * tree: the middle one of n is Beta-distributed between its neighbours, and those on either side are again uniform. So
 * any of them is found without the ones before it, and everybody finds the same: each node of the tree has a generator
 * of its own.
 */
class PoissonCursor implements DueCursor {
  readonly transactions: number;
  readonly durationMicros: number;
  readonly #inverse: ProfileInverse;
  readonly #seed: number;
  readonly #random = new SequenceRandom();
  /** Sums of exponential spacings; after the n arrivals of the leaf comes the one that closes it. */
  readonly #leaf = new Float64Array(leafSize + 1);
  #leafFirst = 0;
  #leafEnd = 0;
  #leafStart = 0;
  #leafScale = 0;

  constructor(segments: readonly RateSegment[], seed: number) {
    this.#inverse = new ProfileInverse(segments);
    this.transactions = transactionsIn(segments);
    this.durationMicros = this.#inverse.durationMicros;
    this.#seed = seed;
  }

  dueOffsetMicros(index: number): number {
    if (!(index >= 0 && index < this.transactions)) {
      throw new RangeError(`transaction ${index} is not among the ${this.transactions} of the phase`);
    }
    if (index < this.#leafFirst || index >= this.#leafEnd) this.#openLeaf(index);
    const fraction = this.#leafStart + this.#leafScale * (this.#leaf[index - this.#leafFirst] as number);
    const { expected } = this.#inverse;
    // Rounding must not push the last arrival out of the phase.
    return this.#inverse.offsetMicros(Math.min(fraction * expected, expected - expected * 2 ** -52));
  }

  fill(target: Float64Array, first: number, step = 1): void {
    for (let k = 0; k < target.length; k++) target[k] = this.dueOffsetMicros(first + k * step);
  }

  /** Goes down from the whole phase to the few arrivals that `index` is one of. */
  #openLeaf(index: number): void {
    let first = 0;
    let end = this.transactions;
    let from = 0;
    let to = 1;
    let node = 1;
    while (end - first > leafSize) {
      const middle = first + ((end - first) >>> 1);
      this.#random.reset(this.#seed, node, randomStreams.arrivals);
      const at = from + (to - from) * drawBeta(this.#random, middle - first + 1, end - middle);
      if (index < middle) {
        end = middle;
        to = at;
        node = node * 2;
      } else if (index > middle) {
        first = middle + 1;
        from = at;
        node = node * 2 + 1;
      } else {
        // It belongs to neither side: a leaf of one.
        this.#setLeaf(index, index + 1, at, 0);
        return;
      }
    }
    this.#random.reset(this.#seed, node, randomStreams.arrivals);
    const count = end - first;
    let sum = 0;
    for (let k = 0; k <= count; k++) {
      sum += drawExponential(this.#random);
      this.#leaf[k] = sum;
    }
    this.#setLeaf(first, end, from, (to - from) / sum);
  }

  #setLeaf(first: number, end: number, start: number, scale: number): void {
    this.#leafFirst = first;
    this.#leafEnd = end;
    this.#leafStart = start;
    this.#leafScale = scale;
  }
}

function drawExponential(random: SequenceRandom): number {
  return -Math.log1p(-random.nextFraction());
}

/** For whole parameters of 1 or more. */
function drawBeta(random: SequenceRandom, alpha: number, beta: number): number {
  const one = drawGamma(random, alpha);
  return one / (one + drawGamma(random, beta));
}

/** Of scale 1, for shapes of 1 or more; Marsaglia and Tsang 2000. */
function drawGamma(random: SequenceRandom, shape: number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const normal = drawNormal(random);
    const root = 1 + c * normal;
    if (root <= 0) continue;
    const v = root * root * root;
    if (Math.log1p(-random.nextFraction()) < normal * normal * 0.5 + d * (1 - v + Math.log(v))) return d * v;
  }
}

/** Marsaglia's polar method; the second of the pair is thrown away, so that a draw needs no memory. */
function drawNormal(random: SequenceRandom): number {
  for (;;) {
    const x = 2 * random.nextFraction() - 1;
    const y = 2 * random.nextFraction() - 1;
    const square = x * x + y * y;
    if (square > 0 && square < 1) return x * Math.sqrt((-2 * Math.log(square)) / square);
  }
}

/** So many transactions in each slot of the same length: the j-th of n is due (j + ½) / n into its slot. */
class SlotCursor implements DueCursor {
  readonly transactions: number;
  readonly durationMicros: number;
  readonly #slotMicros: number;
  /** At each slot the transactions before it, and at the end all of them. */
  readonly #firsts: Float64Array;
  #slot = 0;

  constructor({ slotMicros, counts }: SlotArrivals) {
    this.#firsts = new Float64Array(counts.length + 1);
    for (const [i, count] of counts.entries()) this.#firsts[i + 1] = (this.#firsts[i] as number) + count;
    this.#slotMicros = slotMicros;
    this.transactions = this.#firsts.at(-1) as number;
    this.durationMicros = slotMicros * counts.length;
  }

  dueOffsetMicros(index: number): number {
    if (!(index >= 0 && index < this.transactions)) {
      throw new RangeError(`transaction ${index} is not among the ${this.transactions} of the phase`);
    }
    if (!this.#isIn(this.#slot, index))
      this.#slot = this.#isIn(this.#slot + 1, index) ? this.#slot + 1 : this.#find(index);
    const first = this.#firsts[this.#slot] as number;
    const count = (this.#firsts[this.#slot + 1] as number) - first;
    return this.#slotMicros * (this.#slot + (index - first + 0.5) / count);
  }

  fill(target: Float64Array, first: number, step = 1): void {
    for (let k = 0; k < target.length; k++) target[k] = this.dueOffsetMicros(first + k * step);
  }

  #isIn(slot: number, index: number): boolean {
    return (this.#firsts[slot] as number) <= index && index < (this.#firsts[slot + 1] ?? 0);
  }

  /** The last slot that begins at or before `index`: those before it with the same beginning are empty. */
  #find(index: number): number {
    let low = 0;
    let high = this.#firsts.length - 2;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#firsts[middle] as number) <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
