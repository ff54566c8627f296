import type { Band, Chart, Series } from "../content/content.ts";
import { colorOf, type Palette } from "./palette.ts";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

const font = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";
/** A stroke is only as wide as it takes to tell four lines that lie on each other apart. */
const strokes = {
  solid: { type: "solid", width: 2 },
  dashed: { type: [7, 5], width: 2 },
  dotted: { type: [2, 4], width: 2 },
  thin: { type: "solid", width: 1.2 },
  marks: { type: "solid", width: 0 },
} as const;

/**
 * The chart for echarts as JSON: colours are tokens such as `@due`, for the theme to replace, and what needs functions
 * (how values are written) is left to whoever draws it.
 */
export function chartOption(chart: Chart): Json {
  const isByName = chart.x.names !== null;
  return {
    animation: false,
    textStyle: { fontFamily: font, color: "@text" },
    aria: { enabled: true, label: { description: chart.title } },
    grid: { left: 8, right: 18, top: 62, bottom: 34, containLabel: true },
    legend: {
      top: 0,
      left: 0,
      type: "scroll",
      itemWidth: 30,
      itemHeight: 10,
      itemGap: 18,
      textStyle: { color: "@text", fontSize: 12 },
      pageTextStyle: { color: "@faint" },
      inactiveColor: "@grid",
      data: namedOnce(chart.series).map((series) => ({
        name: series.name,
        // echarts puts a circle on the line of a series that has no symbols.
        ...(hasSymbols(chart, series) ? {} : { itemStyle: { opacity: 0 } }),
      })),
    },
    xAxis: {
      type: isByName ? "category" : "value",
      ...(isByName ? { data: chart.x.names ?? [], boundaryGap: false } : { min: 0, max: chart.x.end }),
      name: chart.x.title,
      nameLocation: "middle",
      nameGap: 28,
      nameTextStyle: { color: "@faint", fontSize: 12 },
      axisLine: { lineStyle: { color: "@faint" } },
      axisTick: { lineStyle: { color: "@faint" } },
      axisLabel: { color: "@faint", fontSize: 11, hideOverlap: true, ...(isByName ? {} : endLabel(chart.x.end)) },
      splitLine: { show: false },
    },
    yAxis: {
      type: chart.y.logarithmic ? "log" : "value",
      ...(chart.y.unit === "count" ? { minInterval: 1 } : {}),
      ...rangeOption(chart),
      name: chart.y.title,
      nameLocation: "end",
      nameGap: 12,
      nameTextStyle: { color: "@faint", fontSize: 12, align: "left", padding: [0, 0, 0, -14] },
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { color: "@faint", fontSize: 11 },
      splitLine: { lineStyle: { color: "@grid" } },
    },
    series: chart.series.map((series, index) => seriesOption(chart, series, index)),
  };
}

/** The end has a label of its own beside those at round numbers, but not where it would stand against the last of them. */
function endLabel(end: number): { readonly showMaxLabel?: boolean } {
  const interval = rounded(end / axisParts);
  const rest = end % interval;
  return rest > 0 && rest < interval * 0.4 ? { showMaxLabel: false } : {};
}

/** Into as many parts echarts divides an axis, roughly, at a number that `rounded` gives. */
const axisParts = 5;

function rounded(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const digit = value / power;
  return power * (digit < 1.5 ? 1 : digit < 2.5 ? 2 : digit < 4 ? 3 : digit < 7 ? 5 : 10);
}

function seriesOption(chart: Chart, series: Series, index: number): Json {
  const color = `@${series.role}`;
  const isBar = chart.kind === "bar";
  const positive = (value: number | null): number | null =>
    chart.y.logarithmic && value !== null && value <= 0 ? null : value;
  return {
    name: series.name,
    type: chart.kind,
    color,
    ...(chart.stacked ? { stack: "all" } : {}),
    ...(isBar
      ? { barCategoryGap: "12%", itemStyle: { color, decal: decalOf(index) } }
      : {
          ...symbolOf(chart, series, index),
          ...(chart.stepped ? { step: "end" } : {}),
          lineStyle: { color, ...strokes[series.line] },
          itemStyle: { color },
          emphasis: { disabled: true },
          // Thousands of points on hundreds of pixels: keeps the peaks.
          ...(series.points.length > 1500 ? { sampling: "minmax" } : {}),
        }),
    data: series.points.map(([x, y]) =>
      chart.x.names === null ? [isBar ? x + halfStepOf(series) : x, positive(y)] : positive(y),
    ),
    ...(index === 0 ? { ...bandsOption(chart), ...limitsOption(chart) } : {}),
    z: series.line === "solid" ? 3 : 2,
  };
}

/** A bar stands in the middle of the time that it counts, or it would reach into the phase before. */
function halfStepOf({ points }: Series): number {
  const [[first] = [0], [second] = [first]] = points;
  return (second - first) / 2;
}

/** Lines that are one thing, such as the two edges of a range, have one name and one entry. */
function namedOnce(series: readonly Series[]): Series[] {
  return series.filter(({ name }, i) => series.findIndex((other) => other.name === name) === i);
}

function hasSymbols(chart: Chart, series: Series): boolean {
  return chart.kind === "bar" || chart.x.names !== null || series.line === "marks";
}

const markSymbols = ["triangle", "diamond", "circle"];

function symbolOf(chart: Chart, series: Series, index: number): { readonly [name: string]: Json } {
  if (series.line === "marks") {
    const before = chart.series.slice(0, index).filter(({ line }) => line === "marks").length;
    return { showSymbol: true, symbol: markSymbols[before % markSymbols.length] as string, symbolSize: 8 };
  }
  if (chart.x.names === null) return { symbol: "none" };
  return { symbol: ["circle", "rect", "triangle", "diamond", "emptyCircle"][index % 5] as string, symbolSize: 6 };
}

/** Stacked colours differ in their hatching too. */
function decalOf(index: number): Json {
  const angles = [0, Math.PI / 4, -Math.PI / 4, Math.PI / 2];
  if (index === 0) return { symbol: "none" };
  return {
    symbol: "rect",
    dashArrayX: [1, 0],
    dashArrayY: [2, 4],
    rotation: angles[index % 4] as number,
    color: "@background",
  };
}

function colorOfBand({ gap, measured }: Band): string {
  if (gap === true) return "@limit";
  return measured ? "@band" : "@bandUnmeasured";
}

/** A gap lies over the phases; those are told from each other by turns. */
function opacityOfBand({ gap, measured }: Band, position: number): number {
  if (gap === true) return 0.16;
  return position % 2 === 0 || !measured ? 1 : 0.45;
}

function bandsOption(chart: Chart): { readonly [name: string]: Json } {
  if (chart.bands.length === 0) return {};
  const areas = chart.bands.map((band, i) => [
    {
      name: band.name,
      xAxis: band.from,
      itemStyle: {
        color: colorOfBand(band),
        opacity: opacityOfBand(band, i),
      },
      // Below the names of the phases that it lies over.
      label: { position: "insideTop", distance: band.gap === true ? 18 : 4, color: "@faint", fontSize: 11 },
    },
    { xAxis: band.to },
  ]);
  return { markArea: { silent: true, data: areas } };
}

/** Below this share of a limit the line would press what is measured to the ground, and stays outside. */
const limitShownFrom = 0.15;

/** Of the height, above the highest value, for each line of names. */
const bandNameRoom = 0.1;

function rangeOption({ limits, series, bands, y }: Chart): { readonly [name: string]: Json } {
  const highest = series.reduce(
    (most, { points }) => points.reduce((top, [, value]) => Math.max(top, value ?? 0), most),
    0,
  );
  const values = limits.flatMap((limit) => ("value" in limit ? [limit.value] : []));
  const near = values.filter((value) => value > highest && highest >= value * limitShownFrom);
  if (near.length > 0) return { max: Math.max(...near) };
  if (bands.length === 0 || y.logarithmic) return {};
  // The names of phases stand above what is measured; of a share there is no more than all.
  const room = bandNameRoom * (bands.some(({ gap }) => gap === true) ? 2 : 1);
  if (y.unit === "share" && highest <= 1 && highest * (1 + room) > 1) return { max: 1 };
  return { boundaryGap: [0, room] };
}

function limitsOption(chart: Chart): { readonly [name: string]: Json } {
  if (chart.limits.length === 0) return {};
  return {
    markLine: {
      silent: true,
      symbol: "none",
      lineStyle: { color: "@limit", type: [5, 4], width: 1.2 },
      label: { position: "insideEndTop", color: "@limit", fontSize: 11, formatter: "{b}" },
      data: chart.limits.map((limit) =>
        "value" in limit
          ? { name: limit.name, yAxis: limit.value }
          : { name: limit.name, xAxis: limit.at, label: { position: "insideStartTop" } },
      ),
    },
  };
}

/** Replaces colour tokens. */
export function themed(option: Json, palette: Palette): Json {
  if (typeof option === "string") return option.startsWith("@") ? colorOf(option, palette) : option;
  if (Array.isArray(option)) return option.map((item: Json) => themed(item, palette));
  if (typeof option === "object" && option !== null) {
    return Object.fromEntries(Object.entries(option).map(([name, value]) => [name, themed(value, palette)]));
  }
  return option;
}
