import { expect, test } from "@jest/globals";
import type { Bench } from "./bench.ts";
import type { CalibrationCase, Trial } from "./calibration-case.ts";
import { between, near, same } from "./comparison.ts";
import { resultText } from "./result-text.ts";
import { runCase } from "./runner.ts";

const noBench = {} as Bench;
const right = same("sent", 3, 3, "tx");
const wrong = same("sent", 3, 2, "tx");

function caseOf(...trials: readonly Trial[]): CalibrationCase & { readonly runs: () => number } {
  let runs = 0;
  const run = (): Promise<Trial> => Promise.resolve(trials[Math.min(runs++, trials.length - 1)] as Trial);
  return { name: "case", proves: "something", quick: false, run, runs: () => runs };
}

test("wrong figures of a run that calls itself valid fail at once", async () => {
  const calibration = caseOf({ comparisons: [wrong], disturbance: null });
  expect((await runCase(calibration, noBench)).ok).toBe(false);
  expect(calibration.runs()).toBe(1);
});

test("a disturbed run is repeated, twice at most, and it says so", async () => {
  const disturbed: Trial = { comparisons: [wrong], disturbance: "The machine was busy." };
  const recovered = await runCase(caseOf(disturbed, { comparisons: [right], disturbance: null }), noBench);
  expect(recovered).toMatchObject({ ok: true, repeats: ["The machine was busy."] });
  expect(resultText(recovered)).toContain("The machine was busy.");
  const hopeless = caseOf(disturbed);
  expect((await runCase(hopeless, noBench)).ok).toBe(false);
  expect(hopeless.runs()).toBe(3);
});

test("right figures pass, also of a run that was disturbed; no figures at all do not", async () => {
  expect((await runCase(caseOf({ comparisons: [right], disturbance: "busy" }), noBench)).ok).toBe(true);
  expect((await runCase(caseOf({ comparisons: [], disturbance: null }), noBench)).ok).toBe(false);
});

test("tolerances include their ends", () => {
  const named = { quantity: "p99", unit: "ms" } as const;
  expect(near(named, 100, 102, { within: 2, because: "" }).ok).toBe(true);
  expect(near(named, 100, 102.1, { within: 2, because: "" }).ok).toBe(false);
  expect(near(named, 100, Number.NaN, { within: 2, because: "" }).ok).toBe(false);
  expect(between(named, "none", 5, { lowest: 0, highest: 5, because: "" }).ok).toBe(true);
  expect(between(named, "none", -1, { lowest: 0, highest: 5, because: "" }).ok).toBe(false);
});
