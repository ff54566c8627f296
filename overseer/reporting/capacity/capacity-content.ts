import type { SearchPoint } from "../../capacity/search-point.ts";
import type {
  Badge,
  Block,
  Cell,
  Chart,
  KeyFigure,
  ReportContent,
  Section,
  Series,
  Table,
} from "../content/content.ts";
import { formatDuration, formatNumber, formatRate, formatShare } from "../figures-text.ts";
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
    badges: [outcomeBadge(summary)],
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

function keyFiguresOf({ outcome, confirmed, points, fit }: CapacitySummary): KeyFigure[] {
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
    { label: "Knee", value: rateOrDash(fit?.kneePerSecond?.value), note: "of the fitted law", role: null },
    { label: "Points", value: String(points.length), note: "runs of this search", role: null },
  ];
}

function curveSection({ points, fit }: CapacitySummary): Section {
  const chart: Block = { kind: "chart", chart: curveChart(points, fit) };
  const blocks: Block[] =
    fit === null
      ? [chart, { kind: "empty", text: "Too few rates were measured to fit a law to them." }]
      : [chart, { kind: "text", text: lawText(fit) }, { kind: "table", table: forecastTable(fit) }];
  return {
    id: "curve",
    title: "Offered and carried load",
    short: "Curve",
    lead: "What blocks took in at each rate that was offered, and the universal scalability law fitted to it.",
    blocks,
  };
}

function curveChart(points: readonly SearchPoint[], fit: ScalabilityFit | null): Chart {
  const measured = points
    .filter((point) => point.carriedPerSecond !== null)
    .map((point): [number, number | null] => [point.ratePerSecond, point.carriedPerSecond])
    .sort(([a], [b]) => a - b);
  const end = Math.max(1, ...measured.map(([offered]) => offered), ...(fit?.curve.map(({ offered }) => offered) ?? []));
  const line = (name: string, role: Series["role"], style: Series["line"], pick: (of: Estimate) => number): Series => ({
    name,
    role,
    line: style,
    points: fit?.curve.map(({ offered, carried }) => [offered, pick(carried)] as const) ?? [],
  });
  const law =
    fit === null
      ? []
      : [
          line("fitted law", "category-1", "solid", (of) => of.value),
          line("90 % from", "category-2", "thin", (of) => of.low),
          line("90 % to", "category-2", "thin", (of) => of.high),
        ];
  return {
    id: "capacity-curve",
    title: "Transactions carried per second at each offered rate",
    kind: "line",
    stacked: false,
    stepped: false,
    size: "full",
    x: { title: "Offered (tx/s)", names: null, end },
    y: { title: "Carried per second", unit: "perSecond", logarithmic: false },
    series: [{ name: "measured", role: "included", line: "marks", points: measured }, ...law],
    bands: [],
    limits: [],
    table: pointsTable(points),
  };
}

function lawText({ law, relativeError, kneePerSecond }: ScalabilityFit): string {
  const { lambda, sigma, kappa, unitPerSecond } = law;
  const knee =
    kneePerSecond === null
      ? "The law has no knee: it rises in a straight line."
      : `Its knee is at ${formatRate(kneePerSecond.value)} (${interval(kneePerSecond)}): there the straight line of light load meets the most that the law ever carries.`;
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
      beyondMeasured ? "forecast" : "within what was measured",
    ]);
  return {
    title: "What the law says",
    columns: [
      { title: "Offered", align: "right" },
      { title: "Carried", align: "right" },
      { title: "Range", align: "left" },
      { title: "", align: "left" },
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
    point.inclusionP99Micros === null ? "–" : formatDuration(point.inclusionP99Micros),
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
