import { SequenceRandom } from "../../shared/workload/sequence-random.ts";

/**
 * How unequally popular senders are, as a scenario says it: the k-th most popular of `accounts` has a weight of
 * k^−exponent; exponent 0 means all alike.
 */
export interface PopularityFit {
  readonly accounts: number;
  readonly exponent: number;
  /** Of the exponent, from samples drawn of the fitted law. */
  readonly standardError: number;
  /** As many as sent anything. */
  readonly seen: number;
  readonly transactions: number;
  /**
   * Share of samples drawn of the fitted law whose ranks lie as far from it as the observed ones or farther: below some
   * per cent the law is not what senders follow.
   */
  readonly pValue: number;
  /** Largest difference between the observed and the expected share of the k busiest senders, over all k. */
  readonly distance: number;
  /** By number of busiest senders, a few of them: their share of all transactions, observed and by the law. */
  readonly curve: readonly { readonly senders: number; readonly observed: number; readonly fitted: number }[];
}

const steepest = 4;
/** What a scenario takes. */
const mostAccounts = 100_000;
const mostSteps = 30;
const corrections = 3;
const seed = 20_260_101;
const curvePoints = 24;
/** As many as the quantiles of a p-value need, fewer where there are very many accounts. */
const mostSamples = 100;
const fewestSamples = 20;
const drawsForSamples = 2e6;

/** `counts`: transactions of each sender, the busiest first; at least one sender. */
export function fitPopularity(counts: readonly number[]): PopularityFit {
  const transactions = counts.reduce((sum, count) => sum + count, 0);
  const { accounts, exponent: naive } = fitLaw(counts, transactions);
  const exponent = correctedExponent(naive, accounts, transactions);
  const samples = drawSamples(exponent, accounts, transactions);
  const exponents = samples.map((sample) => fitExponent(sample, accounts));
  const expected = meanCurve(samples, accounts);
  const observed = shareCurve(counts, accounts);
  const distance = distanceOf(observed, expected);
  const farther = samples.filter((sample) => distanceOf(shareCurve(sample, accounts), expected) >= distance).length;
  return {
    accounts,
    exponent,
    standardError: deviationOf(exponents),
    seen: counts.length,
    transactions,
    pValue: farther / samples.length,
    distance,
    curve: placesOf(accounts).map((senders) => ({
      senders,
      observed: observed[senders] as number,
      fitted: expected[senders] as number,
    })),
  };
}

/**
 * The exponent of the highest likelihood, and as many accounts that as many of them would have sent something as did.
 * What is observed are not the accounts' ranks but those of their counts.
 */
function fitLaw(counts: readonly number[], transactions: number): { accounts: number; exponent: number } {
  const seenBy = (accounts: number): number => {
    const shares = sharesOf(fitExponent(counts, accounts), accounts);
    return shares.reduce((sum, share) => sum - Math.expm1(-transactions * share), 0);
  };
  let low = counts.length;
  // Half an account more: as many are seen when they are all, but for chance.
  if (seenBy(low) + 0.5 < counts.length && low < mostAccounts) {
    let high = mostAccounts;
    while (high - low > Math.max(1, low / 100)) {
      const middle = Math.round((low + high) / 2);
      if (seenBy(middle) < counts.length) low = middle;
      else high = middle;
    }
  }
  return { accounts: low, exponent: fitExponent(counts, low) };
}

/** Where the mean of ln k under the law is what it is in the counts. */
function fitExponent(counts: ArrayLike<number>, accounts: number): number {
  let total = 0;
  let wanted = 0;
  for (let k = 0; k < counts.length; k++) {
    total += counts[k] as number;
    wanted += (counts[k] as number) * Math.log(k + 1);
  }
  wanted /= Math.max(1, total);
  return accounts < 2 ? 0 : exponentFor(wanted, logsUpTo(accounts));
}

/** Newton's method: the mean of ln k falls as the exponent rises, by its variance. */
function exponentFor(wanted: number, logs: Float64Array): number {
  let exponent = 1;
  for (let step = 0; step < mostSteps; step++) {
    let weights = 0;
    let sum = 0;
    let squares = 0;
    for (const log of logs) {
      const weight = Math.exp(-exponent * log);
      weights += weight;
      sum += weight * log;
      squares += weight * log * log;
    }
    const mean = sum / weights;
    const next = Math.min(steepest, Math.max(0, exponent + (mean - wanted) / (squares / weights - mean * mean)));
    if (Math.abs(next - exponent) < 1e-6 || Number.isNaN(next)) break;
    exponent = next;
  }
  return exponent;
}

let knownLogs = new Float64Array();

/** ln k for k from 1 to `accounts`; the same for all samples. */
function logsUpTo(accounts: number): Float64Array {
  if (knownLogs.length < accounts) knownLogs = Float64Array.from({ length: accounts }, (_, k) => Math.log(k + 1));
  return knownLogs.subarray(0, accounts);
}

/**
 * Sorting by count makes chance look like popularity: even equally popular accounts have a busiest one. So the law is
 * looked for whose samples, sorted and fitted alike, give the exponent that was observed. Where those of equal accounts
 * do, they are taken for equal.
 */
function correctedExponent(observed: number, accounts: number, transactions: number): number {
  const fittedTo = (exponent: number): number[] =>
    drawSamples(exponent, accounts, transactions).map((sample) => fitExponent(sample, accounts));
  const alike = fittedTo(0);
  if (observed <= meanOf(alike) + 3 * deviationOf(alike)) return 0;
  let exponent = observed;
  for (let i = 0; i < corrections; i++) {
    exponent = Math.min(steepest, Math.max(0, exponent + observed - meanOf(fittedTo(exponent))));
  }
  return exponent;
}

/** The same for every exponent but for what it changes, so that differences are not chance. Sorted, the largest first. */
function drawSamples(exponent: number, accounts: number, transactions: number): Float64Array[] {
  const shares = sharesOf(exponent, accounts);
  const random = new SequenceRandom();
  const samples = Math.min(mostSamples, Math.max(fewestSamples, Math.round(drawsForSamples / accounts)));
  return Array.from({ length: samples }, (_, number) => {
    random.reset(seed, number);
    const counts = Float64Array.from(shares, (share) => drawPoisson(random, share * transactions));
    return counts.sort().reverse();
  });
}

function sharesOf(exponent: number, accounts: number): Float64Array {
  const weights = Float64Array.from({ length: accounts }, (_, k) => (k + 1) ** -exponent);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** The share of the k busiest, for k from 0 to `accounts`. */
function shareCurve(counts: ArrayLike<number>, accounts: number): Float64Array {
  const curve = new Float64Array(accounts + 1);
  for (let k = 0; k < accounts; k++) curve[k + 1] = (curve[k] as number) + (counts[k] ?? 0);
  const total = curve[accounts] as number;
  return curve.map((sum) => sum / Math.max(1, total));
}

function meanCurve(samples: readonly Float64Array[], accounts: number): Float64Array {
  const mean = new Float64Array(accounts + 1);
  for (const sample of samples) {
    for (const [k, share] of shareCurve(sample, accounts).entries()) mean[k] = (mean[k] as number) + share;
  }
  return mean.map((sum) => sum / samples.length);
}

function distanceOf(one: Float64Array, other: Float64Array): number {
  return one.reduce((most, share, k) => Math.max(most, Math.abs(share - (other[k] as number))), 0);
}

/** About as far from each other on a logarithmic axis. */
function placesOf(accounts: number): number[] {
  const places = Array.from({ length: curvePoints }, (_, i) => Math.round(accounts ** (i / (curvePoints - 1))));
  return [...new Set(places)];
}

/** By its inverse for small means; beyond, a normal distribution is as good as exact. */
function drawPoisson(random: SequenceRandom, mean: number): number {
  const fraction = random.nextFraction();
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normalQuantile(fraction)));
  let probability = Math.exp(-mean);
  let below = probability;
  let value = 0;
  while (fraction > below && probability > 0) {
    value++;
    probability *= mean / value;
    below += probability;
  }
  return value;
}

/** Of the standard normal distribution, to three digits (Abramowitz and Stegun 26.2.23). */
function normalQuantile(fraction: number): number {
  const tail = Math.max(1e-12, Math.min(fraction, 1 - fraction));
  const t = Math.sqrt(-2 * Math.log(tail));
  const numerator = 2.515517 + t * (0.802853 + t * 0.010328);
  const denominator = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  const value = t - numerator / denominator;
  return fraction < 0.5 ? -value : value;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1));
}
