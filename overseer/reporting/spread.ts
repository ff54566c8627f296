import type { Spread } from "./run-summary.ts";

/** Null for no values. Values that are not finite are left out: a statistic that could not be read. */
export function spreadOf(values: readonly (number | null)[]): Spread | null {
  const sorted = values
    .filter((value): value is number => value !== null && Number.isFinite(value))
    .sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  return {
    minimum: sorted[0] as number,
    median: quantileOf(sorted, 0.5),
    mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    p95: quantileOf(sorted, 0.95),
    maximum: sorted.at(-1) as number,
  };
}

/** The smallest value that at least the share `level` of the sorted values does not exceed. */
export function quantileOf(sorted: readonly number[], level: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * level) - 1)] as number;
}
