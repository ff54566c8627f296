import { AppError } from "../../errors/app-error.ts";
import type { ChainParameters } from "./chain-data.ts";

/** Nodes refuse a `max_net_usage_words` that is not below this: it would overflow when multiplied by eight. */
const end = Math.floor((2 ** 32 - 1) / 8);
/** From here on all numbers take the same four bytes, so that late transactions are no larger than early ones. */
const fourByteNumbers = 2 ** 21;
const bytesPerWord = 8;

/**
 * Transactions that are not different by what they do get a number of their own as `max_net_usage_words`, where every
 * number from here on means the same: more NET than any transaction may use anyway. docs/adr/0010 has the reasons.
 */
export function numberBase({ maximumTransactionNetBytes }: ChainParameters): number {
  return Math.max(fourByteNumbers, Math.floor(maximumTransactionNetBytes / bytesPerWord) + 1);
}

/** Throws PLAN_IMPOSSIBLE when there are not as many numbers. */
export function refuseTooMany(base: number, transactions: number): void {
  if (base + transactions <= end) return;
  throw new AppError("PLAN_IMPOSSIBLE", "the run would need the same transaction twice, which a node refuses", {
    hint: `The network lets transactions use so much NET that only ${Math.max(0, end - base)} can be told apart; widen the range of amounts, or use a $counter.`,
  });
}
