import { type Comparison, toText } from "./comparison.ts";
import type { CaseResult } from "./runner.ts";

const headings = ["quantity", "truth", "measured", "tolerance", ""] as const;

/** One case as a table. */
export function resultText({ name, proves, comparisons, ok, seconds, repeats }: CaseResult): string {
  const rows = comparisons.map(cellsOf);
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, column) => cell.padEnd(widths[column] as number)).join("  ")}`.trimEnd();
  const notes = repeats.map((why) => `  repeated, because the run itself said: ${why}`);
  return [
    `${ok ? "ok  " : "FAIL"} ${name} (${seconds.toFixed(0)} s): ${proves}`,
    ...notes,
    line(headings),
    ...rows.map(line),
    "",
  ].join("\n");
}

function cellsOf({ quantity, unit, truth, measured, tolerance, ok }: Comparison): readonly string[] {
  const suffix = unit === "" ? "" : ` ${unit}`;
  return [quantity, `${toText(truth)}${suffix}`, `${toText(measured)}${suffix}`, tolerance, ok ? "ok" : "WRONG"];
}
