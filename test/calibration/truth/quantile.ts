/** The smallest value that at least the share `level` of all values does not exceed, as the report defines it. */
export function quantile(sorted: ArrayLike<number>, level: number): number {
  if (sorted.length === 0) throw new RangeError("no values");
  return sorted[Math.min(sorted.length, Math.max(1, Math.ceil(level * sorted.length - 1e-9))) - 1] as number;
}

/**
 * Where the quantile of a sum `known + noise` must lie when nothing is known about how the two hang together, from
 * P(known + noise > x + y) ≤ P(known > x) + P(noise > y): the tightest of these bounds for each side. With `noiseSample`
 * the noise is not the very one of the sum but another sample of the same kind and size, so that its quantiles are
 * taken three standard errors of the difference of two samples further out.
 */
export function sumQuantileBounds(
  known: ArrayLike<number>,
  noise: ArrayLike<number>,
  level: number,
  noiseSample = false,
): { readonly lowest: number; readonly highest: number } {
  let lowest = Number.NEGATIVE_INFINITY;
  let highest = Number.POSITIVE_INFINITY;
  const steps = 1000;
  const noiseAt = (noiseLevel: number, side: -1 | 1): number => {
    const error = 3 * Math.sqrt((2 * noiseLevel * (1 - noiseLevel)) / noise.length) + 1 / noise.length;
    return quantile(noise, noiseSample ? Math.min(1, Math.max(0, noiseLevel + side * error)) : noiseLevel);
  };
  for (let i = 0; i <= steps; i++) {
    const below = (level * i) / steps;
    const above = ((1 - level) * i) / steps;
    lowest = Math.max(lowest, quantile(known, level - below) + noiseAt(below, -1));
    highest = Math.min(highest, quantile(known, level + above) + noiseAt(1 - above, 1));
  }
  return { lowest, highest };
}
