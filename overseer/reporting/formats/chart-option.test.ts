import { expect, test } from "@jest/globals";
import type { Chart } from "../content/content.ts";
import { chartOption } from "./chart-option.ts";

function chartOf(kind: Chart["kind"], end: number): Chart {
  return {
    id: "failures",
    title: "Failures per second",
    kind,
    stacked: true,
    stepped: false,
    size: "full",
    x: { title: "Time", names: null, unit: "seconds", end },
    y: { title: "Transactions per second", unit: "perSecond", logarithmic: false },
    series: [
      {
        ...{ name: "rejected", role: "rejected", line: "solid" },
        points: [
          [10, 0],
          [12, 5],
          [14, 3],
        ],
      },
    ],
    bands: [],
    limits: [],
    table: { title: "Failures", columns: [], rows: [], note: null },
  };
}

function dataOf(kind: Chart["kind"]): unknown {
  const { series } = chartOption(chartOf(kind, 20)) as { readonly series: readonly { readonly data: unknown }[] };
  return series[0]?.data;
}

test("a bar stands in the middle of the time that it counts, and a line begins where that begins", () => {
  expect(dataOf("bar")).toEqual([
    [11, 0],
    [13, 5],
    [15, 3],
  ]);
  expect(dataOf("line")).toEqual([
    [10, 0],
    [12, 5],
    [14, 3],
  ]);
});

test.each([
  // Round numbers are ten apart.
  ["stands against the last round number", 41, false],
  ["is a round number", 40, undefined],
  ["is far enough from the last round number", 46, undefined],
])("the end of an axis has a label, but where it %s", (_, end, shown) => {
  const { xAxis } = chartOption(chartOf("line", end)) as { readonly xAxis: { readonly axisLabel: object } };
  expect(xAxis.axisLabel).toMatchObject({ hideOverlap: true });
  expect((xAxis.axisLabel as { showMaxLabel?: boolean }).showMaxLabel).toBe(shown);
});
