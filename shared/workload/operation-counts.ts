import type { FillDistribution, OperationsDistribution } from "../scenario/scenario.ts";
import { maximumOperations } from "./shape.ts";

/** The most operations that a transaction of this distribution has. */
export function largestCount(distribution: OperationsDistribution): number {
  switch (distribution.kind) {
    case "fixed":
      return distribution.count;
    case "uniform":
    case "geometric":
      return distribution.maximum;
    case "table":
      return Math.min(maximumOperations, Math.max(...distribution.counts));
    case "fill":
      return filledBy(distribution, Math.min(...distribution.entryBytes));
    case "captured":
      return distribution.largest;
  }
}

/**
 * As many as most transactions have at most: the longest of a geometric distribution are rare, and so are captured ones
 * and filled ones that happen to have the smallest operations alone.
 */
export function commonCount(distribution: OperationsDistribution): number {
  const largest = largestCount(distribution);
  switch (distribution.kind) {
    case "geometric":
    case "captured":
      return Math.min(largest, Math.ceil(distribution.mean * 4));
    case "fill":
      return Math.min(largest, Math.ceil(meanCount(distribution) * 1.5));
    default:
      return largest;
  }
}

/** How many operations a transaction has on average. */
export function meanCount(distribution: OperationsDistribution): number {
  switch (distribution.kind) {
    case "fixed":
      return distribution.count;
    case "uniform":
      return (distribution.minimum + distribution.maximum) / 2;
    case "geometric":
      // Cut at the maximum: the chance that a transaction is at least that long, summed up over all lengths up to it.
      return distribution.mean * (1 - (1 - 1 / distribution.mean) ** distribution.maximum);
    case "table": {
      const total = distribution.weights.reduce((sum, weight) => sum + weight, 0);
      return distribution.counts.reduce((sum, n, i) => sum + (n * (distribution.weights[i] ?? 0)) / total, 0);
    }
    case "fill":
      return filledBy(distribution, distribution.meanEntryBytes);
    case "captured":
      return distribution.mean;
  }
}

/** Means of the number of operations in a transaction, of its square and of its cube. */
export interface CountMoments {
  readonly mean: number;
  readonly square: number;
  readonly cube: number;
}

/** Of captured transactions only mean and maximum are known: they count as if they were empty or as long as most are. */
export function countMoments(distribution: OperationsDistribution): CountMoments {
  switch (distribution.kind) {
    case "uniform": {
      const { minimum, maximum } = distribution;
      const counts = Array.from({ length: maximum - minimum + 1 }, (_, i) => minimum + i);
      return momentsOf(counts, () => 1);
    }
    case "geometric": {
      const { mean, maximum } = distribution;
      const goesOn = 1 - 1 / mean;
      const counts = Array.from({ length: maximum }, (_, i) => i + 1);
      return momentsOf(counts, (i) => goesOn ** i * (i + 1 === maximum ? 1 : 1 - goesOn));
    }
    case "table":
      return momentsOf(
        distribution.counts.map((count) => Math.min(maximumOperations, count)),
        (i) => distribution.weights[i] ?? 0,
      );
    case "captured": {
      const { mean } = distribution;
      const most = commonCount(distribution);
      return { mean, square: mean * most, cube: mean * most ** 2 };
    }
    case "fixed":
    case "fill": {
      const mean = meanCount(distribution);
      return { mean, square: mean ** 2, cube: mean ** 3 };
    }
  }
}

function momentsOf(counts: readonly number[], weightOf: (i: number) => number): CountMoments {
  let [total, mean, square, cube] = [0, 0, 0, 0];
  for (const [i, count] of counts.entries()) {
    const weight = weightOf(i);
    total += weight;
    mean += weight * count;
    square += weight * count ** 2;
    cube += weight * count ** 3;
  }
  return { mean: mean / total, square: square / total, cube: cube / total };
}

function filledBy({ bytes, overheadBytes }: FillDistribution, operationBytes: number): number {
  return Math.min(maximumOperations, Math.max(1, Math.floor((bytes - overheadBytes) / operationBytes)));
}
