import { type FeeParameters, feeSchedule } from "../../../shared/devnet/bitshares-fees.ts";
import { isObject, type Json, type JsonObject } from "../codec/json.ts";
import { packedMemoSize } from "../codec/memo.ts";
import { operationTypes } from "../codec/operation.ts";

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
