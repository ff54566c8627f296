export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Nodes write integers beyond 32 bits as strings. */
export function integerForJson(value: number): number | string {
  return value > 0xffffffff || value < -0xffffffff ? String(value) : value;
}

export function toTimeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}
