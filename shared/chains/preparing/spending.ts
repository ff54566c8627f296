import type { CountMoments } from "../../workload/operation-counts.ts";
import type { AccountPopularity } from "../../workload/popularity.ts";

/** What falls on each account, as shares of all operations of a kind. */
export interface AccountTurns {
  /** That it sends. */
  readonly sends: Float64Array;
  /** Of transfers, by how much it sends more than it receives: popular accounts do, for nobody pays himself. */
  readonly drains: Float64Array;
}

export function turnsOf(popularity: AccountPopularity): AccountTurns {
  const { accounts } = popularity;
  const sends = Float64Array.from({ length: accounts }, (_, account) => popularity.shareOf(account));
  if (popularity.isUniform || accounts < 2) return { sends, drains: new Float64Array(accounts) };
  const received = popularity.sharesAsOther();
  return { sends, drains: sends.map((share, account) => Math.max(0, share - (received[account] as number))) };
}

/** How many operations of a kind fall on one account, and how: those of a transaction all at once. */
export interface Draws {
  /** On average. */
  readonly mean: number;
  /** Second and third cumulant. */
  readonly variance: number;
  readonly third: number;
  /** Of all accounts: none can have more. */
  readonly total: number;
  readonly accounts: number;
}

export const noDraws: Draws = { mean: 0, variance: 0, third: 0, total: 0, accounts: 1 };

/** `count` of `operations` operations are of the kind, and transactions have so many; `share` of them are the account's. */
export function drawsOf(
  kind: { readonly count: number; readonly operations: number; readonly perTransaction: CountMoments },
  share: number,
  accounts: number,
): Draws {
  const { count, operations, perTransaction } = kind;
  if (count === 0) return { ...noDraws, accounts };
  // Each operation of a transaction is of the kind by chance: its factorial moments are thinned.
  const part = count / operations;
  const { mean, square, cube } = perTransaction;
  const pairs = part ** 2 * (square - mean);
  const triples = part ** 3 * (cube - 3 * square + 2 * mean);
  const transactions = (share * operations) / mean;
  return {
    mean: count * share,
    variance: transactions * (part * mean + pairs),
    third: transactions * (part * mean + 3 * pairs + triples),
    total: count,
    accounts,
  };
}

/** Transactions of an account. */
export function transactionDraws(transactions: number, share: number, accounts: number): Draws {
  const mean = transactions * share;
  return { mean, variance: mean, third: mean, total: transactions, accounts };
}

/** How often an account may run dry that has what it needs here: in one run of a thousand, one of all accounts. */
const runsPerFailure = 1000;

/**
 * What an account may spend for good, `mean` and `largest` each time. Accounts draw their operations by chance, so that
 * one of many has more of them than its share.
 */
export function spentWithChance(mean: number, largest: number, draws: Draws): number {
  const most = draws.mean * mean + excess(spread(mean, largest, draws), oddsOf(draws));
  return Math.min(draws.total * largest, most);
}

/** What goes around among the accounts: only as much as chance may take from one before it comes back. */
export function lentWithChance(mean: number, largest: number, draws: Draws): number {
  const given = spread(mean, largest, draws);
  // As much comes back by chance as well, one by one; and it is to last at every moment, not only at the end.
  const back = draws.mean * largest * mean;
  return Math.min(
    draws.total * largest,
    excess({ ...given, variance: given.variance + back }, oddsOf(draws) + Math.LN2),
  );
}

interface Spread {
  readonly variance: number;
  /** The step in which a sum that deviates far does so. */
  readonly step: number;
}

/** Of amounts of which no more is known than their mean and the largest: some are the largest, the others nothing. */
function spread(mean: number, largest: number, draws: Draws): Spread {
  const ofAmounts = draws.mean * mean * (largest - mean);
  return {
    variance: ofAmounts + draws.variance * mean ** 2,
    step: draws.variance === 0 ? 0 : (largest * draws.third) / draws.variance,
  };
}

/** Natural logarithm of the odds that must be against one account's running dry. */
function oddsOf({ accounts }: Draws): number {
  return Math.log(accounts * runsPerFailure);
}

/**
 * By how much a sum exceeds its mean at such odds: Chernoff's bound of a Poisson variable of this variance that goes by
 * steps of this size.
 */
function excess({ variance, step }: Spread, odds: number): number {
  if (variance === 0 || step === 0) return 0;
  const mean = variance / step ** 2;
  // Bernstein's bound is above it, and Newton's method comes down from there.
  let most = mean + odds / 3 + Math.sqrt((odds / 3) ** 2 + 2 * mean * odds);
  for (let i = 0; i < 8; i++) {
    const ratio = Math.log(most / mean);
    most -= (most * ratio - most + mean - odds) / ratio;
  }
  return (most - mean) * step;
}
