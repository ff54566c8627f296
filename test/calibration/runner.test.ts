import { expect, test } from "@jest/globals";
import type { Bench, Observed } from "./bench.ts";
import { type CalibrationCase, judged, type Trial } from "./calibration-case.ts";
import { accountsAddUp, between, type Comparison, near, refuted, same } from "./comparison.ts";
import { resultText } from "./result-text.ts";
import { runCase } from "./runner.ts";

const noBench = { chain: { name: "chain" } } as Bench;
const right = same("sent", 3, 3, "tx");
const wrong = same("sent", 3, 2, "tx");

function trial(comparison: Comparison | null, disturbance: string | null): Trial {
  return { comparisons: comparison === null ? [] : [comparison], circumstances: ["quiet"], disturbance };
}

function caseOf(...trials: readonly Trial[]): CalibrationCase & { readonly runs: () => number } {
  let runs = 0;
  const run = (): Promise<Trial> => Promise.resolve(trials[Math.min(runs++, trials.length - 1)] as Trial);
  return { name: "case", proves: "something", quick: false, run, runs: () => runs };
}

test("figures that are wrong twice fail while machine and devnet are in time", async () => {
  const calibration = caseOf(trial(wrong, null));
  expect((await runCase(calibration, noBench)).verdict).toBe("wrong");
  expect(calibration.runs()).toBe(2);
});

test("a wrong figure that does not come back agrees, and the result tells which it was", async () => {
  const result = await runCase(caseOf(trial(wrong, null), trial(right, null)), noBench);
  expect(result.verdict).toBe("agrees");
  expect(resultText(result)).toContain("given up: Nothing seemed to disturb it (wrong: sent).");
});

test("a disturbed run is repeated, twice at most, and it says so", async () => {
  const disturbed = trial(wrong, "The machine was busy.");
  const recovered = await runCase(caseOf(disturbed, trial(right, null)), noBench);
  expect(recovered).toMatchObject({ verdict: "agrees", givenUp: ["The machine was busy. (wrong: sent)"] });
  expect(resultText(recovered)).toContain("The machine was busy.");
  const hopeless = caseOf(disturbed);
  const result = await runCase(hopeless, noBench);
  expect(result.verdict).toBe("not-measurable");
  expect(result.givenUp).toHaveLength(3);
  expect(resultText(result)).toMatch(/^NOT MEASURABLE HERE/);
  expect(hopeless.runs()).toBe(3);
});

test("a disturbance that went away leaves a wrong instrument wrong", async () => {
  const result = await runCase(caseOf(trial(wrong, "busy"), trial(wrong, null)), noBench);
  expect(result.verdict).toBe("wrong");
});

test("accounts that do not add up are wrong at once, whatever disturbed the run", async () => {
  const calibration = caseOf(trial(accountsAddUp(true, false), "busy"));
  expect((await runCase(calibration, noBench)).verdict).toBe("wrong");
  expect(calibration.runs()).toBe(1);
  expect((await runCase(caseOf(trial(accountsAddUp(true), "busy")), noBench)).verdict).toBe("agrees");
});

test("right figures pass, also of a run that was disturbed; no figures at all do not", async () => {
  expect((await runCase(caseOf(trial(right, "busy")), noBench)).verdict).toBe("agrees");
  expect((await runCase(caseOf(trial(null, null)), noBench)).verdict).toBe("wrong");
});

test("a run that fails fails its case, with the reason", async () => {
  const broken = { ...caseOf(), run: () => Promise.reject(new Error("no devnet")) };
  const result = await runCase(broken, noBench);
  expect(result.verdict).toBe("wrong");
  expect(resultText(result)).toContain("no devnet");
});

test("a control passes when the wrong instrument does not", () => {
  expect([refuted("lazily", right).ok, refuted("lazily", wrong).ok]).toEqual([false, true]);
});

test("only machine and devnet excuse a figure, never what the instrument says of itself", () => {
  const machine = { p50Micros: 60, p99Micros: 200, latestMicros: 900 };
  const lateness = { p99: { micros: 90_000 } };
  const run = {
    machine,
    isFirst: true,
    devnet: { latestMicros: 900, nodes: [] },
    summary: { overall: { latencies: { lateness } } },
  };
  const bearable = { machineP99Micros: 1000, devnetMicros: 1000 };
  const judge = (changes: object) =>
    judged({ ...run, ...changes } as unknown as Observed, bearable, [wrong]).disturbance;
  expect(judge({})).toBeNull();
  expect(judge({ machine: { ...machine, p99Micros: 1001 } })).toContain("thread that only sleeps");
  expect(judge({ devnet: { latestMicros: 1001, nodes: [] } })).toContain("devnet");
});

test("tolerances include their ends", () => {
  const named = { quantity: "p99", unit: "ms" } as const;
  expect(near(named, 100, 102, { within: 2, because: "" }).ok).toBe(true);
  expect(near(named, 100, 102.1, { within: 2, because: "" }).ok).toBe(false);
  expect(near(named, 100, Number.NaN, { within: 2, because: "" }).ok).toBe(false);
  expect(between(named, "none", 5, { lowest: 0, highest: 5, because: "" }).ok).toBe(true);
  expect(between(named, "none", -1, { lowest: 0, highest: 5, because: "" }).ok).toBe(false);
});
