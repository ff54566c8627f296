import { expect, test } from "@jest/globals";
import { latencyPartsOf, metricNames, metricUnit, nearestMetric, parseMetric } from "./metrics.ts";

test.each([
  ["included.share", { phase: null, metric: "included.share" }],
  ["hold.included.share", { phase: "hold", metric: "included.share" }],
  ["hold.inclusion.intended.p99.9", { phase: "hold", metric: "inclusion.intended.p99.9" }],
  ["lateness.max", { phase: null, metric: "lateness.max" }],
  ["included.included.share", { phase: "included", metric: "included.share" }],
  ["included", null],
  ["hold.included", null],
  [".included.share", null],
  ["hold.included.share.p99", null],
])("%s", (text, expected) => {
  expect(parseMetric(text)).toEqual(expected);
});

test("every metric has a unit, and every latency its parts", () => {
  for (const name of metricNames) {
    const parts = latencyPartsOf(name);
    expect(parts === null ? metricUnit(name) : "latency").toBe(metricUnit(name));
    if (parts !== null) expect(`${parts.base}.${parts.statistic}`).toBe(name);
  }
  expect(latencyPartsOf("lateness.p99.9")).toEqual({ base: "lateness", statistic: "p99.9" });
});

test.each([
  ["hold.inclded.share", "hold.included.share"],
  ["inclusion.intended.p98", "inclusion.intended.p95"],
  ["hold.answer.intended.p999", "hold.answer.intended.p99"],
  ["nothing.like.it", null],
])("the metric meant by %s", (text, nearest) => {
  const found = nearestMetric(text, ["hold", "climb"]);
  // Of several that are as near as each other, any will do.
  if (nearest === null) expect(found).toBeNull();
  else expect(found?.split(".").slice(0, -1)).toEqual(nearest.split(".").slice(0, -1));
});
