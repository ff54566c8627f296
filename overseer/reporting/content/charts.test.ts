import { expect, test } from "@jest/globals";
import { summaryOf } from "../testing/run-folders.ts";
import { makeSyntheticRun } from "../testing/synthetic-run.ts";
import { answerChart, inclusionChart, ratesChart } from "./charts.ts";

const phases = [{ name: "hold", seconds: 8, fromPerSecond: 60, toPerSecond: 60 }];

test("the time without a lost beacon begins with its loss, though it could not tell of all that it had sent before", async () => {
  const summary = await summaryOf(makeSyntheticRun({ phases, drainSeconds: 12, beaconLostAt: 5 }));
  const { seconds } = summary.timeline;
  const cancelledPerSecond = summary.timeline.cancelledPerSecond.map((rate, i) => (seconds[i] === 2 ? 1 : rate));
  const block = ratesChart({ ...summary, timeline: { ...summary.timeline, cancelledPerSecond } });
  const bands = block.kind === "chart" ? block.chart.bands : [];
  expect(bands.filter(({ gap }) => gap === true)).toMatchObject([{ from: 5, to: 8 }]);
});

test("where nothing got into a block there is no chart of how long that took, and it is said", async () => {
  const summary = await summaryOf(makeSyntheticRun({ phases, drainSeconds: 12, rejectShare: 0, forgetShare: 1 }));
  expect(inclusionChart(summary)).toEqual({ kind: "empty", text: expect.stringContaining("none arrived") });
  expect(answerChart(summary).kind).toBe("chart");
});
