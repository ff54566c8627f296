import { expect, test } from "@jest/globals";
import type { Chart } from "../content/content.ts";
import { chartOption } from "./chart-option.ts";

function dataOf(kind: Chart["kind"]): unknown {
  const chart: Chart = {
    id: "failures",
    title: "Failures per second",
    kind,
    stacked: true,
    stepped: false,
    size: "full",
    x: { title: "Time", names: null, unit: "seconds", end: 20 },
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
  const { series } = chartOption(chart) as { readonly series: readonly { readonly data: unknown }[] };
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
