import { inclusionP99Text, type SearchPoint } from "../../capacity/search-point.ts";
import type {
  Badge,
  Block,
  Cell,
  Chart,
  KeyFigure,
  Limit,
  ReportContent,
  Section,
  Series,
  Table,
} from "../content/content.ts";
import { formatNumber, formatRate, formatShare } from "../figures-text.ts";
import type { ValidityVerdict } from "../run-summary.ts";
import type { CapacitySummary } from "./capacity-summary.ts";
import type { Estimate, ScalabilityFit } from "./scalability-fit.ts";

const tones = { sustained: "good", overloaded: "bad", "generator-bound": "warning" } as const;
/** Rows of the forecast's table are this many steps of the curve apart. */
const tableSteps = 5;

/** What the report of a search says. */
export function capacityContentOf(summary: CapacitySummary): ReportContent {
  const { scenario, answer, outcome } = summary;
  return {
    title: `${scenario.name}: capacity`,
    question: scenario.question,
    answer,
    warning:
      outcome?.kind === "generator-bound" ? "The beacons were the limit: this is no capacity of the network." : null,
    verdict: verdictOf(summary),
    badges: [outcomeBadge(summary), beaconsBadge(summary)],
    keyFigures: keyFiguresOf(summary),
    sections: [curveSection(summary), pointsSection(summary), criteriaSection(summary)],
    footer: `Search of ${scenario.name} on ${scenario.chain}; each point is a run of its own, in points/.`,
  };
}

function verdictOf({ outcome }: CapacitySummary): ValidityVerdict {
  switch (outcome?.kind) {
    case "generator-bound":
      return "void";
    case undefined:
    case "unsteady":
      return "degraded";
    default:
      return "valid";
  }
}

function outcomeBadge({ outcome }: CapacitySummary): Badge {
  switch (outcome?.kind) {
    case "confirmed":
      return { label: "Limit", text: "found and confirmed", tone: "good" };
    case "ceiling":
      return { label: "Limit", text: "not reached", tone: "warning" };
    case "none":
      return { label: "Limit", text: "below the lowest rate", tone: "bad" };
    case "unsteady":
      return { label: "Limit", text: "not confirmed", tone: "bad" };
    case "generator-bound":
      return { label: "Limit", text: "of the beacons, not of the network", tone: "bad" };
    default:
      return { label: "Limit", text: "search ended early", tone: "warning" };
  }
}

/** A limit is the network's only as far as the beacons kept their schedule. */
function beaconsBadge({ points }: CapacitySummary): Badge {
  const slow = points.filter(({ verdict }) => verdict === "generator-bound").length;
  if (slow === 0) return { label: "Beacons", text: "kept their schedule at every point", tone: "good" };
  return {
    label: "Beacons",
    text: `too slow at ${slow} of ${points.length} points`,
    tone: slow === points.length ? "bad" : "warning",
  };
}

function highestOf(points: readonly SearchPoint[]): number {
  return Math.max(0, ...points.map(({ ratePerSecond }) => ratePerSecond));
}

/** Beyond what was measured the law may bend in another way than the network does. */
function measuredKneeOf({ fit, points }: CapacitySummary): Estimate | null {
  const knee = fit?.kneePerSecond ?? null;
  return knee === null || knee.value > highestOf(points) ? null : knee;
}

function kneeNote(summary: CapacitySummary): string {
  if (summary.fit === null) return "too few rates for a law";
  if (measuredKneeOf(summary) !== null) return "of the fitted law";
  return summary.fit.kneePerSecond === null ? "the law has none" : "not within what was measured";
}

function keyFiguresOf(summary: CapacitySummary): KeyFigure[] {
  const { outcome, confirmed, points } = summary;
  const rateOrDash = (perSecond: number | null | undefined): string =>
    perSecond === null || perSecond === undefined ? "–" : formatRate(perSecond);
  return [
    { label: "Sustained", value: rateOrDash(outcome?.sustainedPerSecond), note: "highest rate that held", role: "due" },
    {
      label: "Broke at",
      value: rateOrDash(outcome?.brokeAtPerSecond),
      note: "lowest rate that failed twice",
      role: "limit",
    },
    {
      label: "Carried",
      value: rateOrDash(confirmed?.mean),
      note:
        confirmed === null ? "not confirmed" : `95 %: ${formatRate(confirmed.low)} to ${formatRate(confirmed.high)}`,
      role: "included",
    },
    { label: "Knee", value: rateOrDash(measuredKneeOf(summary)?.value), note: kneeNote(summary), role: null },
    { label: "Points", value: String(points.length), note: "runs of this search", role: null },
  ];
}

function curveSection(summary: CapacitySummary): Section {
  const { points, fit } = summary;
  const chart: Block = points.some(({ carriedPerSecond }) => carriedPerSecond !== null)
    ? { kind: "chart", chart: curveChart(summary) }
    : { kind: "empty", text: "At no rate enough blocks were seen to tell what they carry." };
  const blocks: Block[] =
    fit === null
      ? [chart, { kind: "empty", text: "Too few rates were measured to fit a law to them: it takes four." }]
      : [chart, { kind: "text", text: lawText(fit, highestOf(points)) }, { kind: "table", table: forecastTable(fit) }];
  return {
    id: "curve",
    title: "Offered and carried load",
    short: "Curve",
    lead: "What blocks took in at each rate that was offered, and the universal scalability law fitted to it.",
    blocks,
  };
}

/** By the verdict on each, so that what the beacons could not offer is not taken for what the network did not carry. */
const kindsOfPoints = [
  { verdict: "sustained", name: "sustained", role: "included" },
  { verdict: "overloaded", name: "overloaded", role: "rejected" },
  { verdict: "generator-bound", name: "beacons too slow", role: "shed" },
] as const satisfies readonly { verdict: SearchPoint["verdict"]; name: string; role: Series["role"] }[];

function curveChart(summary: CapacitySummary): Chart {
  const { points, fit, outcome } = summary;
  const measured = (verdict: SearchPoint["verdict"]) =>
    points
      .filter((point) => point.verdict === verdict && point.carriedPerSecond !== null)
      .map((point): [number, number | null] => [point.ratePerSecond, point.carriedPerSecond])
      .sort(([a], [b]) => a - b);
  const curve = fit?.curve ?? [];
  const highest = Math.max(1, highestOf(points));
  const farthest = Math.max(highest, ...curve.map(({ offered }) => offered));
  const end = roundedUp(farthest);
  const marks = kindsOfPoints
    .map(({ verdict, name, role }): Series => ({ name, role, line: "marks", points: measured(verdict) }))
    .filter((series) => series.points.length > 0);
  const everything: Series = {
    name: "all that was offered",
    role: "due",
    line: "dashed",
    points: [
      [0, 0],
      [highest, highest],
    ],
  };
  const lawLine = (
    name: string,
    role: Series["role"],
    line: Series["line"],
    pick: (of: Estimate) => number,
  ): Series => ({
    ...{ name, role, line },
    points: curve.map(({ offered, carried }) => [offered, pick(carried)] as const),
  });
  const law =
    fit === null
      ? []
      : [
          lawLine("fitted law", "category-1", "solid", (of) => of.value),
          lawLine("90 % of refits", "category-4", "dotted", (of) => of.low),
          lawLine("90 % of refits", "category-4", "dotted", (of) => of.high),
        ];
  const sustained = outcome?.sustainedPerSecond ?? null;
  const knee = measuredKneeOf(summary);
  const limits: Limit[] = [
    ...(sustained === null ? [] : [{ name: `sustained ${formatRate(sustained)}`, value: sustained }]),
    ...(knee === null ? [] : [{ name: `knee ${formatRate(knee.value)}`, at: knee.value }]),
  ];
  const first = { from: 0, to: highest, name: "measured", measured: true };
  return {
    id: "capacity-curve",
    title: "Transactions that blocks took in per second, at each rate that was offered",
    kind: "line",
    stacked: false,
    stepped: false,
    size: "full",
    x: { title: "Offered (tx/s)", names: null, unit: "perSecond", end },
    y: { title: "Carried (tx/s)", unit: "perSecond", logarithmic: false },
    series: [...marks, everything, ...law],
    bands: farthest > highest ? [first, { name: "forecast", from: highest, to: end, measured: false }] : [],
    limits,
    table: pointsTable(points),
  };
}

/** To two digits: an axis ends with a label. */
function roundedUp(value: number): number {
  const step = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Number((Math.ceil(value / step) * step).toPrecision(2));
}

function lawText({ law, relativeError, kneePerSecond }: ScalabilityFit, highestPerSecond: number): string {
  const { lambda, sigma, kappa, unitPerSecond } = law;
  const isForecast = (kneePerSecond?.value ?? 0) > highestPerSecond;
  const knee =
    kneePerSecond === null
      ? "The law has no knee: it rises in a straight line."
      : `Its knee ${isForecast ? "would be" : "is"} at ${formatRate(kneePerSecond.value)} (${interval(kneePerSecond)})${isForecast ? ", beyond what was measured" : ""}: there the straight line of light load meets the most that the law ever carries.`;
  return (
    `X(N) = λN / (1 + σ(N − 1) + κN(N − 1)), N being the offered rate in units of ${formatRate(unitPerSecond)}: ` +
    `λ = ${formatRate(lambda)}, σ = ${formatNumber(sigma)}, κ = ${formatNumber(kappa)}. ` +
    `The points are ${formatShare(relativeError)} off the law (root mean square). ${knee} ` +
    "A network that takes everything up to a hard limit bends more sharply than the law can: trust the search's own answer first."
  );
}

function forecastTable({ curve }: ScalabilityFit): Table {
  const rows = curve
    .filter((_, i) => i % tableSteps === 0)
    .map(({ offered, carried, beyondMeasured }) => [
      formatRate(offered),
      formatRate(carried.value),
      interval(carried),
      beyondMeasured ? "forecast" : "measured",
    ]);
  return {
    title: "What the law says",
    columns: [
      { title: "Offered", align: "right" },
      { title: "Carried", align: "right" },
      { title: "Range", align: "left" },
      { title: "Basis", align: "left" },
    ],
    rows,
    note: "Ranges hold 90 % of the laws fitted to points drawn anew from the measured ones.",
  };
}

function interval({ low, high }: Estimate): string {
  return `90 %: ${formatRate(low)} to ${formatRate(high)}`;
}

function pointsSection({ points }: CapacitySummary): Section {
  return {
    id: "points",
    title: "Points of the search",
    short: "Points",
    lead: "In the order in which they were measured. A rate has failed when it failed twice.",
    blocks: [{ kind: "table", table: pointsTable(points) }],
  };
}

function pointsTable(points: readonly SearchPoint[]): Table {
  const rows = points.map((point): Cell[] => [
    point.stage,
    formatRate(point.ratePerSecond),
    point.carriedPerSecond === null ? "–" : formatRate(point.carriedPerSecond),
    inclusionP99Text(point),
    String(point.missedBlocks),
    { text: point.verdict, tone: tones[point.verdict] },
    point.findings.join("; "),
    point.runFolder,
  ]);
  return {
    title: "Points",
    columns: [
      { title: "Stage", align: "left" },
      { title: "Offered", align: "right" },
      { title: "Carried", align: "right" },
      { title: "Included, p99", align: "right" },
      { title: "Missed blocks", align: "right" },
      { title: "Verdict", align: "left" },
      { title: "Why", align: "left" },
      { title: "Report", align: "left" },
    ],
    rows,
    note: null,
  };
}

function criteriaSection({ settings }: CapacitySummary): Section {
  const rows = [
    ...settings.criteria.map(({ metric, comparison, limitText }) => [metric, `${comparison} ${limitText}`]),
    ["missed blocks", `<= ${settings.missedBlocks}`],
    ["backlog", "not growing: blocks take in at least 98 % of what comes due"],
  ];
  const columns = [
    { title: "Measure", align: "left" },
    { title: "Sustained where", align: "left" },
  ] as const;
  return {
    id: "criteria",
    title: "What counts as sustained",
    short: "Criteria",
    lead: null,
    blocks: [{ kind: "table", table: { title: "Criteria", columns, rows, note: null } }],
  };
}
