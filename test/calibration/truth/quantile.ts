/** The smallest value that at least the share `level` of all values does not exceed, as the report defines it. */
export function quantile(sorted: ArrayLike<number>, level: number): number {
  if (sorted.length === 0) throw new RangeError("no values");
  return sorted[Math.min(sorted.length, Math.max(1, Math.ceil(level * sorted.length - 1e-9))) - 1] as number;
}

/** The share of all values that are at most `limit`. */
export function shareUpTo(sorted: ArrayLike<number>, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low / sorted.length;
}
