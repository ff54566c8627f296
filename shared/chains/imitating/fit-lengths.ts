export interface LengthRange {
  /** Of all lengths, the share that falls into it. */
  readonly share: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** As far from the mean, by its share, a single range may be. */
const tolerance = 0.1;
/** Where one even range does not fit: the lower half, the upper one without its tail, and the tail. */
const cuts = [0, 0.5, 0.9, 1] as const;

/**
 * Ranges of evenly spread whole numbers that have the lengths' mean: one where that fits, otherwise three. `longestOf`:
 * the longest that a length may be in truth, where no more of it is known than the shortest.
 */
export function fitLengths(
  lengths: readonly number[],
  longestOf: (length: number) => number = (length) => length,
): LengthRange[] {
  const ascending = [...lengths].sort((a, b) => a - b);
  const count = ascending.length;
  const mean = ascending.reduce((sum, length) => sum + (length + longestOf(length)) / 2, 0) / count;
  const range = (from: number, to: number): LengthRange => ({
    share: (to - from) / count,
    minimum: ascending[from] as number,
    maximum: longestOf(ascending[to - 1] as number),
  });
  const whole = range(0, count);
  if (Math.abs((whole.minimum + whole.maximum) / 2 - mean) <= tolerance * mean) return [whole];
  const places = cuts.map((cut) => Math.round(cut * count));
  return places.slice(1).flatMap((to, i) => (to > (places[i] as number) ? [range(places[i] as number, to)] : []));
}

/** As a scenario has it: `12` or `5..200`. */
export function lengthText({ minimum, maximum }: LengthRange): number | string {
  return minimum === maximum ? minimum : `${minimum}..${maximum}`;
}
