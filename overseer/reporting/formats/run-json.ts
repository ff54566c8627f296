import type { RunSummary } from "../run-summary.ts";

/** Fractions of a microsecond and the like are noise of the arithmetic: nine digits are more than was measured. */
const digits = 9;

export function toRunJson(summary: RunSummary): string {
  return `${JSON.stringify(summary, (_, value: unknown) => (typeof value === "number" ? rounded(value) : value), 1)}\n`;
}

function rounded(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(digits));
}
