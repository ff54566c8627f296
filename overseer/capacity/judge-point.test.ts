import { expect, test } from "@jest/globals";
import type { RunSummary } from "../reporting/run-summary.ts";
import { judgePoint } from "./judge-point.ts";

const point = { stage: "climb", ratePerSecond: 200, runFolder: "points/03-climb-200" } as const;

function summaryOf(value: number, atLeast: boolean, status: "passed" | "undecided"): RunSummary {
  const result = { metric: "hold.inclusion.intended.p99", comparison: "<=", limitText: "3 s", limit: 3e6 } as const;
  const series = Array.from({ length: 11 }, (_, i) => ({
    ...{ number: i, atMicros: i * 500_000, intervalMs: 500, ours: 100, orphaned: false },
  }));
  return {
    phases: [
      {
        ...{ name: "hold", startMicros: 0, endMicros: 5e6, rates: { duePerSecond: 200 } },
        latencies: { inclusionIntended: { p99: { micros: value, atLeast } } },
      },
    ],
    blocks: { series, nominalIntervalMs: 500 },
    verdicts: {
      validity: { verdict: "valid", checks: [] },
      thresholds: { results: [{ ...result, unit: "latency", value, atLeast, status }] },
    },
  } as unknown as RunSummary;
}

test("a criterion that was not met is told with what was found, also where that is only known to be at least so much", () => {
  const judged = judgePoint(summaryOf(1.62e6, true, "undecided"), point, { missedBlocks: 0 });
  expect(judged).toMatchObject({
    ...{ verdict: "overloaded", carriedPerSecond: 200, inclusionP99Micros: 1.62e6, inclusionP99AtLeast: true },
  });
  expect(judged.findings).toHaveLength(1);
  expect(judged.findings[0]).toMatch(/^inclusion\.intended\.p99 ≥ 1\.62\ss, wanted <= 3 s$/);
});

test("a point whose criteria hold, whose blocks take in all and of which none is missing is sustained", () => {
  expect(judgePoint(summaryOf(0.6e6, false, "passed"), point, { missedBlocks: 0 })).toMatchObject({
    ...{ verdict: "sustained", findings: [], inclusionP99AtLeast: false, missedBlocks: 0 },
  });
});
