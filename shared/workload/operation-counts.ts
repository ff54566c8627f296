import type { OperationsDistribution } from "../scenario/scenario.ts";
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
  }
}

/** As many as most transactions have at most: the longest of a geometric distribution are rare. */
export function commonCount(distribution: OperationsDistribution): number {
  const largest = largestCount(distribution);
  return distribution.kind === "geometric" ? Math.min(largest, Math.ceil(distribution.mean * 4)) : largest;
}
