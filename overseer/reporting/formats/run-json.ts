import type { RunSummary } from "../run-summary.ts";

/** Fractions of a microsecond and the like are noise of the arithmetic: nine digits are more than was measured. */
const digits = 9;

export function toRunJson(summary: RunSummary): string {
  return toJsonText(summary);
}

/** Any summary, with its figures rounded the same way. */
export function toJsonText(summary: object): string {
  const text = JSON.stringify(summary, (_, value: unknown) => (typeof value === "number" ? rounded(value) : value), 1);
  return `${text.replace(arrayOfFigures, (array) => array.replace(/\s+/g, ""))}\n`;
}

/** Series on one line each. The line break in it keeps the pattern out of texts, where line breaks are escaped. */
const figure = String.raw`(?:-?\d[\d.e+-]*|null|true|false)`;
const arrayOfFigures = new RegExp(String.raw`\[\n\s*(?:${figure},\s*)*${figure}\s*\]`, "g");

function rounded(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(digits));
}
