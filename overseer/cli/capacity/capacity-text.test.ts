import { expect, test } from "@jest/globals";
import type { SearchPoint } from "../../capacity/search-point.ts";
import type { CapacitySummary } from "../../reporting/capacity/capacity-summary.ts";
import { pointText, searchResultText } from "./capacity-text.ts";

const point: SearchPoint = {
  stage: "confirm",
  ratePerSecond: 99_990,
  verdict: "overloaded",
  carriedPerSecond: 98_765,
  inclusionP99Micros: 841_000,
  inclusionP99AtLeast: false,
  missedBlocks: 1,
  findings: ["the backlog grew: blocks took in 98 765 tx/s, 96.11 % of what came due", "1 block was missed"],
  runFolder: "points/1",
};

test("a point is a line that fits a terminal, and below it why it was not sustained", () => {
  const lines = pointText(point, { columns: 60, color: false }).trimEnd().split("\n");
  expect(lines[0]).toMatch(/^confirm {3}offered .+ carried .+ p99 841\sms +overloaded$/);
  expect(lines[0]?.length).toBeLessThanOrEqual(80);
  expect(lines.length).toBeGreaterThanOrEqual(4);
  for (const line of lines.slice(1)) expect(line.length).toBeLessThan(60);
  expect(lines.at(-1)).toBe("          1 block was missed");
});

test("a latency that may be larger, because some were never included, is told as such", () => {
  const [line] = pointText({ ...point, inclusionP99AtLeast: true }, { columns: 80, color: false }).split("\n");
  expect(line).toMatch(/p99 ≥\s841\sms +overloaded$/);
});

test("colours are for terminals that have them", () => {
  expect(pointText(point, { columns: 80, color: true })).toContain("\u001b[");
  expect(pointText(point, { columns: 80, color: false })).not.toContain("\u001b[");
});

test("an answer is broken into lines, and the path to the report is not", () => {
  const path = `reports/${"a-long-name-".repeat(10)}/report.html`;
  const summary = { answer: "The network sustains 101 tx/s and not 102 tx/s. ".repeat(4) } as CapacitySummary;
  const lines = searchResultText(summary, path, { columns: 60, color: false }).trimEnd().split("\n");
  expect(lines.at(-1)).toBe(`Report    ${path}`);
  for (const line of lines.slice(0, -1)) expect(line.length).toBeLessThan(60);
});
