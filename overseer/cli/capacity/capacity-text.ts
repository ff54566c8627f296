import { Ansis } from "ansis";
import type { SearchPoint } from "../../capacity/search-point.ts";
import type { CapacitySummary } from "../../reporting/capacity/capacity-summary.ts";
import { formatDuration, formatRate } from "../../reporting/figures-text.ts";
import type { CliIo } from "../io.ts";
import { wrapped } from "../problems.ts";

type Terminal = Pick<CliIo, "columns" | "color">;

const labelWidth = 10;
const fewestColumns = 30;

/** One line for each point as it is measured, within 80 columns, and below it what was not met. */
export function pointText({ stage, ratePerSecond, carriedPerSecond, ...point }: SearchPoint, io: Terminal): string {
  const paint = new Ansis(io.color ? 3 : 0);
  const carried = carriedPerSecond === null ? "–" : formatRate(carriedPerSecond);
  const p99 = point.inclusionP99Micros === null ? "–" : formatDuration(point.inclusionP99Micros);
  const verdict = { sustained: paint.green, overloaded: paint.red, "generator-bound": paint.yellow }[point.verdict];
  const cells = [
    stage.padEnd(labelWidth),
    `offered ${formatRate(ratePerSecond)}`.padEnd(20),
    `carried ${carried}`.padEnd(20),
    `p99 ${p99}`.padEnd(13),
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
