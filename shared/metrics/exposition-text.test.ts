import { expect, test } from "@jest/globals";
import { durationBounds, noBuckets } from "../stats/bucket-counts.ts";
import { expositionOf } from "./exposition-text.ts";

test("labels and help are escaped, and a metric without a series is left out", () => {
  const text = expositionOf([
    {
      type: "counter",
      name: "a_total",
      help: "of \\ and\nmore",
      series: [{ labels: { node: 'a"b\\c\nd' }, value: 3 }],
    },
    { type: "gauge", name: "b", help: "none yet", series: [] },
    { type: "gauge", name: "c", help: "odd", series: [{ labels: {}, value: Number.POSITIVE_INFINITY }] },
  ]);
  expect(text).toBe(
    [
      "# HELP a_total of \\\\ and\\nmore",
      "# TYPE a_total counter",
      'a_total{node="a\\"b\\\\c\\nd"} 3',
      "# HELP c odd",
      "# TYPE c gauge",
      "c +Inf",
      "",
    ].join("\n"),
  );
});

test("buckets of a histogram hold all that is shorter, and the last one everything", () => {
  const counts = [...noBuckets.counts];
  counts[0] = 2;
  counts[1] = 1;
  counts[durationBounds.length] = 4;
  const series = [{ labels: { x: "y" }, buckets: { counts, sumSeconds: 1.5 } }];
  const lines = expositionOf([{ type: "histogram", name: "h_seconds", help: "h", series }]).split("\n");
  expect(lines).toContain('h_seconds_bucket{x="y",le="0.0005"} 2');
  expect(lines).toContain('h_seconds_bucket{x="y",le="60"} 3');
  expect(lines).toContain('h_seconds_bucket{x="y",le="+Inf"} 7');
  expect(lines).toContain('h_seconds_sum{x="y"} 1.5');
  expect(lines).toContain('h_seconds_count{x="y"} 7');
});
