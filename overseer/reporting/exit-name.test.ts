import { expect, test } from "@jest/globals";
import { type ExitName, exitCodes } from "../../shared/errors/exit-codes.ts";
import { exitNameFor, exitPrecedence } from "./exit-name.ts";
import type { RunSummary, ValidityVerdict } from "./run-summary.ts";

function judged(validity: ValidityVerdict, failed: number, holds: boolean, stage: RunSummary["stage"] = "finished") {
  return {
    stage,
    verdicts: {
      validity: { verdict: validity, checks: [] },
      thresholds: { passed: 0, failed, results: [] },
      accounting: { holds, lines: [] },
    },
  };
}

test.each<readonly [ReturnType<typeof judged>, ExitName, ExitName]>([
  [judged("valid", 0, true), "passed", "passed"],
  [judged("degraded", 0, true), "passed", "passed"],
  [judged("valid", 1, true), "passed", "thresholds-failed"],
  [judged("void", 1, true), "passed", "generator-bound"],
  [judged("void", 1, false), "passed", "accounting-broken"],
  [judged("valid", 1, true), "beacon-lost", "beacon-lost"],
  [judged("void", 0, true), "beacon-lost", "generator-bound"],
  [judged("void", 1, true), "stopped", "stopped"],
  [judged("valid", 0, false), "stopped", "accounting-broken"],
  [judged("void", 1, true, "not-started"), "network", "network"],
  [judged("void", 3, true, "not-started"), "stopped", "stopped"],
  [judged("valid", 1, true), "thresholds-failed", "thresholds-failed"],
])("%j after %s ends as %s", (summary, ending, expected) => {
  expect(exitNameFor(summary, { exitName: ending })).toBe(expected);
});

test("a run without an ending ended by a defect", () => {
  expect(exitNameFor(judged("valid", 0, true), null)).toBe("internal-error");
});

test("every exit has its place", () => {
  expect([...exitPrecedence].sort()).toEqual(Object.keys(exitCodes).sort());
});
