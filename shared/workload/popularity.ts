import type { Popularity } from "../scenario/scenario.ts";
import { CapturedParties } from "./captured-parties.ts";
import { Permutation } from "./permutation.ts";
import type { SequenceRandom } from "./sequence-random.ts";

/** Draws accounts, by their positions, as often as they are popular. */
export class AccountPopularity {
  readonly accounts: number;
  readonly isUniform: boolean;
  /** Where each operation's accounts are known beforehand; null where they are drawn. */
  readonly captured: CapturedParties | null;

  /** Account of each rank, and rank of each account; empty when all are alike. */
  readonly #accountOf: Uint32Array;
  readonly #rankOf: Uint32Array;
  /** At rank k, the share of the k most popular ones; one more than there are accounts. */
  readonly #below: Float64Array;
  #shares: Float64Array | null = null;

  /** Which account is how popular follows from the seed, not from its position. */
  constructor(popularity: Popularity, accounts: number) {
    this.accounts = accounts;
    this.isUniform = popularity.kind === "uniform";
    this.captured = popularity.kind === "captured" ? new CapturedParties(popularity, accounts) : null;
    const ranks = popularity.kind === "zipf" ? accounts : 0;
    this.#accountOf = new Uint32Array(ranks);
    this.#rankOf = new Uint32Array(ranks);
    if (popularity.kind !== "zipf") {
      this.#below = new Float64Array();
      return;
    }
    this.#below = sharesBelow(accounts, popularity.exponent);
    const permutation = new Permutation(accounts, popularity.seed);
    for (let rank = 0; rank < ranks; rank++) {
      const account = permutation.at(rank);
      this.#accountOf[rank] = account;
      this.#rankOf[account] = rank;
    }
  }

  draw(random: SequenceRandom): number {
    if (this.captured !== null) return this.captured.anyPayer(random);
    return this.isUniform ? random.nextBelow(this.accounts) : this.at(random.nextFraction());
  }

  /** Any but `account`, the others as often as they are popular. */
  drawOther(random: SequenceRandom, account: number): number {
    if (this.#below.length > 0) return this.#otherAt(random.nextFraction(), this.#rankOf[account] as number);
    const other = random.nextBelow(this.accounts - 1);
    return other >= account ? other + 1 : other;
  }

  /**
   * Where not all are alike: the account whose stretch of 0 to 1 holds `fraction`. Stretches are as long as their
   * accounts are popular.
   */
  at(fraction: number): number {
    return this.#accountOf[this.#rankAt(fraction)] as number;
  }

  /** Whom `from`, the account at `fraction`, deals with there: its stretch is dealt among the others in their turn. */
  partnerAt(fraction: number, from: number): number {
    const rank = this.#rankOf[from] as number;
    return this.#otherAt((fraction - (this.#below[rank] as number)) / this.#shareOfRank(rank), rank);
  }

  /** Of all draws, the share that falls on this account. */
  shareOf(account: number): number {
    if (this.isUniform) return 1 / this.accounts;
    if (this.captured !== null) return this.#capturedShares(this.captured)[account] as number;
    return this.#shareOfRank(this.#rankOf[account] as number);
  }

  /** Of all draws of somebody other than an account drawn before, the share that falls on each account. */
  sharesAsOther(): Float64Array {
    if (this.captured !== null) return this.captured.otherShares();
    const odds = (account: number): number => this.shareOf(account) / (1 - this.shareOf(account));
    let sum = 0;
    for (let account = 0; account < this.accounts; account++) sum += odds(account);
    return Float64Array.from({ length: this.accounts }, (_, i) => this.shareOf(i) * (sum - odds(i)));
  }

  /** How many points, spread evenly over 0 to 1 with any offset, surely fall on different accounts. */
  get distinctAccounts(): number {
    if (this.captured !== null) return 1;
    return this.isUniform ? this.accounts : pointsFor(this.#shareOfRank(0));
  }

  /** The same for pairs of sender and recipient. */
  get distinctPairs(): number {
    if (this.isUniform) return this.accounts * (this.accounts - 1);
    if (this.accounts < 2) return 0;
    if (this.captured !== null) return 1;
    const [first, second] = [this.#shareOfRank(0), this.#shareOfRank(1)];
    return pointsFor((first * second) / (1 - first));
  }

  #capturedShares(captured: CapturedParties): Float64Array {
    this.#shares ??= captured.payerShares();
    return this.#shares;
  }

  #otherAt(fraction: number, rank: number): number {
    const share = this.#shareOfRank(rank);
    const at = fraction * (1 - share);
    return this.#accountOf[this.#rankAt(at < (this.#below[rank] as number) ? at : at + share, rank)] as number;
  }

  #shareOfRank(rank: number): number {
    return (this.#below[rank + 1] as number) - (this.#below[rank] as number);
  }

  /** The last rank that begins at or before `fraction`. Rounding must never lead to `except`. */
  #rankAt(fraction: number, except = -1): number {
    let low = 0;
    let high = this.accounts - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#below[middle] as number) <= fraction) low = middle;
      else high = middle - 1;
    }
    if (low !== except) return low;
    return low > 0 ? low - 1 : low + 1;
  }
}

function sharesBelow(accounts: number, exponent: number): Float64Array {
  const below = new Float64Array(accounts + 1);
  for (let rank = 0; rank < accounts; rank++) below[rank + 1] = (below[rank] as number) + (rank + 1) ** -exponent;
  const total = below[accounts] as number;
  for (let rank = 1; rank <= accounts; rank++) below[rank] = (below[rank] as number) / total;
  return below;
}

/** A stretch shorter than the distance of two points holds one of them at most; the margin is for rounding. */
function pointsFor(longestShare: number): number {
  return Math.max(1, Math.floor((1 - 1e-9) / longestShare));
}
