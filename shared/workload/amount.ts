/** A stretch of amounts as written, such as `"1..100 BTS"`; one amount is a stretch of one. */
export interface AmountRange {
  readonly minimum: string;
  readonly maximum: string;
  /** Null where none is written. */
  readonly symbol: string | null;
}

const decimal = String.raw`\d+(?:\.\d+)?`;
const rangePattern = new RegExp(String.raw`^(${decimal})(?:\s*\.\.\s*(${decimal}))?(?:\s+([A-Z][A-Z0-9.]*))?$`);

/** Reads `"1 BTS"`, `"1..100 BTS"`, `"0.5..2"` or a number. Null when it is none of them or runs backwards. */
export function parseAmountRange(input: unknown): AmountRange | null {
  const text = typeof input === "number" ? String(input) : input;
  if (typeof text !== "string") return null;
  const match = rangePattern.exec(text.trim());
  if (!match) return null;
  const minimum = match[1] as string;
  const maximum = match[2] ?? minimum;
  if (Number(minimum) > Number(maximum)) return null;
  return { minimum, maximum, symbol: match[3] ?? null };
}

/** Decimal text in an asset's smallest units; null when it has more decimal places than the asset. */
export function toUnits(text: string, precision: number): bigint | null {
  const [whole = "0", fraction = ""] = text.split(".");
  const kept = fraction.replace(/0+$/, "");
  if (kept.length > precision) return null;
  return BigInt(whole + kept.padEnd(precision, "0"));
}

export function decimalsOf(text: string): number {
  return text.split(".")[1]?.length ?? 0;
}

const durationPattern = /^\+?\s*(\d+(?:\.\d+)?)\s*(s|m|min|h|d)$/;
const secondsOfUnit: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600, d: 86_400 };

/** Reads `"90s"`, `"+1h"`, `"2d"` as whole seconds, or null. */
export function parseSeconds(input: unknown): number | null {
  const match = typeof input === "string" ? durationPattern.exec(input.trim()) : null;
  if (!match) return null;
  return Math.round(Number(match[1]) * (secondsOfUnit[match[2] as string] as number));
}
