import type { ByteWriter } from "./byte-writer.ts";
import { integerForJson, isObject, type Json, type JsonObject, toTimeText } from "./json.ts";
import { toKeyBytes } from "./public-key.ts";
import { badCast, readAmount, readInstance, readInteger, readTime, Unreadable } from "./read-value.ts";

/**
 * Reads a value as nodes do, appends its packed form, and gives it back as nodes write it; undefined where they leave
 * it out.
 */
export type Field = (value: Json | undefined, writer: ByteWriter) => Json | undefined;
export type NamedField = readonly [name: string, field: Field];

export const amount: Field = (value, writer) => {
  const read = readAmount(value);
  writer.int64(read.amount);
  writer.varint(read.asset);
  return { amount: integerForJson(read.amount), asset_id: `1.3.${read.asset}` };
};

/** An object's id; `prefix` is its space and type, such as `1.2.`. */
export function id(prefix: string): Field {
  return (value, writer) => {
    const instance = readInstance(value, prefix);
    writer.varint(instance);
    return `${prefix}${instance}`;
  };
}

export const account = id("1.2.");

export const uint8: Field = (value, writer) => {
  const read = readInteger(value) & 0xff;
  writer.uint8(read);
  return read;
};

export const uint16: Field = (value, writer) => {
  const read = readInteger(value) & 0xffff;
  writer.uint16(read);
  return read;
};

export const uint32: Field = (value, writer) => {
  const read = readInteger(value) >>> 0;
  writer.uint32(read);
  return read;
};

export const boolean: Field = (value, writer) => {
  const read = value === true || value === 1 || value === "true";
  writer.uint8(read ? 1 : 0);
  return read;
};

export const time: Field = (value, writer) => {
  const seconds = readTime(value);
  writer.uint32(seconds);
  return toTimeText(seconds);
};

export const bytes: Field = (value, writer) => {
  const read = readHex(value);
  writer.varint(read.length);
  writer.bytes(read);
  return read.toString("hex");
};

/** A hash: what is too short ends in zeros, and what is too long is cut, as nodes do it. */
export function fixedBytes(count: number): Field {
  return (value, writer) => {
    const read = Buffer.alloc(count);
    readHex(value).copy(read, 0, 0, count);
    writer.bytes(read);
    return read.toString("hex");
  };
}

function readHex(value: Json | undefined): Buffer {
  if (value === undefined) return Buffer.alloc(0);
  if (typeof value !== "string") throw new Unreadable(badCast("get_string", "object_type", "String"));
  return Buffer.from(value, "hex");
}

function readKey(value: Json | undefined): Buffer {
  const read = typeof value === "string" ? toKeyBytes(value) : null;
  if (read === null) throw new Unreadable(badCast("from_variant", "string_type", "public_key_type"));
  return read;
}

export const publicKey: Field = (value, writer) => {
  writer.bytes(readKey(value));
  return value as string;
};

export function optional(field: Field): Field {
  return (value, writer) => {
    const isThere = value !== undefined && value !== null;
    writer.uint8(isThere ? 1 : 0);
    return isThere ? field(value, writer) : undefined;
  };
}

export function list(field: Field): Field {
  return (value, writer) => {
    const items = readList(value);
    writer.varint(items.length);
    return items.map((item) => field(item, writer) as Json);
  };
}

/** Accounts as a set: in the order of their ids, each once. */
export const accounts: Field = (value, writer) => {
  const instances = [...new Set(readList(value).map((item) => readInstance(item, "1.2.")))].sort((a, b) => a - b);
  writer.varint(instances.length);
  for (const instance of instances) writer.varint(instance);
  return instances.map((instance) => `1.2.${instance}`);
};

/** Public keys as a set: in the order of their bytes, each once. */
export const publicKeys: Field = (value, writer) => {
  const keys = new Map(readList(value).map((item) => [readKey(item).toString("hex"), item as string]));
  const sorted = [...keys].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  return list(publicKey)(sorted, writer);
};

/** One of several forms, as `[tag, value]`. */
export function variant(forms: readonly Field[]): Field {
  return (value, writer) => {
    const [tag, inner] = readList(value);
    const form = typeof tag === "number" ? forms[tag] : undefined;
    if (form === undefined) throw new Unreadable(badCast("set_which", "int64_type", "static_variant"));
    writer.varint(tag as number);
    return [tag as number, form(inner, writer) as Json];
  };
}

export function struct(fields: readonly NamedField[]): Field {
  return (value, writer) => {
    if (value !== undefined && !isObject(value)) throw new Unreadable(badCast("get_object", "array_type", "Object"));
    return writeFields(fields, value ?? {}, writer);
  };
}

export const price = struct([
  ["base", amount],
  ["quote", amount],
]);

/** Room for fields to come, of which there are none yet. */
export const noExtensions: Field = (_value, writer) => {
  writer.uint8(0);
  return [];
};

/** Fields that were added later: each has its number in front where it is there. */
export function extensions(fields: readonly NamedField[]): Field {
  return (value, writer) => {
    const given = isObject(value) ? value : {};
    const present = fields.filter(([name]) => given[name] !== undefined && given[name] !== null);
    writer.varint(present.length);
    const entries = present.map(([name, field]) => {
      writer.varint(fields.findIndex(([other]) => other === name));
      return [name, field(given[name], writer) as Json] as const;
    });
    return Object.fromEntries(entries);
  };
}

export function writeFields(fields: readonly NamedField[], given: JsonObject, writer: ByteWriter): JsonObject {
  const written: Record<string, Json> = {};
  for (const [name, field] of fields) {
    const value = field(given[name], writer);
    if (value !== undefined) written[name] = value;
  }
  return written;
}

function readList(value: Json | undefined): readonly Json[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new Unreadable(badCast("get_array", "object_type", "Array"));
  return value as readonly Json[];
}
