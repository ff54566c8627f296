import { type ErrorDetail, invalidRequest } from "./error-answer.ts";

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const parseSource = { file: "http_plugin.hpp", method: "parse_params" };

/** A request's body, which must be there. */
export function readBody(body: string): unknown {
  if (isEmptyContent(body))
    throw invalidRequest([{ message: "A Request body is required", line: 249, ...parseSource }]);
  try {
    return JSON.parse(body);
  } catch {
    throw unreadable(describeBrokenJson(body));
  }
}

export function readFields(body: string): Fields {
  const value = readBody(body);
  if (!isFields(value)) throw unreadable([badCast(value, "get_object", "Object")]);
  return value;
}

export function readOptionalFields(body: string): Fields {
  return isEmptyContent(body) ? {} : readFields(body);
}

/** Calls without parameters take an empty body or an empty object and nothing else. */
export function refuseParameters(body: string): void {
  if (isEmptyContent(body)) return;
  readBody(body);
  throw unreadable([{ message: "no parameter should be given", line: 261, ...parseSource }]);
}

/** Nodes read a number as text too, and the other way round. A field that is missing is empty. */
export function readText(fields: Fields, key: string, fallback = ""): string {
  const value = fields[key] ?? fallback;
  if (typeof value === "object") throw unreadable([badCast(value, "as_string", "string")]);
  return String(value);
}

export function readUnsigned(fields: Fields, key: string, fallback: number): number {
  const value = fields[key] ?? fallback;
  if (typeof value === "object") throw unreadable([badCast(value, "as_uint64", "uint64")]);
  const number = Number(value);
  if (!Number.isFinite(number)) {
    const message = `Couldn't parse uint64_t`;
    throw unreadable([{ message, file: "string.cpp", line: 42, method: "to_uint64" }]);
  }
  return Math.max(0, Math.trunc(number));
}

export function readFlag(fields: Fields, key: string, fallback = false): boolean {
  const value = fields[key] ?? fallback;
  if (typeof value === "object") throw unreadable([badCast(value, "as_bool", "bool")]);
  return value === true || value === "true" || (typeof value === "number" && value !== 0);
}

export function readList(fields: Fields, key: string): readonly unknown[] {
  const value = fields[key] ?? [];
  if (!Array.isArray(value)) throw unreadable([badCast(value, "get_array", "Array")]);
  return value as readonly unknown[];
}

export function unreadable(details: readonly ErrorDetail[]) {
  const first = { message: "Unable to parse valid input from POST body", line: 270, ...parseSource };
  return invalidRequest([first, ...details]);
}

function badCast(value: unknown, method: string, wanted: string): ErrorDetail {
  return {
    message: `Invalid cast from type '${fcTypeOf(value)}' to ${wanted}`,
    file: "variant.cpp",
    line: 510,
    method,
  };
}

function fcTypeOf(value: unknown): string {
  if (value === null) return "null_type";
  if (Array.isArray(value)) return "array_type";
  if (typeof value === "boolean") return "bool_type";
  if (typeof value === "number") return Number.isInteger(value) ? "uint64_type" : "double_type";
  return `${typeof value}_type`;
}

function isEmptyContent(body: string): boolean {
  return /^ *(\{[ \t]*\})? *$/.test(body);
}

/** The parser's own words for an object that does not begin with a key; it stops with few for anything else. */
function describeBrokenJson(body: string): readonly ErrorDetail[] {
  const start = /^\s*\{\s*([^"\s])/.exec(body);
  const outer = { message: "", file: "json.cpp", line: 461, method: "from_string" };
  if (start === null) {
    return [{ message: "Unexpected EOF", file: "json.cpp", line: 219, method: "objectFromStream" }, outer];
  }
  return [
    { message: `Expected '"' but read '${start[1]}'`, file: "json.cpp", line: 98, method: "stringFromStream" },
    { message: "while parsing token ''", file: "json.cpp", line: 122, method: "stringFromStream" },
    { message: "Error parsing object", file: "json.cpp", line: 218, method: "objectFromStream" },
    outer,
  ];
}
