import { describe, expect, test } from "@jest/globals";
import { allCases } from "./calibration/all-cases.ts";
import { Bench } from "./calibration/bench.ts";
import { calibrationChains } from "./calibration/chains.ts";
import { resultText } from "./calibration/result-text.ts";
import { runCase } from "./calibration/runner.ts";

const quick = allCases.filter((calibration) => calibration.quick);
/** As many tries of the longest of them as there can be, on a slow machine. */
const timeoutMs = 300_000;

// `npm run calibrate` runs all of them.
describe.each(calibrationChains)("known truth in, same truth out on $name", (chain) => {
  test.each(quick)(
    "$name",
    async (calibration) => {
      const result = await runCase(calibration, new Bench(chain));
      // A busy machine cannot tell whether the instrument is right, which is not the instrument's failure.
      if (result.verdict === "not-measurable") process.stderr.write(`${resultText(result)}\n`);
      const isWrong = result.verdict === "wrong";
      expect({ isWrong, text: isWrong ? resultText(result) : "" }).toEqual({ isWrong: false, text: "" });
    },
    timeoutMs,
  );
});

test("every case has a name of its own, and says what it proves", () => {
  expect(new Set(allCases.map(({ name }) => name)).size).toBe(allCases.length);
  for (const { name, proves } of allCases) expect([name, proves.length > 20]).toEqual([name, true]);
});
