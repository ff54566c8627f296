import type { JsonObject } from "../codec/json.ts";
import { type Amount, amountForJson, readAmount } from "../codec/read-value.ts";
import { maximumSupply } from "./supply.ts";

/** So much of one asset for so much of another. */
export interface Price {
  readonly base: Amount;
  readonly quote: Amount;
}

export function readPrice(value: JsonObject): Price {
  return { base: readAmount(value.base), quote: readAmount(value.quote) };
}

/** No price is one of nothing for nothing. */
export function priceForJson(price: Price | null): JsonObject {
  const none: Amount = { amount: 0, asset: 0 };
  return { base: amountForJson(price?.base ?? none), quote: amountForJson(price?.quote ?? none) };
}

export function inverse({ base, quote }: Price): Price {
  return { base: quote, quote: base };
}

/** Negative when `a` is less base for the quote than `b`; both are of the same assets. */
export function comparePrices(a: Price, b: Price): number {
  const difference = BigInt(a.base.amount) * BigInt(b.quote.amount) - BigInt(b.base.amount) * BigInt(a.quote.amount);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** What an amount of one of the price's assets is in the other, rounded down. */
export function exchanged({ amount, asset }: Amount, { base, quote }: Price): Amount {
  const [from, to] = asset === base.asset ? [base, quote] : [quote, base];
  return { amount: Number((BigInt(amount) * BigInt(to.amount)) / BigInt(from.amount)), asset: to.asset };
}

/** The same, rounded up. */
export function exchangedUp({ amount, asset }: Amount, { base, quote }: Price): Amount {
  const [from, to] = asset === base.asset ? [base, quote] : [quote, base];
  const divisor = BigInt(from.amount);
  return { amount: Number((BigInt(amount) * BigInt(to.amount) + divisor - 1n) / divisor), asset: to.asset };
}

/** A price times a ratio, in lowest terms; terms that no asset has as many units of are halved until they fit. */
export function timesRatio(price: Price, numerator: number, denominator: number): Price {
  if (numerator === denominator) return price;
  let base = BigInt(price.base.amount) * BigInt(numerator);
  let quote = BigInt(price.quote.amount) * BigInt(denominator);
  const most = BigInt(maximumSupply);
  for (;;) {
    const divisor = greatestCommonDivisor(base, quote);
    base /= divisor;
    quote /= divisor;
    if (base <= most && quote <= most) break;
    base = base === 1n ? 1n : base >> 1n;
    quote = quote === 1n ? 1n : quote >> 1n;
  }
  return {
    base: { amount: Number(base), asset: price.base.asset },
    quote: { amount: Number(quote), asset: price.quote.asset },
  };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}
