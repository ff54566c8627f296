import { formatBytes, formatCount, formatDuration, formatNumber, formatShare, listOf } from "../figures-text.ts";
import type { LatencySeries, PhaseFigures, RunSummary, Timeline } from "../run-summary.ts";
import type { Band, Block, Chart, Role, Series, Table, Unit } from "./content.ts";

const categories: readonly Role[] = [
  "category-1",
  "category-2",
  "category-3",
  "category-4",
  "category-5",
  "category-6",
];
const lines = ["solid", "dashed", "dotted"] as const;

/** Of one of several of a kind: neighbours differ in colour and in dashes, for those who do not see colours. */
export function strokeOf(position: number): Pick<Series, "role" | "line"> {
  const round = Math.floor(position / categories.length);
  return {
    role: categories[position % categories.length] as Role,
    line: lines[(position + round) % lines.length] as (typeof lines)[number],
  };
}

const timeTitle = "Time after the start (s)";
/** More rows than anybody reads; the file that holds all of them is named under the table. */
const maximumTableRows = 120;
/** Above this ratio of the largest to the smallest value a straight axis would hide the small ones. */
const logarithmicFrom = 50;
/** With few seconds, a line between them would look like a ramp that never was. */
const steppedUpTo = 45;

export function ratesChart(summary: RunSummary): Block {
  const { timeline } = summary;
  const series = [
    overTime("due", "due", "dashed", timeline, timeline.duePerSecond),
    overTime("sent", "sent", "thin", timeline, timeline.sentPerSecond),
    overTime("accepted", "accepted", "dotted", timeline, timeline.acceptedPerSecond),
    overTime("included", "included", "solid", timeline, timeline.includedPerSecond),
  ];
  return timeChart(summary, {
    id: "rates",
    title: "Transactions due, sent, accepted and included per second",
    stepped: timeline.seconds.length <= steppedUpTo,
    y: { title: "Transactions per second", unit: "perSecond" },
    series,
  });
}

export function failuresChart(summary: RunSummary): Block {
  const { timeline } = summary;
  const candidates = [
    overTime("rejected", "rejected", "solid", timeline, timeline.rejectedPerSecond),
    overTime("shed", "shed", "dashed", timeline, timeline.shedPerSecond),
    overTime("unanswered", "unanswered", "dotted", timeline, timeline.unansweredPerSecond),
    overTime("cancelled", "cancelled", "thin", timeline, timeline.cancelledPerSecond),
  ];
  const series = candidates.filter((one) => one.points.some(([, value]) => (value ?? 0) > 0));
  if (series.length === 0) {
    return { kind: "empty", text: "No transaction was rejected, shed, cancelled or left unanswered." };
  }
  return timeChart(summary, {
    id: "failures",
    title: `Transactions ${listOf(series.map((one) => one.name))} per second`,
    kind: "bar",
    stacked: true,
    y: { title: "Transactions per second", unit: "perSecond" },
    series,
  });
}

export function waitingChart(summary: RunSummary): Block {
  const { timeline } = summary;
  return timeChart(summary, {
    id: "waiting",
    title: "Transactions waiting for an answer and for a block",
    y: { title: "Transactions waiting", unit: "count" },
    series: [
      atEnds("sent, not answered", "sent", "dashed", timeline, timeline.awaitingAnswer),
      atEnds("accepted, not in a block", "accepted", "solid", timeline, timeline.awaitingBlock),
    ],
  });
}

export function inclusionChart(summary: RunSummary): Block {
  return latencyChart(
    summary,
    "inclusion",
    "included",
    "How long it took into a block, by when transactions were due",
    summary.timeline.inclusionIntended,
  );
}

export function answerChart(summary: RunSummary): Block {
  return latencyChart(
    summary,
    "answers",
    "accepted",
    "How long the answer took, by when transactions were due",
    summary.timeline.answerIntended,
  );
}

export function latenessChart(summary: RunSummary): Block {
  return latencyChart(
    summary,
    "lateness",
    "sent",
    "How late the beacons sent, by when transactions were due",
    summary.timeline.lateness,
  );
}

/**
 * Where p50 or p99 rests on transactions that never arrived there is no line to draw: a mark at the height of the longest
 * wait that did end says that it lies above.
 */
function latencyChart(summary: RunSummary, id: string, role: Role, title: string, latency: LatencySeries): Block {
  const { timeline } = summary;
  const known = (values: readonly (number | null)[], isBound: readonly boolean[]): (number | null)[] =>
    values.map((value, i) => (isBound[i] ? null : value));
  if (latency.longestMicros.every((longest) => longest === null)) {
    return { kind: "empty", text: `${title}: none arrived.` };
  }
  const series = [
    overTime("p50", role, "solid", timeline, known(latency.p50Micros, latency.p50AtLeast)),
    overTime("p99", role, "dashed", timeline, known(latency.p99Micros, latency.p99AtLeast)),
    overTime("longest of those that arrived", "cancelled", "dotted", timeline, latency.longestMicros),
  ];
  if (latency.p99AtLeast.includes(true)) {
    const highest = Math.max(1, ...latency.longestMicros.filter((value) => value !== null));
    const marks = latency.p99AtLeast.map((isBound) => (isBound ? highest : null));
    series.push(overTime("p99 higher: too many never arrived", "rejected", "marks", timeline, marks));
  }
  return timeChart(summary, { id, title, y: { title: "Time since due", unit: "micros" }, series });
}

const percentileNames = ["p50", "p75", "p90", "p95", "p99", "p99.9", "max"] as const;
const percentileFields = ["p50", "p75", "p90", "p95", "p99", "p999", "max"] as const;

export function percentilesChart(summary: RunSummary): Block {
  const { latencies } = summary.overall;
  const wanted = [
    ["answer, from due", "accepted", "solid", latencies.answerIntended],
    ["answer, from sent", "sent", "dashed", latencies.answerService],
    ["block, from due", "included", "solid", latencies.inclusionIntended],
    ["block, from due, included ones only", "included", "dotted", latencies.inclusionOfIncluded],
    ["block, from sent", "included", "dashed", latencies.inclusionService],
  ] as const;
  const series = wanted.flatMap(([name, role, line, distribution]): Series[] => {
    if (distribution === null) return [];
    // A logarithmic axis has no place for zero.
    const points = percentileFields.map((field, i) => [i, Math.max(1, distribution[field].micros)] as const);
    return [{ name, role, line, points }];
  });
  if (series.length === 0) return { kind: "empty", text: "No transaction was due, so nobody waited." };
  return {
    kind: "chart",
    chart: {
      id: "percentiles",
      title: "Latency by percentile, all measured phases",
      kind: "line",
      stacked: false,
      stepped: false,
      size: "full",
      x: { title: "Percentile of transactions", names: percentileNames, unit: null, end: percentileNames.length - 1 },
      y: { title: "Time", unit: "micros", logarithmic: true },
      series,
      bands: [],
      limits: [],
      table: dataTable("Latency by percentile", "Percentile", series, "micros", (x) => percentileNames[x] ?? "", null),
    },
  };
}

type BeaconColumn = "cpuCores" | "hostCpuShare" | "residentBytes" | "sendLoopDelayMicros" | "inFlight";

export function beaconChart(
  summary: RunSummary,
  id: string,
  title: string,
  yTitle: string,
  column: BeaconColumn,
): Block {
  const units: Record<BeaconColumn, Unit> = {
    cpuCores: "cores",
    hostCpuShare: "share",
    residentBytes: "bytes",
    sendLoopDelayMicros: "micros",
    inFlight: "count",
  };
  const series = summary.beacons.map(
    (beacon, i): Series => ({
      name: beacon.name,
      ...strokeOf(i),
      // They come once a second, each beacon's at its own moment within it.
      points: beacon.series.seconds.map(
        (second, k) => [Math.round(second), round(beacon.series[column][k] ?? 0)] as const,
      ),
    }),
  );
  return timeChart(summary, { id, title, size: "half", y: { title: yTitle, unit: units[column] }, series });
}

export interface TimeChart {
  readonly id: string;
  readonly title: string;
  readonly kind?: Chart["kind"];
  readonly stacked?: boolean;
  readonly stepped?: boolean;
  readonly size?: Chart["size"];
  readonly y: { readonly title: string; readonly unit: Unit };
  /** Times that span decades get a logarithmic axis, unless they are to be compared with a limit. */
  readonly straight?: boolean;
  readonly series: readonly Series[];
  readonly limits?: Chart["limits"];
}

export function timeChart(summary: RunSummary, wanted: TimeChart): Block {
  if (wanted.series.every((one) => one.points.every(([, value]) => value === null))) {
    return { kind: "empty", text: `${wanted.title}: nothing was measured.` };
  }
  const end = endOf(summary);
  const shown = wanted.series.map((one) => ({ ...one, points: one.points.filter(([x]) => x <= end) }));
  const step = summary.timeline.stepSeconds;
  const from = step === 1 ? "" : `Each row is ${step} s. `;
  return {
    kind: "chart",
    chart: {
      id: wanted.id,
      title: wanted.title,
      kind: wanted.kind ?? "line",
      stacked: wanted.stacked ?? false,
      stepped: wanted.stepped ?? false,
      size: wanted.size ?? "full",
      x: { title: timeTitle, names: null, unit: "seconds", end },
      y: { ...wanted.y, logarithmic: wanted.straight !== true && wanted.y.unit === "micros" && spansDecades(shown) },
      series: shown,
      bands: [...summary.phases.map(toBand), ...gapsOf(summary)],
      limits: wanted.limits ?? [],
      table: dataTable(wanted.title, "Time (s)", shown, wanted.y.unit, (x) => formatNumber(x, 5), from),
    },
  };
}

/** The same for all charts over time: until the last phase is over and the last transaction came to its end. */
function endOf({ timeline, phases }: RunSummary): number {
  const isBusy = (i: number): boolean =>
    [timeline.sentPerSecond, timeline.acceptedPerSecond, timeline.rejectedPerSecond, timeline.includedPerSecond].some(
      (values) => (values[i] ?? 0) > 0,
    );
  const last = timeline.seconds.findLastIndex((_, i) => isBusy(i));
  const busyUntil = (timeline.seconds[last] ?? 0) + timeline.stepSeconds;
  return Math.max(1, Math.ceil(Math.max(busyUntil, ...phases.map((phase) => phase.endMicros / 1e6))));
}

function overTime(
  name: string,
  role: Role,
  line: Series["line"],
  timeline: Timeline,
  values: readonly (number | null)[],
): Series {
  const points = timeline.seconds.map((second, i) => {
    const value = values[i] ?? null;
    return [second, value === null ? null : round(value)] as const;
  });
  return { name, role, line, points };
}

/** A level at the end of each step, beginning with none. */
function atEnds(name: string, role: Role, line: Series["line"], timeline: Timeline, values: readonly number[]): Series {
  const points = timeline.seconds.map((second, i) => [second + timeline.stepSeconds, values[i] ?? 0] as const);
  return { name, role, line, points: [[0, 0], ...points] };
}

/**
 * From the loss to the last second in which something was due that a lost beacon did not send any more. What it had sent
 * before and could not report any more is cancelled as well, as far as nothing shows that it was sent.
 */
function gapsOf({ beacons, timeline }: RunSummary): Band[] {
  const lost = beacons.filter((beacon) => beacon.lost !== null && beacon.lost.atMicros !== null);
  const lostAtSeconds = Math.min(...lost.map((beacon) => (beacon.lost?.atMicros ?? 0) / 1e6));
  const first = timeline.cancelledPerSecond.findIndex(
    (rate, i) => rate > 0 && (timeline.seconds[i] ?? 0) + timeline.stepSeconds > lostAtSeconds,
  );
  if (lost.length === 0 || first < 0) return [];
  const last = timeline.cancelledPerSecond.findLastIndex((rate) => rate > 0);
  const from = Math.max(timeline.seconds[first] ?? 0, lostAtSeconds);
  const to = (timeline.seconds[last] ?? from) + timeline.stepSeconds;
  return [{ name: `${lost.map((beacon) => beacon.name).join(", ")} lost`, from, to, measured: false, gap: true }];
}

function toBand(phase: PhaseFigures): Band {
  return { name: phase.name, from: phase.startMicros / 1e6, to: phase.endMicros / 1e6, measured: phase.measured };
}

function spansDecades(series: readonly Series[]): boolean {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const { points } of series) {
    for (const [, value] of points) {
      if (value === null || value <= 0) continue;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  }
  return most > least * logarithmicFrom;
}

function dataTable(
  title: string,
  xTitle: string,
  series: readonly Series[],
  unit: Unit,
  nameOf: (x: number) => string,
  notePrefix: string | null,
): Table {
  const places = [...new Set(series.flatMap((one) => one.points.map(([x]) => x)))].sort((a, b) => a - b);
  const every = Math.max(1, Math.ceil(places.length / maximumTableRows));
  const values = series.map((one) => new Map(one.points));
  const shown = places.filter((_, i) => i % every === 0);
  const left = every === 1 ? "" : `Every ${ordinal(every)} row; all are in run.json.`;
  const note = `${notePrefix ?? ""}${left}`.trim();
  return {
    title,
    columns: [
      { title: xTitle, align: "right" },
      ...series.map((one) => ({ title: `${one.name}${unitSuffix[unit]}`, align: "right" as const })),
    ],
    rows: shown.map((x) => [nameOf(x), ...values.map((column) => formatValue(column.get(x) ?? null, unit))]),
    note: note === "" ? null : note,
  };
}

const unitSuffix: Record<Unit, string> = {
  perSecond: " (tx/s)",
  count: "",
  micros: "",
  share: "",
  bytes: "",
  cores: " (cores)",
  number: "",
  eachSecond: " (per second)",
  bytesPerSecond: "",
};

export function formatValue(value: number | null, unit: Unit): string {
  if (value === null) return "–";
  switch (unit) {
    case "perSecond":
    case "cores":
    case "number":
    case "eachSecond":
      return formatNumber(value, 3);
    case "count":
      return formatCount(value);
    case "micros":
      return formatDuration(value);
    case "share":
      return formatShare(value);
    case "bytes":
      return formatBytes(value);
    case "bytesPerSecond":
      return `${formatBytes(value)}/s`;
  }
}

function ordinal(number: number): string {
  const ending = number % 10 === 2 && number !== 12 ? "nd" : number % 10 === 3 && number !== 13 ? "rd" : "th";
  return `${number}${ending}`;
}

/** Six digits are beyond what a chart shows and a third of what a double prints. */
export function round(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(6)) : 0;
}
