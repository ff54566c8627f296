import type { SearchPoint } from "../../capacity/search-point.ts";
import type { CapacitySummary } from "../../reporting/capacity/capacity-summary.ts";
import { formatDuration, formatRate } from "../../reporting/figures-text.ts";

/** One line for each point, as it is measured. */
export function pointLine({ stage, ratePerSecond, carriedPerSecond, ...point }: SearchPoint): string {
  const carried = carriedPerSecond === null ? "–" : formatRate(carriedPerSecond);
  const p99 = point.inclusionP99Micros === null ? "–" : formatDuration(point.inclusionP99Micros);
  const cells = [
    stage.padEnd(9),
    `offered ${formatRate(ratePerSecond)}`.padEnd(22),
    `carried ${carried}`.padEnd(22),
    `included p99 ${p99}`.padEnd(24),
    [point.verdict, ...point.findings].join(": "),
  ];
  return `${cells.join("")}\n`;
}

export function resultText({ answer }: CapacitySummary, report: string): string {
  return `Answer    ${answer}\nReport    ${report}\n`;
}
