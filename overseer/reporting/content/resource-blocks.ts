import type { MetricUnit } from "../../../shared/scenario/observe-settings.ts";
import { usage } from "../../resources/measures.ts";
import { formatCount, listOf } from "../figures-text.ts";
import { groupBy } from "../group-by.ts";
import type { ResourceMeasureSummary, ResourceSummary, RunSummary } from "../run-summary.ts";
import { formatValue, round, strokeOf, timeChart } from "./charts.ts";
import type { Block, Series, Table, Unit } from "./content.ts";
import { columns, empty, tableBlock } from "./make-blocks.ts";

/** Lines beyond these could not be told apart. */
const mostSeries = 12;

const units: Readonly<Record<MetricUnit, { readonly unit: Unit; readonly factor: number; readonly axis: string }>> = {
  count: { unit: "number", factor: 1, axis: "Number" },
  "per second": { unit: "eachSecond", factor: 1, axis: "Per second" },
  cores: { unit: "cores", factor: 1, axis: "Cores in use" },
  bytes: { unit: "bytes", factor: 1, axis: "Bytes" },
  "bytes per second": { unit: "bytesPerSecond", factor: 1, axis: "Bytes per second" },
  share: { unit: "share", factor: 1, axis: "Share" },
  seconds: { unit: "micros", factor: 1e6, axis: "Time" },
};

/** Containers, processes and whatever else was looked at besides the beacons' own statistics. */
export function resourceBlocks(summary: RunSummary): Block[] {
  const sources = summary.resources ?? [];
  if (sources.length === 0) {
    return [empty("No container, process or other machine was looked at; a scenario's observe section names them.")];
  }
  const blocks: Block[] = [tableBlock(usageTable(sources))];
  const others = sources.filter(({ measures }) => measures.some(isOther));
  if (others.length > 0) blocks.push(tableBlock(metricsTable(others)));
  if (sources.some(({ gaps }) => gaps !== null)) blocks.push(tableBlock(gapsTable(sources)));
  const groups = measuresOf(sources);
  const unseen = groups.filter((group) => valuesOf(group).length === 0);
  const idle = groups.filter((group) => !unseen.includes(group) && valuesOf(group).every((value) => value === 0));
  const drawn = groups.filter((group) => !unseen.includes(group) && !idle.includes(group));
  blocks.push(...drawn.map((group, position) => measureChart(summary, group, position)));
  if (idle.length > 0) blocks.push(empty(`Always nothing: ${listOf(labelsOf(idle))}.`));
  if (unseen.length > 0) blocks.push(empty(`Not measured, as nobody told it: ${listOf(labelsOf(unseen))}.`));
  return blocks;
}

function labelsOf(groups: readonly (readonly Measured[])[]): string[] {
  return groups.map((group) => (group[0] as Measured).measure.label);
}

function valuesOf(group: readonly Measured[]): number[] {
  return group.flatMap(({ measure }) => measure.values.filter((value) => value !== null));
}

interface Measured {
  readonly source: ResourceSummary;
  readonly measure: ResourceMeasureSummary;
}

function isOther({ key, values }: ResourceMeasureSummary): boolean {
  return !usageKeys.includes(key) && values.some((value) => value !== null);
}

const usageKeys: readonly string[] = Object.values(usage).map(({ key }) => key);

/** The same measure of several sources stands in the same chart. */
function measuresOf(sources: readonly ResourceSummary[]): readonly Measured[][] {
  const all = sources.flatMap((source) => source.measures.map((measure) => ({ source, measure })));
  const groups = [...groupBy(all, ({ measure }) => JSON.stringify([measure.key, measure.unit])).values()];
  const order = (group: readonly Measured[]): number => {
    const at = usageKeys.indexOf((group[0] as Measured).measure.key);
    return at < 0 ? usageKeys.length : at;
  };
  return groups.sort((a, b) => order(a) - order(b));
}

function measureChart(summary: RunSummary, group: readonly Measured[], position: number): Block {
  const [{ measure }] = group as [Measured];
  const { unit, factor, axis } = units[measure.unit];
  const shown = [...group]
    .sort((a, b) => (b.measure.spread?.maximum ?? -1) - (a.measure.spread?.maximum ?? -1))
    .slice(0, mostSeries);
  const several = shown.length < group.length ? `, the ${mostSeries} highest of ${group.length}` : "";
  const of = group.length === 1 ? ` of ${(group[0] as Measured).source.name}` : "";
  const series = group
    .filter((one) => shown.includes(one))
    .map(
      ({ source, measure: { values } }, i): Series => ({
        name: source.name,
        ...strokeOf(i),
        points: bySecond(source.seconds, values, factor),
      }),
    );
  return timeChart(summary, {
    id: `resource-${position + 1}-${slugOf(measure.key)}`,
    title: `${measure.label}${of}${several}`,
    size: "half",
    y: { title: axis, unit },
    series,
  });
}

/** Sources are looked at at moments of their own: whole seconds make rows of the table of them. */
function bySecond(
  seconds: readonly number[],
  values: readonly (number | null)[],
  factor: number,
): (readonly [number, number | null])[] {
  const points = new Map<number, number | null>();
  for (const [i, second] of seconds.entries()) {
    const value = values[i] ?? null;
    const at = Math.round(second);
    if (value !== null || !points.has(at)) points.set(at, value === null ? null : round(value * factor));
  }
  return [...points];
}

function slugOf(key: string): string {
  return key
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

const kindTexts = { container: "container", process: "process", metrics: "Prometheus" } as const;

function usageTable(sources: readonly ResourceSummary[]): Table {
  return {
    title: "What containers, processes and machines used",
    columns: columns(
      "Name",
      "What it is",
      ">CPU, mean",
      ">CPU, peak",
      ">Memory, peak",
      ">Disks, read and written",
      ">Network, received and sent",
    ),
    rows: sources.map((source) => [
      source.name,
      `${kindTexts[source.kind]}: ${source.about}`,
      cell(source, usage.cpu.key, "mean"),
      cell(source, usage.cpu.key, "maximum"),
      cell(source, usage.memory.key, "maximum"),
      pair(source, usage.diskRead.key, usage.diskWritten.key),
      pair(source, usage.received.key, usage.sent.key),
    ]),
    note: "While there was load; disks and network on the average. Memory of containers is without the pages of files that the kernel can take back.",
  };
}

function gapsTable(sources: readonly ResourceSummary[]): Table {
  return {
    title: "Gaps: moments at which nothing, or not all, could be had",
    columns: columns("Name", ">Gaps", ">Of", "First reason"),
    rows: sources.flatMap(({ name, gaps, seconds }) =>
      gaps === null ? [] : [[name, formatCount(gaps.count), formatCount(seconds.length), gaps.reason]],
    ),
    note: "What is in a gap is unknown, and is never counted as nothing.",
  };
}

function metricsTable(sources: readonly ResourceSummary[]): Table {
  return {
    title: "What else Prometheus told",
    columns: columns("Name", "Measured", ">Mean", ">p95", ">Peak"),
    rows: sources.flatMap((source) =>
      source.measures
        .filter(isOther)
        .map(({ key, label }) => [
          source.name,
          label,
          cell(source, key, "mean"),
          cell(source, key, "p95"),
          cell(source, key, "maximum"),
        ]),
    ),
    note: null,
  };
}

function pair(source: ResourceSummary, first: string, second: string): string {
  const [one, other] = [cell(source, first, "mean"), cell(source, second, "mean")];
  return one === "–" && other === "–" ? "–" : `${one} · ${other}`;
}

function cell({ measures }: ResourceSummary, key: string, of: "mean" | "p95" | "maximum"): string {
  const measure = measures.find((one) => one.key === key);
  if (measure?.spread === undefined || measure.spread === null) return "–";
  const { unit, factor } = units[measure.unit];
  const suffix: Partial<Record<Unit, string>> = { cores: " cores", eachSecond: "/s" };
  return `${formatValue(measure.spread[of] * factor, unit)}${suffix[unit] ?? ""}`;
}
