import type { Account, Asset } from "../chain/objects.ts";
import type { State } from "../chain/state.ts";
import type { Json } from "../codec/json.ts";
import { badCast, Unreadable, unreadableInteger } from "../codec/read-value.ts";

/** Arguments are read as the node reads them; an `Unreadable` is answered as the refusal it carries. */
export function readUnsigned(value: Json | undefined, fallback = 0): number {
  if (value === undefined) return fallback;
  if (typeof value === "number") return Math.max(0, Math.trunc(value));
  if (typeof value === "boolean") return Number(value);
  if (typeof value !== "string")
    throw new Unreadable(badCast("as_uint64", value === null ? "null_type" : "object_type", "uint64"));
  if (!/^\d+$/.test(value)) throw new Unreadable(unreadableInteger("uint64_t", "to_uint64", value));
  return Number(value);
}

export function readText(value: Json | undefined): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new Unreadable(badCast("get_string", value === null ? "null_type" : "object_type", "String"));
}

export function readList(value: Json | undefined): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[];
  throw new Unreadable(
    badCast("get_array", value === null || value === undefined ? "null_type" : "string_type", "Array"),
  );
}

/** An account by `1.2.x` or by name. */
export function findAccount(state: State, value: Json | undefined): Account | undefined {
  const text = readText(value);
  const instance = /^1\.2\.\d+$/.test(text) ? Number(text.slice(4)) : state.accountNames.get(text);
  return instance === undefined ? undefined : state.accounts.get(instance);
}

/** An asset by `1.3.x` or by symbol. */
export function findAsset(state: State, value: Json | undefined): Asset | undefined {
  const text = readText(value);
  const instance = /^1\.3\.\d+$/.test(text) ? Number(text.slice(4)) : state.assetSymbols.get(text);
  return instance === undefined ? undefined : state.assets.get(instance);
}
