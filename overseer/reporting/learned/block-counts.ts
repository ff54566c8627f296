import type { LearnedTraffic } from "../../traffic/learn-workload.ts";

export interface CountOfBlocks {
  /** Transactions in a block: from `least` to `most`. */
  readonly least: number;
  readonly most: number;
  readonly observed: number;
  /** Blocks that the fitted process has as many transactions in. */
  readonly fitted: number;
}

/** Beyond this, neighbouring counts are put together. */
const mostBars = 40;

/**
 * How many blocks have how many transactions, observed and by the fitted process: Poisson with each stretch's rate, or
 * evenly spaced.
 */
export function blockCountsOf({ arrivals, blocks }: LearnedTraffic): CountOfBlocks[] {
  const largest = blocks.reduce((most, { transactions }) => Math.max(most, transactions), 0);
  const observed = new Float64Array(largest + 1);
  for (const { transactions } of blocks) observed[transactions] = (observed[transactions] as number) + 1;
  const fitted = new Float64Array(largest + 1);
  for (const { firstBlock, endBlock, slots, transactions } of arrivals.stretches) {
    for (let i = firstBlock; i < endBlock; i++) {
      const mean = (transactions / slots) * (blocks[i]?.slots ?? 1);
      if (arrivals.kind === "even") addEven(fitted, mean);
      else addPoisson(fitted, mean);
    }
  }
  const width = Math.ceil((largest + 1) / mostBars);
  return Array.from({ length: Math.ceil((largest + 1) / width) }, (_, i): CountOfBlocks => {
    const least = i * width;
    const most = Math.min(largest, least + width - 1);
    return { least, most, observed: sum(observed, least, most), fitted: sum(fitted, least, most) };
  });
}

function addPoisson(target: Float64Array, mean: number): void {
  let logFactorial = 0;
  for (let k = 0; k < target.length; k++) {
    if (k > 0) logFactorial += Math.log(k);
    const probability = mean === 0 ? Number(k === 0) : Math.exp(k * Math.log(mean) - mean - logFactorial);
    target[k] = (target[k] as number) + probability;
  }
}

/** Transactions at equal distances: a block has one of two neighbouring numbers of them. */
function addEven(target: Float64Array, mean: number): void {
  const below = Math.floor(mean);
  for (const [k, share] of [
    [below, 1 - (mean - below)],
    [below + 1, mean - below],
  ] as const) {
    if (k < target.length) target[k] = (target[k] as number) + share;
  }
}

function sum(values: Float64Array, least: number, most: number): number {
  return values.subarray(least, most + 1).reduce((total, value) => total + value, 0);
}
