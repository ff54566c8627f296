import { quantile, shareUpTo } from "./quantile.ts";

export interface QuantileRange {
  readonly lowest: number;
  readonly highest: number;
}

/** Of each quantity; so seldom outside, by chance, that none of the some hundred comparisons is. */
const standardErrors = 4;

/**
 * Where the quantile of `known + noise` lies when every value that is known got a noise of its own, of which another
 * sample is at hand. Both sorted; noise only adds.
 *
 * The share of the sums that are at most x is expected to be F(x) = mean over the known k of N(x − k), where N is the
 * noise's distribution. Its square error has two parts: that of the draw of the sums' own noise, the mean over k of
 * N(x − k) (1 − N(x − k)), over their number; and that of the sample from which N is known, the variance over the
 * sample's values n of K(x − n), over theirs, where K is the distribution of what is known. Where the sample has no value
 * at all, or all of them, it says nothing about the last few: so much of what is known as noise could reach x from counts
 * with that many. The quantile at `level` lies among the x at which F(x) is not further from `level` than these, and one
 * value of the sums.
 */
export function noisyQuantileRange(known: ArrayLike<number>, noise: ArrayLike<number>, level: number): QuantileRange {
  const isBelow = (x: number): boolean => expected(x) + errorAt(x) < level;
  const isAbove = (x: number): boolean => expected(x) - errorAt(x) >= level;
  const values = Array.from(known);
  const farthest = 2 * quantile(noise, 1);
  const expected = (x: number): number => mean(values, (k) => shareUpTo(noise, x - k));
  const errorAt = (x: number): number => {
    const draw = mean(values, (k) => spreadOf(shareUpTo(noise, x - k))) / known.length;
    const shares = Array.from(noise, (n) => shareUpTo(known, x - n));
    const share = mean(shares, (value) => value);
    const sample = mean(shares, (value) => (value - share) ** 2) / noise.length;
    const reached = shareUpTo(known, x) - shareUpTo(known, x - farthest);
    const unseen = (standardErrors * reached) / noise.length;
    return standardErrors * Math.sqrt(draw + sample) + unseen + 1 / known.length;
  };
  const least = quantile(known, 0) + quantile(noise, 0);
  const most = quantile(known, 1) + quantile(noise, 1);
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
