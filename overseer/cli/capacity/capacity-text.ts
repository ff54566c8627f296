import { Ansis } from "ansis";
import { inclusionP99Text, type SearchPoint } from "../../capacity/search-point.ts";
import type { CapacitySummary } from "../../reporting/capacity/capacity-summary.ts";
import { formatRate } from "../../reporting/figures-text.ts";
import type { CliIo } from "../io.ts";
import { wrapped } from "../problems.ts";

type Terminal = Pick<CliIo, "columns" | "color">;

const labelWidth = 10;
const fewestColumns = 30;

/** One line for each point as it is measured, within 80 columns, and below it what was not met. */
export function pointText({ stage, ratePerSecond, carriedPerSecond, ...point }: SearchPoint, io: Terminal): string {
  const paint = new Ansis(io.color ? 3 : 0);
  const carried = carriedPerSecond === null ? "–" : formatRate(carriedPerSecond);
  const verdict = { sustained: paint.green, overloaded: paint.red, "generator-bound": paint.yellow }[point.verdict];
  const cells = [
    stage.padEnd(labelWidth),
    `offered ${formatRate(ratePerSecond)}`.padEnd(20),
    `carried ${carried}`.padEnd(20),
    `p99 ${inclusionP99Text(point)}`.padEnd(13),
    verdict(point.verdict),
  ];
  const findings = point.findings.flatMap((finding) => wrapped(finding, textWidth(io)));
  return [cells.join(""), ...findings.map((line) => `${" ".repeat(labelWidth)}${line}`), ""].join("\n");
}

export function searchResultText({ answer }: CapacitySummary, report: string, io: Terminal): string {
  const paint = new Ansis(io.color ? 3 : 0);
  const label = (text: string): string => paint.bold(text.padEnd(labelWidth));
  const [first = "", ...others] = wrapped(answer, textWidth(io));
  const lines = [`${label("Answer")}${first}`, ...others.map((line) => `${label("")}${line}`)];
  // A path must stay whole, to be clicked or copied.
  return [...lines, `${label("Report")}${report}`, ""].join("\n");
}

function textWidth({ columns }: Terminal): number {
  return Math.max(fewestColumns, columns - labelWidth - 1);
}
