/** A block that became part of the chain, in the order of their numbers; microseconds after T0. */
export interface DatedBlock {
  readonly number: number;
  readonly seenMicros: number;
}

/** Transactions of one block that became ready for it within the same step. */
export interface ReadyGroup {
  readonly block: number;
  /** They were ready from `step × stepMicros` on and before the next step. */
  readonly step: number;
  readonly count: number;
}

export interface InclusionDating {
  readonly blocks: readonly DatedBlock[];
  readonly ready: readonly ReadyGroup[];
  readonly blockIntervalMicros: number;
  /** The least time between a transaction's being ready and its block's being seen: what it takes to make and to see one. */
  readonly lagMicros: number;
  readonly stepMicros: number;
}

/**
 * How many transactions were included by the end of each step of time, each dated within its block's interval instead of
 * at its end. Blocks come at intervals, so that counts of them depend on where a stretch of time cuts between two: a
 * stretch of 8.9 s has eight blocks of a second or nine. A block that is made at `m` could take what became ready up to
 * `m`, so what became ready in the interval before `m` is dated then. What had been ready before had to wait
 * for room, and filled the block as evenly as any: it is spread over the interval. No interval is longer than the
 * chain's, so that a network that makes no blocks for a while includes nothing meanwhile.
 *
 * Every transaction counts once, so that adjoining stretches of time add up.
 */
export function dateInclusions(dating: InclusionDating): Float64Array {
  const { stepMicros } = dating;
  const intervals = intervalsOf(dating);
  // Not as arguments of one call: a day of half-second blocks is more than a call takes.
  const last = [...intervals.values()].reduce((latest, { toMicros }) => Math.max(latest, toMicros), 0);
  const counts = new Float64Array(Math.floor(last / stepMicros) + 2);
  for (const { block, step, count } of dating.ready) {
    const interval = intervals.get(block);
    if (interval === undefined) continue;
    const from = step * stepMicros;
    // A step that begins before the interval and ends in it holds some of both.
    const waited = Math.min(1, Math.max(0, (interval.fromMicros - from) / stepMicros));
    spread(counts, stepMicros, interval, count * waited);
    const ready = {
      fromMicros: Math.max(from, interval.fromMicros),
      toMicros: Math.min(from + stepMicros, interval.toMicros),
    };
    spread(counts, stepMicros, ready, count * (1 - waited));
  }
  return runningSum(counts);
}

interface Interval {
  readonly fromMicros: number;
  readonly toMicros: number;
}

function intervalsOf({ blocks, blockIntervalMicros, lagMicros }: InclusionDating): Map<number, Interval> {
  const intervals = new Map<number, Interval>();
  let previous = Number.NEGATIVE_INFINITY;
  for (const { number, seenMicros } of blocks) {
    const toMicros = Math.max(previous, seenMicros - lagMicros);
    intervals.set(number, { fromMicros: Math.max(previous, toMicros - blockIntervalMicros), toMicros });
    previous = toMicros;
  }
  return intervals;
}

/** Adds `count` to the steps that the interval touches, to each by its part; what lies before T0 counts at T0. */
function spread(counts: Float64Array, stepMicros: number, { fromMicros, toMicros }: Interval, count: number): void {
  if (count === 0) return;
  const [from, to] = [Math.max(0, fromMicros / stepMicros), Math.max(0, toMicros / stepMicros)];
  if (to <= from) {
    counts[positionOf(to)] = (counts[positionOf(to)] ?? 0) + count;
    return;
  }
  for (let step = Math.floor(from); step < to; step++) {
    const part = (Math.min(to, step + 1) - Math.max(from, step)) / (to - from);
    counts[step + 1] = (counts[step + 1] ?? 0) + count * part;
  }
}

/** Sums are of what lies before a step's end: the first of them is of nothing. */
function positionOf(steps: number): number {
  return Math.floor(steps) + 1;
}

export function runningSum(values: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(values.length);
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i] as number;
    sums[i] = sum;
  }
  return sums;
}

/** Of sums at the ends of steps, in a straight line between them. */
export function valueAt(steps: Float64Array, position: number): number {
  if (steps.length === 0 || position <= 0) return 0;
  const before = Math.floor(position);
  if (before >= steps.length - 1) return steps[steps.length - 1] as number;
  const [low, high] = [steps[before] as number, steps[before + 1] as number];
  return low + (high - low) * (position - before);
}
