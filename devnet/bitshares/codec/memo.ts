import type { ByteWriter } from "./byte-writer.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import { toKeyBytes } from "./public-key.ts";
import { badCast, Unreadable } from "./read-value.ts";

const noKey = "BTS1111111111111111111111111111111114T1Anm";

/** Writes an optional memo and gives its JSON with a comma behind, or nothing. */
export function writeMemo(memo: Json | undefined, writer: ByteWriter): string {
  if (memo === undefined || memo === null) {
    writer.uint8(0);
    return "";
  }
  if (!isObject(memo)) throw new Unreadable(badCast("get_object", "string_type", "Object"));
  writer.uint8(1);
  return `"memo":${writeMemoBody(memo, writer)},`;
}

function writeMemoBody(memo: JsonObject, writer: ByteWriter): string {
  const from = writeKey(memo.from, writer);
  const to = writeKey(memo.to, writer);
  const nonce = readNonce(memo.nonce);
  writer.uint64(nonce);
  const message = Buffer.from(typeof memo.message === "string" ? memo.message : "", "hex");
  writer.varint(message.length);
  writer.bytes(message);
  const nonceJson = nonce > 0xffffffffn ? `"${nonce}"` : String(nonce);
  return `{"from":"${from}","to":"${to}","nonce":${nonceJson},"message":"${message.toString("hex")}"}`;
}

function writeKey(value: Json | undefined, writer: ByteWriter): string {
  const text = typeof value === "string" ? value : noKey;
  const bytes = text === noKey ? Buffer.alloc(33) : toKeyBytes(text);
  if (bytes === null) throw new Unreadable(badCast("from_variant", "string_type", "public_key_type"));
  writer.bytes(bytes);
  return text;
}

function readNonce(value: Json | undefined): bigint {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return BigInt(value);
  if (typeof value === "string" && /^\d{1,20}$/.test(value)) return BigInt.asUintN(64, BigInt(value));
  return 0n;
}

/** Bytes of a memo without the byte that says whether there is one. */
export function packedMemoSize(memo: Json | undefined): number {
  if (!isObject(memo)) return 0;
  const length = typeof memo.message === "string" ? memo.message.length >> 1 : 0;
  return 33 + 33 + 8 + (length < 0x80 ? 1 : length < 0x4000 ? 2 : 3) + length;
}
