import { beforeAll, expect, test } from "@jest/globals";
import { metricNames } from "../../shared/scenario/metrics.ts";
import type { Threshold } from "../../shared/scenario/scenario.ts";
import type { RunSummary } from "./run-summary.ts";
import { summaryOf } from "./testing/run-folders.ts";
import { makeSyntheticRun } from "./testing/synthetic-run.ts";
import { judgeThresholds, measure } from "./thresholds.ts";

let summary: RunSummary;

beforeAll(async () => {
  // One in a hundred is shed: p99.9 of the wait for a block is only known to be at least so long.
  const phases = [{ name: "hold", seconds: 10, fromPerSecond: 100, toPerSecond: 100 }];
  summary = await summaryOf(makeSyntheticRun({ phases, rejectShare: 0, stall: [5, 5.1] }));
});

function statusOf(metric: string, comparison: Threshold["comparison"], limit: number, phase: string | null = null) {
  const threshold = { metric, phase, comparison, limit, limitText: "", abortOnFail: false, afterMicros: 0 };
  return judgeThresholds([threshold], summary.overall, summary.phases).results[0]?.status;
}

test("every metric of the list has a value", () => {
  for (const metric of metricNames)
    expect([metric, measure(metric, summary.overall).value]).toEqual([metric, expect.any(Number)]);
});

test.each([
  ["included.share", ">=", 0.99, "passed"],
  ["included.share", ">", 0.99, "failed"],
  ["shed.share", "==", 0.01, "passed"],
  ["rejected.share", "<", 0.001, "passed"],
  ["included.rate", ">=", 1000, "failed"],
  ["inclusion.intended.p50", "<=", 2e6, "passed"],
  ["inclusion.intended.p50", "<=", 1000, "failed"],
  // One in a hundred was never sent: nobody knows when a block would have taken it in.
  ["inclusion.intended.p99.9", "<=", 0.5e6, "failed"],
  ["inclusion.intended.p99.9", "<=", 60e6, "undecided"],
  ["inclusion.intended.p99.9", ">=", 0.5e6, "passed"],
  ["inclusion.intended.p99.9", ">=", 60e6, "undecided"],
  ["inclusion.service.p99.9", "<=", 6e6, "passed"],
] as const)("%s %s %d has %s", (metric, comparison, limit, status) => {
  expect(statusOf(metric, comparison, limit)).toBe(status);
  expect(statusOf(`hold.${metric}`, comparison, limit, "hold")).toBe(status);
});

test("a metric that nothing was measured for is undecided, which counts as failed", () => {
  expect(statusOf("absent.included.share", ">=", 0, "absent")).toBe("undecided");
  const threshold = { metric: "absent.included.share", phase: "absent", comparison: ">=" as const, limit: 0 };
  const rest = { limitText: "0 %", abortOnFail: false, afterMicros: 0 };
  expect(judgeThresholds([{ ...threshold, ...rest }], summary.overall, summary.phases).failed).toBe(1);
});
