import { describe, expect, test } from "@jest/globals";
import { allCases } from "./calibration/all-cases.ts";
import { resultText } from "./calibration/result-text.ts";
import { runCase } from "./calibration/runner.ts";

const quick = allCases.filter((calibration) => calibration.quick);
/** Three tries of the longest of them. */
const timeoutMs = 150_000;

// `npm run calibrate` runs all of them.
describe("known truth in, same truth out", () => {
  test.each(quick.map((calibration) => [calibration.name, calibration] as const))(
    "%s",
    async (_, calibration) => {
      const result = await runCase(calibration);
      expect({ ok: result.ok, text: result.ok ? "" : resultText(result) }).toEqual({ ok: true, text: "" });
    },
    timeoutMs,
  );
});

test("every case has a name of its own, and says what it proves", () => {
  expect(new Set(allCases.map(({ name }) => name)).size).toBe(allCases.length);
  for (const { name, proves } of allCases) expect([name, proves.length > 20]).toEqual([name, true]);
});
