import { type ChainFailure, parseFailure } from "../chain/failure.ts";
import { integerForJson, isObject, type Json } from "./json.ts";

/** Carries a refusal out of nested readers; it never leaves the codec. */
export class Unreadable extends Error {
  readonly failure: ChainFailure;

  constructor(failure: ChainFailure) {
    super("unreadable");
    this.failure = failure;
  }
}

/** Values are read as the node reads them: numbers may be strings, and what is missing has its default. */
export function readInteger(value: Json | undefined): number {
  if (typeof value === "number") {
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER) throw new Unreadable(badCast("as_int64", "double_type", "int64"));
    return Math.trunc(value);
  }
  if (value === undefined || value === null) return 0;
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "string") {
    if (!/^-?\d+$/.test(value)) throw new Unreadable(unreadableInteger("int64_t", "to_int64", value));
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw new Unreadable(unreadableInteger("int64_t", "to_int64", value));
    return number;
  }
  throw new Unreadable(badCast("as_int64", typeName(value), "int64"));
}

export function unreadableInteger(type: string, method: string, value: string): ChainFailure {
  const failure = parseFailure({ file: "string.cpp", line: 55, method }, { format: `Couldn't parse ${type}` });
  failure.capture("string.cpp", 58, method, JSON.stringify({ i: value }));
  return failure.capture("variant.cpp", 417, method.replace("to_", "as_"), JSON.stringify({ "*this": value }));
}

export function badCast(method: string, from: string, to: string): ChainFailure {
  const format = `Invalid cast from ${from} to ${to}`;
  const failure = parseFailure({ file: "variant.cpp", line: 553, method }, { format });
  return Object.assign(failure, { code: 7, name: "bad_cast_exception", message: "Bad Cast" });
}

function typeName(value: Json): string {
  if (value === null) return "null_type";
  if (Array.isArray(value)) return "array_type";
  return typeof value === "object" ? "object_type" : `${typeof value}_type`;
}

/** `1.2.17` to 17, checked against the space and type expected. */
export function readInstance(value: Json | undefined, prefix: string): number {
  if (value === undefined) return 0;
  if (typeof value === "string" && value.startsWith(prefix)) {
    const text = value.slice(prefix.length);
    if (/^\d{1,15}$/.test(text)) return Number(text);
  }
  const failure = parseFailure(
    { file: "object_id.hpp", line: 155, method: "from_variant" },
    { format: "object_id is not of the type expected" },
  );
  throw new Unreadable(failure.capture("object_id.hpp", 157, "from_variant", JSON.stringify({ vo: value })));
}

const day = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)/;
/** Expirations repeat: thousands of transactions share one. */
const seconds = new Map<string, number>();

export function readTime(value: Json | undefined): number {
  if (value === undefined) return 0;
  if (typeof value === "number") return value >>> 0;
  if (typeof value === "string") {
    const known = seconds.get(value);
    if (known !== undefined) return known;
    const parsed = day.test(value) ? Date.parse(`${value.slice(0, 19)}Z`) / 1000 : Number.NaN;
    if (Number.isInteger(parsed) && parsed >= 0 && parsed <= 0xffffffff) {
      if (seconds.size > 10_000) seconds.clear();
      seconds.set(value, parsed);
      return parsed;
    }
  }
  throw new Unreadable(
    parseFailure(
      { file: "time.cpp", line: 68, method: "from_iso_string" },
      {
        format: "unable to convert ISO-formatted string to fc::time_point_sec",
        data: JSON.stringify({ formatted: value }),
      },
    ),
  );
}

export interface Amount {
  readonly amount: number;
  readonly asset: number;
}

export function readAmount(value: Json | undefined): Amount {
  if (value === undefined) return { amount: 0, asset: 0 };
  if (!isObject(value)) throw new Unreadable(badCast("get_object", typeName(value), "Object"));
  return { amount: readInteger(value.amount), asset: readInstance(value.asset_id, "1.3.") };
}

export function amountForJson({ amount, asset }: Amount): {
  readonly amount: number | string;
  readonly asset_id: string;
} {
  return { amount: integerForJson(amount), asset_id: `1.3.${asset}` };
}

export function toAmountJson({ amount, asset }: Amount): string {
  const digits = amount > 0xffffffff || amount < -0xffffffff ? `"${amount}"` : amount;
  return `{"amount":${digits},"asset_id":"1.3.${asset}"}`;
}
