import type { BlockCount } from "./observation.ts";

/**
 * Transactions per block as a process with a rate that holds for a while and then changes in a step.
 *
 * Arrivals are judged by the index of dispersion within the stretches: Σ (count − expected)² / expected over the degrees
 * of freedom, which is 1 for a Poisson process, 0 for even distances, and more where transactions come in bursts. Over so
 * few blocks that chance alone reaches down to 0, even arrivals and Poisson ones cannot be told apart.
 */
export interface ArrivalsFit {
  readonly stretches: readonly Stretch[];
  readonly dispersion: number;
  /** Four standard deviations of the dispersion of a Poisson process that is observed as long. */
  readonly tolerance: number;
  readonly kind: "even" | "poisson" | "bursty" | "undecided";
}

export interface Stretch {
  /** Positions of blocks: the first, and the one after the last. */
  readonly firstBlock: number;
  readonly endBlock: number;
  readonly slots: number;
  readonly transactions: number;
}

/** A rate that is held for a shorter time is chance, or nothing that a phase can show. */
const fewestBlocks = 5;
/** Beyond this nobody reads the phases, and each has a threshold name of its own. */
const mostStretches = 50;
/** Neighbouring rates that are nearer to each other are one: significance alone would cut long ranges into slivers. */
const smallestChange = 0.1;
const sigmas = 4;

export function fitArrivals(blocks: readonly BlockCount[]): ArrivalsFit {
  const sums = new BlockSums(blocks);
  const overdispersion = Math.max(1, localDispersion(blocks));
  // The gain of a needless cut is chi-squared with one degree of freedom, the best of as many places as there are.
  const threshold = overdispersion * (2 * Math.log(Math.max(2, blocks.length)) + sigmas ** 2);
  const cuts = [0, blocks.length];
  for (;;) {
    const next = bestCut(sums, cuts, threshold);
    if (next === null || cuts.length > mostStretches) break;
    cuts.push(next);
    cuts.sort((a, b) => a - b);
  }
  const stretches = cuts.slice(1).map((end, i) => sums.stretch(cuts[i] as number, end));
  const insides = stretches
    .map((stretch) => inside(stretch, sums, blocks.length))
    .filter((one) => one.transactions > 0);
  const freedom = Math.max(
    1,
    insides.reduce((sum, { firstBlock, endBlock }) => sum + endBlock - firstBlock - 1, 0),
  );
  const dispersion = insides.reduce((sum, one) => sum + squaresIn(one, blocks), 0) / freedom;
  const tolerance = sigmas * Math.sqrt(2 / freedom);
  return { stretches, dispersion, tolerance, kind: kindOf(dispersion, tolerance) };
}

function kindOf(dispersion: number, tolerance: number): ArrivalsFit["kind"] {
  if (dispersion > 1 + tolerance) return "bursty";
  if (tolerance >= 1) return "undecided";
  return dispersion < 1 - tolerance ? "even" : "poisson";
}

class BlockSums {
  readonly #slots: Float64Array;
  readonly #transactions: Float64Array;

  constructor(blocks: readonly BlockCount[]) {
    this.#slots = new Float64Array(blocks.length + 1);
    this.#transactions = new Float64Array(blocks.length + 1);
    for (const [i, { slots, transactions }] of blocks.entries()) {
      this.#slots[i + 1] = (this.#slots[i] as number) + slots;
      this.#transactions[i + 1] = (this.#transactions[i] as number) + transactions;
    }
  }

  stretch(firstBlock: number, endBlock: number): Stretch {
    return {
      firstBlock,
      endBlock,
      slots: (this.#slots[endBlock] as number) - (this.#slots[firstBlock] as number),
      transactions: (this.#transactions[endBlock] as number) - (this.#transactions[firstBlock] as number),
    };
  }
}

/** Without the blocks beside a cut: a rate changes in the middle of one of them. */
function inside({ firstBlock, endBlock }: Stretch, sums: BlockSums, blocks: number): Stretch {
  return sums.stretch(firstBlock + (firstBlock > 0 ? 1 : 0), endBlock - (endBlock < blocks ? 1 : 0));
}

/** Where a cut gains most, if that is enough. */
function bestCut(sums: BlockSums, cuts: readonly number[], threshold: number): number | null {
  let best: number | null = null;
  let most = threshold;
  for (const [i, end] of cuts.entries()) {
    const first = cuts[i - 1];
    if (first === undefined) continue;
    const whole = sums.stretch(first, end);
    for (let at = first + fewestBlocks; at <= end - fewestBlocks; at++) {
      const [before, after] = [sums.stretch(first, at), sums.stretch(at, end)];
      const gain = 2 * (logLikelihood(before) + logLikelihood(after) - logLikelihood(whole));
      if (gain <= most || !differs(before, after)) continue;
      most = gain;
      best = at;
    }
  }
  return best;
}

function differs(one: Stretch, other: Stretch): boolean {
  const [a, b] = [one.transactions / one.slots, other.transactions / other.slots];
  return Math.abs(a - b) >= smallestChange * Math.max(a, b);
}

/** Of a Poisson process with the stretch's own rate, but for a constant. */
function logLikelihood({ transactions, slots }: Stretch): number {
  return transactions === 0 ? 0 : transactions * Math.log(transactions / slots);
}

function squaresIn({ firstBlock, endBlock, slots, transactions }: Stretch, blocks: readonly BlockCount[]): number {
  const rate = transactions / slots;
  let sum = 0;
  for (let i = firstBlock; i < endBlock; i++) {
    const block = blocks[i] as BlockCount;
    const expected = rate * block.slots;
    sum += (block.transactions - expected) ** 2 / expected;
  }
  return sum;
}

/** Of neighbouring blocks, so that a rate that changes slowly does not look like chance. */
function localDispersion(blocks: readonly BlockCount[]): number {
  let sum = 0;
  let pairs = 0;
  for (const [i, { slots, transactions }] of blocks.entries()) {
    const before = blocks[i - 1];
    if (before === undefined || before.slots !== slots || before.transactions + transactions === 0) continue;
    sum += (transactions - before.transactions) ** 2 / (transactions + before.transactions);
    pairs++;
  }
  return pairs === 0 ? 1 : sum / pairs;
}
