import { quantile, shareUpTo } from "./quantile.ts";

export interface QuantileRange {
  readonly lowest: number;
  readonly highest: number;
}

/** Of each quantity; so seldom outside, by chance, that none of the some hundred comparisons is. */
const standardErrors = 4;

/** Of sums of shares. */
const rounding = 1e-9;

/**
 * Where the quantile of `known + noise` lies when every value that is known got a noise of its own, of which another
 * sample is at hand. Both sorted; noise only adds.
 *
 * The share of the sums that are at most x is expected to be F(x) = mean over the known k of N(x − k), where N is the
 * noise's distribution. Its square error has two parts: that of the draw of the sums' own noise, the mean over k of
 * N(x − k) (1 − N(x − k)), over their number; and that of the sample from which N is known, the variance over the
 * sample's values n of K(x − n), over theirs, where K is the distribution of what is known. Rare values are more uneven
 * than that, and what the sample has none of may exist: so, as in Wilson's interval, half the square of the standard
 * errors is added in values of each of the two, for the share of what is known that the noise could lift over x. The
 * quantile at `level` lies among the x at which F(x) is not further from `level` than these.
 */
export function noisyQuantileRange(known: ArrayLike<number>, noise: ArrayLike<number>, level: number): QuantileRange {
  const isBelow = (x: number): boolean => expected(x) + errorAt(x) < level;
  const isAbove = (x: number): boolean => expected(x) - errorAt(x) >= level;
  const values = Array.from(known);
  // Of another sample the largest is another: no more is said of it than this.
  const farthest = 2 * quantile(noise, 1);
  const expected = (x: number): number => mean(values, (k) => shareUpTo(noise, x - k));
  const errorAt = (x: number): number => {
    const draw = mean(values, (k) => spreadOf(shareUpTo(noise, x - k))) / known.length;
    const shares = Array.from(noise, (n) => shareUpTo(known, x - n));
    const share = mean(shares, (value) => value);
    const sample = mean(shares, (value) => (value - share) ** 2) / noise.length;
    const reached = shareUpTo(known, x) - shareUpTo(known, x - farthest);
    const unseen = (standardErrors ** 2 / 2) * reached * (1 / known.length + 1 / noise.length);
    return standardErrors * Math.sqrt(draw + sample) + unseen + rounding;
  };
  const least = quantile(known, 0) + quantile(noise, 0);
  const most = quantile(known, 1) + farthest;
  return {
    lowest: boundary(least, most, (x) => !isBelow(x)),
    highest: boundary(least, most, isAbove),
  };
}

function spreadOf(share: number): number {
  return share * (1 - share);
}

function mean<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((sum, value) => sum + of(value), 0) / values.length;
}

/** The least x from `least` to `most`, to a millionth of the way, from which on `holds` does; `most` where it never does. */
function boundary(least: number, most: number, holds: (x: number) => boolean): number {
  let [low, high] = [least, most];
  if (holds(low)) return low;
  for (let i = 0; i < 20; i++) {
    const middle = (low + high) / 2;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
