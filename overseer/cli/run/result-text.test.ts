import { expect, test } from "@jest/globals";
import { summaryOf } from "../../reporting/testing/run-folders.ts";
import { makeSyntheticRun, type SyntheticRunOptions } from "../../reporting/testing/synthetic-run.ts";
import { createFakeIo } from "../fake-io.ts";
import { resultText } from "./result-text.ts";

const phases = [{ name: "hold", seconds: 8, fromPerSecond: 100, toPerSecond: 100 }];

async function verdictOf(options: SyntheticRunOptions): Promise<string> {
  const summary = await summaryOf(makeSyntheticRun({ phases, drainSeconds: 12, rejectShare: 0, ...options }));
  return resultText(summary, "reports/run/report.html", createFakeIo()).split("\n")[0] ?? "";
}

test.each([
  [{}, /^Verdict {3}VALID · no thresholds · every transaction accounted for/],
  [{ latenessMs: 8 }, /^Verdict {3}DEGRADED/],
  [{ latenessMs: 60 }, /^Verdict {3}VOID: generator-bound/],
])("the first line of a run with %j is its verdict", async (options, expected) => {
  expect(await verdictOf(options)).toMatch(expected);
});

test("a run that ended before its start is not blamed on the beacons", async () => {
  const summary = await summaryOf(makeSyntheticRun({ phases }));
  const text = resultText({ ...summary, stage: "not-started" }, "reports/run/report.html", createFakeIo());
  expect(text).not.toContain("generator-bound");
  expect(text).toMatch(/^Verdict {3}VOID: nothing was broadcast/);
});

test("a threshold that failed is told with what was found and what was wanted", async () => {
  const summary = await summaryOf(makeSyntheticRun({ phases, drainSeconds: 12, rejectShare: 0 }));
  const wanted = { metric: "included.share", comparison: ">=", limitText: "99.9 %", limit: 0.999 } as const;
  const failed = { ...wanted, unit: "share", value: 0.853, atLeast: false, status: "failed" } as const;
  const thresholds = { passed: 0, failed: 1, results: [failed] };
  const text = resultText({ ...summary, verdicts: { ...summary.verdicts, thresholds } }, "report.html", createFakeIo());
  expect(text).toMatch(/included\.share 85\.3\s%, wanted >= 99\.9 %: failed/);
});
