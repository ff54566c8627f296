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
