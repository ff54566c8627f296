import { ops } from "bitsharesjs";
import library from "bitsharesjs-ws";
import { assertion } from "../chain/failure.ts";
import { requiredFeeOf } from "../chain/fee-schedule.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import type { OtherOperation } from "./operation.ts";
import { keyPrefix } from "./public-key.ts";
import { badCast, readAmount, Unreadable } from "./read-value.ts";
import { requiredAccountsOf } from "./required-accounts.ts";

/**
 * Fields that the library renders as strings although nodes write a number while it fits into 32 bits.
 * Strings of digits elsewhere (a description, a name) stay strings.
 */
const integerFields = new Set([
  "amount",
  "max_supply",
  "max_market_fee",
  "vesting_begin_timestamp",
  "nonce",
  "daily_pay",
  "force_settlement_offset_percent",
  "amount_to_claim",
  "cheque_amount",
  "min_deal_amount",
  "target_amount",
]);

/** Operations whose extensions have fields by now: nodes write those as an object, the library as a list. */
const extendable = new Set([5, 6, 11, 43]);

/** Every operation without a codec of its own: the reference library reads and writes it. */
export function compileOther(
  type: number,
  given: JsonObject,
  writer: ByteWriter,
): { operation: OtherOperation; json: string } {
  if (ops.operation.st_operations[type] === undefined) {
    throw new Unreadable(
      assertion(
        { file: "static_variant.hpp", line: 322, method: "set_which" },
        {
          format: "this devnet has no codec for the operation type {tag}",
          text: `this devnet has no codec for the operation type ${type}`,
        },
      ),
    );
  }
  const { body, packed } = pack(type, given);
  writer.varint(type);
  writer.bytes(packed);
  const fee = readAmount(body.fee);
  const accounts = requiredAccountsOf(type, body);
  const operation: OtherOperation = {
    kind: "other",
    type,
    body,
    fee,
    payer: accounts.payer,
    requiredActive: accounts.active,
    requiredOwner: accounts.owner,
    requiredKeys: accounts.keys,
    proposed: [],
    requiredFee: requiredFeeOf(type, body, packed.length),
  };
  return { operation, json: JSON.stringify([type, body]) };
}

function pack(type: number, given: JsonObject): { body: JsonObject; packed: Uint8Array } {
  const codec = ops.operation.st_operations[type]!;
  // The library keeps the prefix of keys in one place for the whole process, and starts with another chain's.
  library.ChainConfig.setPrefix(keyPrefix);
  try {
    const value = codec.fromObject(given);
    const rendered = toNodeForm(codec.toObject(value) as Json, "");
    if (!isObject(rendered)) throw new TypeError("not an object");
    const body =
      extendable.has(type) && Array.isArray(rendered.extensions) ? { ...rendered, extensions: {} } : rendered;
    return { body, packed: codec.toBuffer(value) };
  } catch (cause) {
    const failure = badCast("get_object", "null_type", "Object");
    throw Object.assign(new Unreadable(failure), { cause });
  }
}

function toNodeForm(value: Json | undefined, key: string): Json {
  if (value === undefined) return null;
  if (typeof value === "string") {
    return integerFields.has(key) && /^-?\d{1,10}$/.test(value) && Math.abs(Number(value)) <= 0xffffffff
      ? Number(value)
      : value;
  }
  if (Array.isArray(value)) return value.map((item: Json) => toNodeForm(item, ""));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.map(([name, inner]) => [name, toNodeForm(inner, name)]));
}
