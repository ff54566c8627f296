import { describe, expect, test } from "@jest/globals";
import type { SearchPoint } from "../../capacity/search-point.ts";
import type { Chart } from "../content/content.ts";
import { chartOption } from "../formats/chart-option.ts";
import { chartSvg } from "../formats/chart-svg.ts";
import { makeSyntheticRun } from "../testing/synthetic-run.ts";
import { capacityContentOf } from "./capacity-content.ts";
import { summariseSearch } from "./capacity-summary.ts";

const { scenario } = makeSyntheticRun().manifest;

function point(
  ratePerSecond: number,
  carriedPerSecond: number | null,
  verdict: SearchPoint["verdict"] = "sustained",
): SearchPoint {
  const details = {
    stage: "climb",
    inclusionP99Micros: 1e6,
    inclusionP99AtLeast: false,
    missedBlocks: 0,
    findings: [],
    runFolder: "points/1",
  } as const;
  return { ...details, ratePerSecond, carriedPerSecond, verdict };
}

function contentOf(points: readonly SearchPoint[], sustainedPerSecond: number | null = 100) {
  const outcome = { kind: "confirmed", sustainedPerSecond, brokeAtPerSecond: null } as const;
  return capacityContentOf(summariseSearch(scenario, { points, outcome }));
}

function chartOf(content: ReturnType<typeof contentOf>): Chart | null {
  const block = content.sections[0]?.blocks[0];
  return block?.kind === "chart" ? block.chart : null;
}

const knee = (content: ReturnType<typeof contentOf>) => content.keyFigures.find(({ label }) => label === "Knee");
/** Bends at a hundred. */
const bending = [25, 50, 100, 200, 400, 800].map((offered) => point(offered, offered / (1 + offered / 100)));
/** Would bend far beyond what was measured. */
const straight = [10, 20, 30, 40].map((offered) => point(offered, offered / (1 + offered / 1000)));

describe("the report of a search", () => {
  test("shows the knee where it was measured, and what lies beyond as a forecast", () => {
    const content = contentOf(bending);
    expect(knee(content)?.value).not.toBe("–");
    const chart = chartOf(content);
    expect(chart?.limits.map(({ name }) => name.split(" ")[0])).toEqual(["sustained", "knee"]);
    expect(chart?.bands.map(({ name, from, to }) => [name, from, to])).toEqual([
      ["measured", 0, 800],
      ["forecast", 800, 1600],
    ]);
  });

  test("shows no knee as a figure that nobody measured", () => {
    const content = contentOf(straight);
    expect(knee(content)).toMatchObject({ value: "–", note: "not within what was measured" });
    expect(chartOf(content)?.limits.map(({ name }) => name.split(" ")[0])).toEqual(["sustained"]);
  });

  test("draws both edges of the range alike, under one entry of the legend", () => {
    const chart = chartOf(contentOf(bending)) as Chart;
    const edges = chart.series.filter(({ name }) => name === "90 % of refits");
    expect(edges.map(({ role, line }) => [role, line])).toEqual([
      ["category-4", "dotted"],
      ["category-4", "dotted"],
    ]);
    expect(chartSvg(chart).split("90 % of refits")).toHaveLength(2);
    const { legend } = chartOption(chart) as {
      readonly legend: { readonly data: readonly { readonly name: string }[] };
    };
    expect(legend.data.filter(({ name }) => name === "90 % of refits")).toHaveLength(1);
  });

  test("tells points that the beacons were too slow for from those that the network failed", () => {
    const content = contentOf([...bending, point(900, 90, "overloaded"), point(900, 90, "generator-bound")]);
    const marks = chartOf(content)?.series.filter(({ line }) => line === "marks");
    expect(marks?.map(({ name, points }) => [name, points.length])).toEqual([
      ["sustained", 6],
      ["overloaded", 1],
      ["beacons too slow", 1],
    ]);
    expect(content.badges).toContainEqual({ label: "Beacons", text: "too slow at 1 of 8 points", tone: "warning" });
  });

  test("says what is missing where nothing can be drawn or fitted", () => {
    const content = contentOf([point(50, null)], null);
    expect(content.sections[0]?.blocks.map(({ kind }) => kind)).toEqual(["empty", "empty"]);
    expect(knee(content)).toMatchObject({ value: "–", note: "too few rates for a law" });
  });
});
