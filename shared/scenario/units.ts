/**
 * Values with units as people write them. Each parser returns null for what it does not understand; the clause beside
 * it says what would have been right.
 */
export const expectedDuration = 'expected a duration with its unit such as "500ms", "5s", "2m" or "1h"';
export const expectedRate = 'expected a rate such as "2000 tx/s"';
export const expectedRateOrUnlimited = 'expected a rate such as "2000 tx/s" or "unlimited"';
export const expectedBytes = 'expected a size such as 65536 or "64 KiB"';
export const expectedAmount = 'expected an amount and its asset such as "1000 BTS"';

export const durationPattern = "^(\\d+(\\.\\d+)?\\s*(us|µs|ms|s|m|h)\\s*)+$";
export const ratePattern = "^\\d+(\\.\\d+)?\\s*tx/s$";
export const amountPattern = "^\\d+(\\.\\d+)?\\s+[A-Z][A-Z0-9.]*$";

const microsOf: Readonly<Record<string, number>> = { us: 1, µs: 1, ms: 1e3, s: 1e6, m: 60e6, h: 3600e6 };
const durationParts = /(\d+(?:\.\d+)?)\s*(us|µs|ms|s|m|h)/g;
const wholeDuration = new RegExp(durationPattern);
const wholeRate = new RegExp(ratePattern);
const wholeAmount = new RegExp(amountPattern);
const wholeShare = /^(\d+(?:\.\d+)?)\s*(%)?$/;
const wholeBytes = /^(\d+)\s*(B|kB|KiB|MB|MiB)?$/;
const wholeComparison = /^(<=|>=|==|=|<|>|≤|≥)\s*([^\s<>=≤≥].*)$/;
const bytesOf: Readonly<Record<string, number>> = { B: 1, kB: 1000, KiB: 1024, MB: 1e6, MiB: 1_048_576 };

/** Whole microseconds: `500ms`, `5s`, `1m 30s`. */
export function parseDurationMicros(text: string): number | null {
  if (!wholeDuration.test(text.trim())) return null;
  let micros = 0;
  for (const [, value, unit] of text.matchAll(durationParts)) micros += Number(value) * (microsOf[unit as string] ?? 0);
  return Math.round(micros);
}

/** Transactions per second: `50 tx/s`, `0.5 tx/s`. */
export function parseRatePerSecond(text: string): number | null {
  return wholeRate.test(text.trim()) ? Number.parseFloat(text) : null;
}

/** 0 to 1: `99.9 %`, `0.999`. */
export function parseShare(text: string): number | null {
  const match = wholeShare.exec(text.trim());
  if (match === null) return null;
  // Shifted in decimal: 99.9 / 100 is not the double nearest to 0.999.
  const share = match[2] === "%" ? Number(`${match[1]}e-2`) : Number(match[1]);
  return share <= 1 ? share : null;
}

export function parseBytes(text: string): number | null {
  const match = wholeBytes.exec(text.trim());
  return match === null ? null : Number(match[1]) * (bytesOf[match[2] ?? "B"] ?? 1);
}

export function isAmount(text: string): boolean {
  return wholeAmount.test(text);
}

export type Comparison = "<=" | "<" | ">=" | ">" | "==";

/** `>= 99.9 %` into the comparison and the text of the limit. */
export function parseComparison(text: string): { readonly comparison: Comparison; readonly limit: string } | null {
  const match = wholeComparison.exec(text.trim());
  if (match === null) return null;
  const written = match[1] as string;
  const comparison = { "≤": "<=", "≥": ">=", "=": "==" }[written] ?? written;
  return { comparison: comparison as Comparison, limit: (match[2] as string).trim() };
}
