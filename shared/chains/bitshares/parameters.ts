import { type AmountRange, parseAmountRange, parseSeconds } from "../../workload/amount.ts";
import { ParameterReader, type Parsed, type RawParameters } from "../preparing/parameter-reader.ts";
import type { OrderSide } from "./chain-data.ts";

/** The parameters of the named operations as written in a scenario, checked as far as that goes without a network. */
export interface TransferParameters {
  readonly amount: AmountRange;
  /** Characters of the memo; null: none. */
  readonly memo: readonly [minimum: number, maximum: number] | null;
}

const longestMemo = 4096;

export interface OrderCreateParameters {
  readonly baseSymbol: string | null;
  readonly quoteSymbol: string | null;
  readonly amount: AmountRange;
  /** Quote for one base. */
  readonly price: AmountRange;
  readonly side: OrderSide;
  readonly expiresAfterSeconds: number;
  readonly fillOrKill: boolean;
}

export interface OrderCancelParameters {
  /** Only orders of this market, given as its two symbols. */
  readonly market: readonly [string, string] | null;
}

/** Traded by default: an asset that every embedded network has. `null` stands for the core asset. */
export const defaultMarket: readonly [string, null] = ["STRESS", null];

export function parseTransfer(raw: RawParameters): Parsed<TransferParameters> {
  const reader = new ParameterReader(raw, ["amount", "memo"]);
  const amount = reader.amount("amount", "0.00001..100", '"1..100 BTS"');
  const expected = `0 for none, or a length up to ${longestMemo} such as 12 or "5..200"`;
  const [minimum, maximum] = reader.read<readonly [number, number]>("memo", [0, 0], expected, parseMemoLength);
  return { value: { amount, memo: maximum === 0 ? null : [minimum, maximum] }, problems: reader.problems };
}

function parseMemoLength(value: unknown): readonly [number, number] | null {
  const range = parseAmountRange(value);
  if (!range || range.symbol !== null) return null;
  const [minimum, maximum] = [Number(range.minimum), Number(range.maximum)];
  const isWhole = Number.isInteger(minimum) && Number.isInteger(maximum) && maximum <= longestMemo;
  return isWhole && (minimum > 0 || maximum === 0) ? [minimum, maximum] : null;
}

export function parseOrderCreate(raw: RawParameters): Parsed<OrderCreateParameters> {
  const reader = new ParameterReader(raw, [
    "market",
    "side",
    "amount",
    "sell",
    "receive",
    "price",
    "expiresAfter",
    "fillOrKill",
  ]);
  const price = reader.read(
    "price",
    parseAmountRange("0.9..1.1") as AmountRange,
    'a price such as "0.9..1.1"',
    (value) => {
      const range = parseAmountRange(value);
      return range && range.symbol === null && Number(range.minimum) > 0 ? range : null;
    },
  );
  const expiresAfterSeconds = readSeconds(reader, "expiresAfter", 86_400);
  const fillOrKill = reader.read("fillOrKill", false, "true or false", parseBoolean);
  const common = { price, expiresAfterSeconds, fillOrKill };
  const value = reader.has("sell") || reader.has("receive") ? oneSided(reader, common) : inMarket(reader, common);
  return { value, problems: reader.problems };
}

type CommonOrderParameters = Pick<OrderCreateParameters, "price" | "expiresAfterSeconds" | "fillOrKill">;

function oneSided(reader: ParameterReader, common: CommonOrderParameters): OrderCreateParameters {
  for (const key of ["market", "side", "amount"])
    reader.refuse(key, "either market, side and amount or sell and receive");
  const amount = reader.amount("sell", "0.00001..100", '"1..100 BTS"');
  const receive = reader.read<string | null>("receive", defaultMarket[0], 'an asset such as "STRESS"', parseSymbol);
  return { ...common, amount, baseSymbol: amount.symbol, quoteSymbol: receive, side: "sell" };
}

function inMarket(reader: ParameterReader, common: CommonOrderParameters): OrderCreateParameters {
  const market = reader.read<readonly [string, string | null]>(
    "market",
    defaultMarket,
    'two assets such as "STRESS/BTS"',
    parseMarket,
  );
  const side = reader.read<OrderSide>("side", "both", "sell, buy or both", parseSide);
  const [baseSymbol, quoteSymbol] = market;
  const expected = `an amount of ${baseSymbol} such as "1..100 ${baseSymbol}"`;
  const amount = reader.read("amount", parseAmountRange("0.00001..100") as AmountRange, expected, (value) => {
    const range = parseAmountRange(value);
    if (!range || Number(range.minimum) === 0) return null;
    return range.symbol === null || range.symbol === baseSymbol ? range : null;
  });
  return { ...common, amount, baseSymbol, quoteSymbol, side };
}

export function parseOrderCancel(raw: RawParameters): Parsed<OrderCancelParameters> {
  const reader = new ParameterReader(raw, ["market"]);
  const market = reader.read<readonly [string, string] | null>(
    "market",
    null,
    'two assets such as "STRESS/BTS"',
    parseMarket,
  );
  return { value: { market }, problems: reader.problems };
}

export interface OrderUpdateParameters extends OrderCancelParameters {
  /** What is asked for afterwards, for one that was asked for before. */
  readonly price: AmountRange;
  readonly expiresAfterSeconds: number;
}

export function parseOrderUpdate(raw: RawParameters): Parsed<OrderUpdateParameters> {
  const reader = new ParameterReader(raw, ["market", "price", "expiresAfter"]);
  const market = reader.read<readonly [string, string] | null>(
    "market",
    null,
    'two assets such as "STRESS/BTS"',
    parseMarket,
  );
  const fallback = parseAmountRange("1..1.1") as AmountRange;
  const price = reader.read("price", fallback, 'times the price that it has, such as "1..1.1"', (value) => {
    const range = parseAmountRange(value);
    return range && range.symbol === null && Number(range.minimum) > 0 ? range : null;
  });
  return {
    value: { market, price, expiresAfterSeconds: readSeconds(reader, "expiresAfter", 86_400) },
    problems: reader.problems,
  };
}

export interface HtlcCreateParameters {
  readonly amount: AmountRange;
  /** How long it may be claimed. */
  readonly claimSeconds: number;
}

export function parseHtlcCreate(raw: RawParameters): Parsed<HtlcCreateParameters> {
  const reader = new ParameterReader(raw, ["amount", "claimable"]);
  const amount = reader.amount("amount", "0.00001..1", '"1..100 BTS"');
  return { value: { amount, claimSeconds: readSeconds(reader, "claimable", 86_400) }, problems: reader.problems };
}

export function parseHtlcExtend(raw: RawParameters): Parsed<{ readonly bySeconds: number }> {
  const reader = new ParameterReader(raw, ["by"]);
  return { value: { bySeconds: readSeconds(reader, "by", 3600) }, problems: reader.problems };
}

export interface CallOrderParameters {
  readonly debt: AmountRange;
  /** Collateral for what the debt is worth. */
  readonly ratio: AmountRange;
}

/** Assets that an embedded network has where its workload uses them: one that is lent, and one that was settled. */
export const lentSymbol = "LENT";
export const settledSymbol = "SETTLED";

export function parseCallOrder(raw: RawParameters): Parsed<CallOrderParameters> {
  const reader = new ParameterReader(raw, ["debt", "ratio"]);
  const debt = readAmountOf(reader, "debt", lentSymbol);
  const fallback = parseAmountRange("2..3") as AmountRange;
  const ratio = reader.read("ratio", fallback, 'a ratio such as "2..3"', (value) => {
    const range = parseAmountRange(value);
    return range && range.symbol === null && Number(range.minimum) > 1 ? range : null;
  });
  return { value: { debt, ratio }, problems: reader.problems };
}

export function parsePublishFeed(raw: RawParameters): Parsed<{ readonly asset: string }> {
  const reader = new ParameterReader(raw, ["asset"]);
  const asset = reader.read("asset", lentSymbol, `an asset such as "${lentSymbol}"`, parseSymbol);
  return { value: { asset }, problems: reader.problems };
}

/** An amount of an asset that is named. */
export function readAmountOf(
  reader: ParameterReader,
  key: string,
  symbol: string,
  fallbackRange = "0.1..1",
): AmountRange {
  const fallback = parseAmountRange(`${fallbackRange} ${symbol}`) as AmountRange;
  return reader.read(key, fallback, `an amount with its asset, such as "1..5 ${symbol}"`, (value) => {
    const range = parseAmountRange(value);
    return range && range.symbol !== null && Number(range.minimum) > 0 ? range : null;
  });
}

/** Whole seconds, at least one. */
export function readSeconds(reader: ParameterReader, key: string, fallback: number): number {
  return reader.read(key, fallback, 'a time such as "1h"', (value) => {
    const parsed = parseSeconds(value);
    return parsed === null || parsed < 1 ? null : parsed;
  });
}

function parseMarket(value: unknown): readonly [string, string] | null {
  const match = typeof value === "string" ? /^([A-Z][A-Z0-9.]*)\s*[/:]\s*([A-Z][A-Z0-9.]*)$/.exec(value.trim()) : null;
  return match && match[1] !== match[2] ? [match[1] as string, match[2] as string] : null;
}

function parseSide(value: unknown): OrderSide | null {
  return value === "sell" || value === "buy" || value === "both" ? value : null;
}

function parseSymbol(value: unknown): string | null {
  return typeof value === "string" && /^[A-Z][A-Z0-9.]*$/.test(value) ? value : null;
}

function parseBoolean(value: unknown): boolean | null {
  return typeof value === "boolean" ? value : null;
}
