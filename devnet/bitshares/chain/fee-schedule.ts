import { isObject, type Json, type JsonObject } from "../codec/json.ts";
import { packedMemoSize } from "../codec/memo.ts";
import { operationTypes } from "../codec/operation.ts";

type FeeParameters = Readonly<Record<string, number | string>>;

/** The schedule of the network that the recorded answers come from, in the order and form of `get_global_properties`. */
export const feeSchedule: readonly (readonly [number, FeeParameters])[] = [
  [0, { fee: 2000000, price_per_kbyte: 1000000 }],
  [1, { fee: 500000 }],
  [2, { fee: 0 }],
  [3, { fee: 2000000 }],
  [4, {}],
  [5, { basic_fee: 500000, premium_fee: 200000000, price_per_kbyte: 100000 }],
  [6, { fee: 2000000, price_per_kbyte: 100000 }],
  [7, { fee: 300000 }],
  [8, { membership_annual_fee: 200000000, membership_lifetime_fee: 1000000000 }],
  [9, { fee: 50000000 }],
  [10, { symbol3: "50000000000", symbol4: "30000000000", long_symbol: 500000000, price_per_kbyte: 10 }],
  [11, { fee: 50000000, price_per_kbyte: 10 }],
  [12, { fee: 50000000 }],
  [13, { fee: 50000000 }],
  [14, { fee: 2000000, price_per_kbyte: 100000 }],
  [15, { fee: 2000000 }],
  [16, { fee: 100000 }],
  [17, { fee: 10000000 }],
  [18, { fee: 50000000 }],
  [19, { fee: 100000 }],
  [20, { fee: 500000000 }],
  [21, { fee: 2000000 }],
  [22, { fee: 2000000, price_per_kbyte: 10 }],
  [23, { fee: 2000000, price_per_kbyte: 10 }],
  [24, { fee: 100000 }],
  [25, { fee: 100000 }],
  [26, { fee: 100000 }],
  [27, { fee: 2000000, price_per_kbyte: 10 }],
  [28, { fee: 0 }],
  [29, { fee: 500000000 }],
  [30, { fee: 2000000 }],
  [31, { fee: 100000 }],
  [32, { fee: 100000 }],
  [33, { fee: 2000000 }],
  [34, { fee: 500000000 }],
  [35, { fee: 100000, price_per_kbyte: 10 }],
  [36, { fee: 100000 }],
  [37, {}],
  [38, { fee: 2000000, price_per_kbyte: 10 }],
  [39, { fee: 500000, price_per_output: 500000 }],
  [40, { fee: 500000, price_per_output: 500000 }],
  [41, { fee: 500000 }],
  [42, {}],
  [43, { fee: 2000000 }],
  [44, {}],
  [45, { fee: 2000000 }],
  [46, {}],
  [47, { fee: 2000000 }],
  [48, { fee: 2000000 }],
];

/** What nodes ask for operations that the schedule does not name: the defaults compiled into them. */
const compiledIn: readonly (readonly [number, FeeParameters])[] = [
  [49, { fee: 100000, fee_per_day: 100000 }],
  [50, { fee: 100000, fee_per_kb: 100000 }],
  [52, { fee: 100000, fee_per_day: 100000 }],
  [77, { fee: 37500 }],
];

const parametersOf = new Map<number, FeeParameters>([...feeSchedule, ...compiledIn]);

function parameter(type: number, name: string): number {
  return Number(parametersOf.get(type)?.[name] ?? 0);
}

export const transferFee = parameter(operationTypes.transfer, "fee");
export const limitOrderCreateFee = parameter(operationTypes.limitOrderCreate, "fee");
export const limitOrderUpdateFee = parameter(operationTypes.limitOrderUpdate, "fee");
export const limitOrderCancelFee = parameter(operationTypes.limitOrderCancel, "fee");

export function dataFee(type: number, bytes: number): number {
  return Math.floor((bytes * parameter(type, "price_per_kbyte")) / 1024);
}

/** Operations whose fee grows with their memo only, and those that grow with all of their bytes. */
const pricedByMemo = new Set<number>([operationTypes.transfer, operationTypes.assetIssue, 27, 38]);
const pricedByOutputs = new Set([39, 40]);

/** The fee in the core asset; `packedBytes` is the operation's size without its type. */
export function requiredFeeOf(type: number, body: JsonObject, packedBytes: number): number {
  switch (type) {
    case operationTypes.accountCreate: {
      const base = parameter(type, isCheapName(String(body.name)) ? "basic_fee" : "premium_fee");
      return base + dataFee(type, packedBytes);
    }
    case operationTypes.accountUpdate:
      return parameter(type, "fee") + (isObject(body.new_options) ? dataFee(type, packedBytes) : 0);
    case operationTypes.accountUpgrade:
      return parameter(
        type,
        body.upgrade_to_lifetime_member === true ? "membership_lifetime_fee" : "membership_annual_fee",
      );
    case operationTypes.assetCreate: {
      const { length } = String(body.symbol);
      const name = length === 3 ? "symbol3" : length === 4 ? "symbol4" : "long_symbol";
      return parameter(type, name) + dataFee(type, packedBytes);
    }
    case operationTypes.htlcCreate: {
      const memo = isObject(body.extensions) ? body.extensions.memo : undefined;
      const memoFee = memo === undefined ? 0 : dataFee(operationTypes.transfer, 1 + packedMemoSize(memo));
      return parameter(type, "fee") + daysOf(body.claim_period_seconds) * parameter(type, "fee_per_day") + memoFee;
    }
    case operationTypes.htlcExtend:
      return parameter(type, "fee") + daysOf(body.seconds_to_add) * parameter(type, "fee_per_day");
    case operationTypes.htlcRedeem: {
      const kilobytes = Math.ceil(String(body.preimage).length / 2 / 1024);
      return parameter(type, "fee") + kilobytes * parameter(type, "fee_per_kb");
    }
    default:
      return defaultFeeOf(type, body, packedBytes);
  }
}

/** Begun days count. */
function daysOf(seconds: Json | undefined): number {
  return Math.ceil(Number(seconds) / 86_400);
}

function defaultFeeOf(type: number, body: JsonObject, packedBytes: number): number {
  const fee = parameter(type, "fee");
  if (pricedByOutputs.has(type)) {
    const outputs = Array.isArray(body.outputs) ? body.outputs.length : 0;
    return fee + outputs * parameter(type, "price_per_output");
  }
  // An absent memo is still one byte, and where it is packed as an option the byte is paid for.
  if (type === operationTypes.assetIssue) return fee + dataFee(type, 1 + packedMemoSize(body.memo));
  if (pricedByMemo.has(type)) return fee + (isObject(body.memo) ? dataFee(type, 1 + packedMemoSize(body.memo)) : 0);
  return fee + dataFee(type, packedBytes);
}

/** Names with a digit or a separator, or without any vowel, cost the basic fee. */
function isCheapName(name: string): boolean {
  return /[0-9./-]/.test(name) || !/[aeiouy]/.test(name);
}
