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

/** Standard deviations that chance is given room for. */
const spread = 4;

/**
 * What an account may spend for good in `draws` operations. Accounts draw their operations by chance, so that one may
 * have more of them than its share.
 */
export function spentWithChance(mean: number, largest: number, draws: number): number {
  return Math.min(draws * largest, mean * draws + spread * largest * Math.sqrt(draws));
}

/** What goes around among the accounts: only as much as chance may take from one before it comes back. */
export function lentWithChance(largest: number, draws: number): number {
  return Math.min(draws, spread * Math.sqrt(draws) + 1) * largest;
}
