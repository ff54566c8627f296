import { type Comparison, toText } from "./comparison.ts";
import type { CaseResult, CaseVerdict } from "./runner.ts";

const headings = ["quantity", "truth", "measured", "tolerance", ""] as const;
const marks: Readonly<Record<CaseVerdict, string>> = {
  agrees: "ok  ",
  wrong: "FAIL",
  "not-measurable": "NOT MEASURABLE HERE",
};

/** One case as a table. */
export function resultText(result: CaseResult): string {
  const { chain, name, proves, comparisons, circumstances, verdict, seconds, givenUp } = result;
  const rows = comparisons.map(cellsOf);
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, column) => cell.padEnd(widths[column] as number)).join("  ")}`.trimEnd();
  return [
    `${marks[verdict]} ${chain}: ${name} (${seconds.toFixed(0)} s): ${proves}`,
    ...givenUp.map((why) => `  given up: ${why}`),
    ...circumstances.map((what) => `  circumstances: ${what}`),
    line(headings),
    ...rows.map(line),
    "",
  ].join("\n");
}

function cellsOf({ quantity, unit, truth, measured, tolerance, ok }: Comparison): readonly string[] {
  const suffix = unit === "" ? "" : ` ${unit}`;
  return [quantity, `${toText(truth)}${suffix}`, `${toText(measured)}${suffix}`, tolerance, ok ? "ok" : "WRONG"];
}
