import type { LearnedKind, LearnedTraffic } from "../../traffic/learn-workload.ts";
import type { Block, Cell, Chart, ReportContent, Section, Series, Table } from "../content/content.ts";
import { formatCount, formatDuration, formatNumber, formatRate, formatShare } from "../figures-text.ts";
import { blockCountsOf } from "./block-counts.ts";

/** Kinds that the chart shows; the table has all. */
const mostKindsInChart = 12;
const mostPointsOverTime = 240;

/** What the page about learned traffic says: each fit beside what was observed. */
export function learnedContentOf(learned: LearnedTraffic): ReportContent {
  const { network, range, transactions, operations, popularity, arrivals } = learned;
  const leftOut = leftOutShare(learned);
  const seconds = (slotsOf(learned) * network.blockIntervalMs) / 1000;
  return {
    title: `${network.chain} traffic of blocks ${range.first} to ${range.last}`,
    question: `What do users of ${network.chain} ${network.chainId.slice(0, 8)} send, and how well does the learned workload imitate it?`,
    answer: answerOf(learned),
    warning: null,
    verdict: leftOut === 0 ? "valid" : "degraded",
    badges: [
      leftOut === 0
        ? { label: "Imitated", text: "every operation", tone: "good" }
        : { label: "Left out", text: `${formatShare(leftOut)} of the operations`, tone: "warning" },
    ],
    keyFigures: [
      {
        label: "Transactions",
        value: formatCount(transactions),
        note: `${formatRate(transactions / seconds)}`,
        role: "due",
      },
      { label: "Operations", value: formatCount(operations), note: `${learned.kinds.length} kinds`, role: null },
      {
        label: "Dispersion",
        value: formatNumber(arrivals.dispersion),
        note: arrivals.kind === "undecided" ? "too few blocks to tell" : arrivals.kind,
        role: null,
      },
      {
        label: "Zipf exponent",
        value: exponentText(learned),
        note: `${formatCount(popularity.seen)} senders`,
        role: null,
      },
    ],
    sections: [
      mixSection(learned),
      countsSection(learned),
      arrivalsSection(learned),
      popularitySection(learned),
      limitsSection(learned),
    ],
    footer: `Read from blocks ${range.first} to ${range.last} of chain ${network.chainId}; nothing was sent to it.`,
  };
}

function answerOf(learned: LearnedTraffic): string {
  const { kinds } = learned;
  const [commonest] = kinds;
  const leftOut = leftOutShare(learned);
  const imitated =
    leftOut === 0
      ? "All of it is imitated."
      : `${formatShare(1 - leftOut)} of the operations are imitated; what is not is listed.`;
  return `Most of it is ${commonest?.kind ?? ""} (${formatShare(commonest?.observedShare ?? 0)} of the operations). ${imitated}`;
}

export function leftOutShare({ kinds }: LearnedTraffic): number {
  return kinds.reduce((sum, { leftOut, observedShare }) => sum + (leftOut === null ? 0 : observedShare), 0);
}

/** With four standard errors, the bound that tests use. */
export function exponentText({ popularity: { exponent, standardError } }: LearnedTraffic): string {
  return exponent === 0 ? "0: all alike" : `${formatNumber(exponent)} ± ${formatNumber(4 * standardError, 2)}`;
}

function slotsOf({ arrivals }: LearnedTraffic): number {
  return arrivals.stretches.reduce((sum, { slots }) => sum + slots, 0);
}

function mixSection(learned: LearnedTraffic): Section {
  const shown = learned.kinds.slice(0, mostKindsInChart);
  const table = mixTable(learned);
  const chart = barChart({
    id: "mix",
    title: "Share of each kind of operation",
    names: shown.map(({ kind }) => kind),
    xTitle: "Kind",
    y: { title: "Share of operations", unit: "share", logarithmic: false },
    observed: shown.map(({ observedShare }) => observedShare),
    fitted: shown.map(({ fittedShare }) => fittedShare),
    table,
  });
  return {
    id: "mix",
    title: "Mix of operations",
    short: "Mix",
    lead: "What is left out is listed with its share; the operations that are imitated take its place.",
    blocks: [chart, { kind: "table", table }],
  };
}

function mixTable({ kinds }: LearnedTraffic): Table {
  return {
    title: "Kinds of operations",
    columns: [
      { title: "Kind", align: "left" },
      { title: "Operations", align: "right" },
      { title: "Observed", align: "right" },
      { title: "Fitted", align: "right" },
      { title: "Length", align: "left" },
      { title: "Imitated by", align: "left" },
    ],
    rows: kinds.map((kind): Cell[] => [
      kind.kind,
      formatCount(kind.operations),
      formatShare(kind.observedShare),
      formatShare(kind.fittedShare),
      sizesText(kind),
      kind.leftOut === null ? imitationText(kind) : { text: `left out: ${kind.leftOut}`, tone: "warning" },
    ]),
    note: "Lengths are of text or data: shortest, median and longest. Encrypted memos tell theirs to sixteen characters.",
  };
}

function sizesText({ sizes }: LearnedKind): string {
  return sizes === null ? "–" : `${sizes.least} / ${sizes.median} / ${sizes.most}`;
}

/** Such as `transfer-memo (memo 5..200)`. */
export function imitationText({ entries }: LearnedKind): string {
  const text = entries.map(({ name, parameters, template }) => {
    const own = Object.entries(parameters).map(([key, value]) => `${key} ${String(value)}`);
    const details = template === null ? own : ["template"];
    return details.length === 0 ? name : `${name} (${details.join(", ")})`;
  });
  return text.join(", ");
}

function countsSection({ counts, transactions, oneKind }: LearnedTraffic): Section {
  const shares = counts.map((count) => count.transactions / transactions);
  const chart = barChart({
    id: "operations-per-transaction",
    title: "Operations of a transaction",
    names: counts.map(({ operations }) => String(operations)),
    xTitle: "Operations",
    y: { title: "Share of transactions", unit: "share", logarithmic: false },
    observed: shares,
    fitted: shares,
    table: {
      title: "Operations per transaction",
      columns: [
        { title: "Operations", align: "right" },
        { title: "Transactions", align: "right" },
        { title: "Share", align: "right" },
      ],
      rows: counts.map((count, i) => [
        formatCount(count.operations),
        formatCount(count.transactions),
        formatShare(shares[i] as number),
      ]),
      note: null,
    },
  });
  const several: Block[] =
    oneKind.transactions === 0
      ? []
      : [
          {
            kind: "text",
            text:
              `Of ${formatCount(oneKind.transactions)} transactions with several operations, ${formatShare(oneKind.observed / oneKind.transactions)} have one kind only; ` +
              `the workload draws each operation by itself, which gives ${formatShare(oneKind.fitted / oneKind.transactions)}. A replay of a capture keeps them as they were.`,
          },
        ];
  return {
    id: "operations",
    title: "Operations per transaction",
    short: "Operations",
    lead: "The table of a scenario takes any distribution, so the fit is the observation.",
    blocks: [chart, ...several],
  };
}

function arrivalsSection(learned: LearnedTraffic): Section {
  const { network } = learned;
  const counts = blockCountsOf(learned);
  const histogram = barChart({
    id: "transactions-per-block",
    title: "Blocks by their number of transactions",
    names: counts.map(({ least, most }) => (least === most ? String(least) : `${least}–${most}`)),
    xTitle: "Transactions in the block",
    y: { title: "Blocks", unit: "count", logarithmic: false },
    observed: counts.map(({ observed }) => observed),
    fitted: counts.map(({ fitted }) => fitted),
    table: {
      title: "Transactions in blocks",
      columns: [
        { title: "Transactions", align: "right" },
        { title: "Observed", align: "right" },
        { title: "Fitted", align: "right" },
      ],
      rows: counts.map(({ least, most, observed, fitted }) => [
        least === most ? String(least) : `${least}–${most}`,
        formatCount(observed),
        formatNumber(fitted),
      ]),
      note: null,
    },
  });
  return {
    id: "arrivals",
    title: "Arrivals",
    short: "Arrivals",
    lead: arrivalsText(learned),
    blocks: [rateChart(learned), { kind: "table", table: stretchesTable(learned, network.blockIntervalMs) }, histogram],
  };
}

export function arrivalsText({ arrivals: { dispersion, tolerance, kind } }: Pick<LearnedTraffic, "arrivals">): string {
  const figures = `The index of dispersion of transactions per block is ${formatNumber(dispersion)}; chance alone gives 1 ± ${formatNumber(tolerance, 2)}.`;
  switch (kind) {
    case "even":
      return `${figures} They come more evenly than by chance: arrivals are even.`;
    case "poisson":
      return `${figures} They come as by chance: arrivals are Poisson.`;
    case "undecided":
      return `${figures} These are too few blocks to tell even arrivals from chance: Poisson is an assumption.`;
    case "bursty":
      return `${figures} They come in bursts, which no arrivals of a scenario have: Poisson is the nearest, and is too even. A replay of a capture keeps the bursts.`;
  }
}

function rateChart({ arrivals, blocks, network }: LearnedTraffic): Block {
  const slotSeconds = network.blockIntervalMs / 1000;
  const slots = blocks.reduce((sum, block) => sum + block.slots, 0);
  const bucketSlots = Math.max(1, Math.ceil(slots / mostPointsOverTime));
  const buckets = new Float64Array(Math.ceil(slots / bucketSlots));
  let slot = 0;
  for (const block of blocks) {
    slot += block.slots;
    const bucket = Math.floor((slot - 1) / bucketSlots);
    buckets[bucket] = (buckets[bucket] as number) + block.transactions;
  }
  const secondsOf = (bucket: number): number => bucket * bucketSlots * slotSeconds;
  const widthOf = (bucket: number): number => Math.min(bucketSlots, slots - bucket * bucketSlots) * slotSeconds;
  const observed = [...buckets].map((count, i): [number, number] => [secondsOf(i), count / widthOf(i)]);
  let at = 0;
  const fitted = arrivals.stretches.flatMap((stretch): [number, number][] => {
    const rate = stretch.transactions / (stretch.slots * slotSeconds);
    const from = at;
    at += stretch.slots * slotSeconds;
    return [
      [from, rate],
      [at, rate],
    ];
  });
  const chart: Chart = {
    id: "rate",
    title: "Transactions per second over time",
    kind: "line",
    stacked: false,
    stepped: false,
    size: "full",
    x: { title: "Time after the first block (s)", names: null, unit: "seconds", end: slots * slotSeconds },
    y: { title: "Transactions per second", unit: "perSecond", logarithmic: false },
    series: [
      { name: "observed", role: "included", line: "thin", points: observed },
      { name: "fitted", role: "due", line: "solid", points: fitted },
    ],
    bands: [],
    limits: [],
    table: {
      title: "Rate over time",
      columns: [
        { title: "From (s)", align: "right" },
        { title: "Observed", align: "right" },
      ],
      rows: observed.map(([seconds, rate]) => [formatNumber(seconds), formatRate(rate)]),
      note: null,
    },
  };
  return { kind: "chart", chart };
}

function stretchesTable({ arrivals, blocks }: LearnedTraffic, blockIntervalMs: number): Table {
  return {
    title: "Stretches with a rate of their own",
    columns: [
      { title: "Phase", align: "left" },
      { title: "Blocks", align: "right" },
      { title: "Duration", align: "right" },
      { title: "Transactions", align: "right" },
      { title: "Rate", align: "right" },
    ],
    rows: arrivals.stretches.map(({ firstBlock, endBlock, slots, transactions }, i) => [
      arrivals.stretches.length === 1 ? "observed" : `stretch-${i + 1}`,
      formatCount(endBlock - firstBlock),
      formatDuration(slots * blockIntervalMs * 1000),
      formatCount(transactions),
      formatRate(transactions / ((slots * blockIntervalMs) / 1000)),
    ]),
    note:
      `${formatCount(blocks.length)} blocks. A new stretch begins where the likelihood gains more than chance would give ` +
      "and the rate changes by a tenth or more.",
  };
}

function popularitySection(learned: LearnedTraffic): Section {
  const { curve } = learned.popularity;
  const chart = barChart({
    id: "popularity",
    title: "Share of transactions that the busiest senders send",
    names: curve.map(({ senders }) => String(senders)),
    xTitle: "Busiest senders",
    y: { title: "Share of transactions", unit: "share", logarithmic: false },
    observed: curve.map(({ observed }) => observed),
    fitted: curve.map(({ fitted }) => fitted),
    table: {
      title: "Busiest senders",
      columns: [
        { title: "Senders", align: "right" },
        { title: "Observed", align: "right" },
        { title: "Fitted", align: "right" },
      ],
      rows: curve.map(({ senders, observed, fitted }) => [
        formatCount(senders),
        formatShare(observed),
        formatShare(fitted),
      ]),
      note: null,
    },
  });
  return {
    id: "popularity",
    title: "Popularity of accounts",
    short: "Popularity",
    lead: popularityText(learned),
    blocks: [chart],
  };
}

export function popularityText(learned: LearnedTraffic): string {
  const { accounts, seen, exponent, pValue, distance } = learned.popularity;
  const law = exponent === 0 ? "All senders are alike" : `Zipf's law with an exponent of ${exponentText(learned)}`;
  const verdict =
    pValue < 0.01
      ? "The law does not describe these senders: take it for the nearest that a scenario can say."
      : "The law describes them.";
  return (
    `${law}, over ${formatCount(accounts)} accounts of which ${formatCount(seen)} have sent something. ` +
    `The busiest senders' share is at most ${formatShare(distance)} off the law; ${formatShare(pValue)} of samples of the law are as far off. ${verdict}`
  );
}

/** What a learned workload does not have from the traffic. */
function limitsSection({ kinds }: LearnedTraffic): Section {
  const withAmounts = kinds.filter(({ amounts, leftOut }) => amounts !== null && leftOut === null);
  const table: Table = {
    title: "Amounts that were seen",
    columns: [
      { title: "Kind", align: "left" },
      { title: "Commonest asset", align: "left" },
      { title: "Share", align: "right" },
      { title: "5 %", align: "right" },
      { title: "Median", align: "right" },
      { title: "95 %", align: "right" },
    ],
    rows: withAmounts.map(({ kind, amounts }) => [
      kind,
      amounts?.symbol ?? "",
      formatShare(amounts?.share ?? 0),
      amounts?.low ?? "",
      amounts?.median ?? "",
      amounts?.high ?? "",
    ]),
    note: null,
  };
  return {
    id: "limits",
    title: "What is not imitated",
    short: "Limits",
    lead: null,
    blocks: [
      {
        kind: "text",
        text:
          "Named operations have their usual amounts, markets and prices, in the core asset or the usual market: what they cost a network does not depend on them, " +
          "and accounts of a test network are not as rich. Operations are drawn independently of each other, of their sender and of the time.",
      },
      withAmounts.length === 0
        ? { kind: "empty", text: "No operation that is imitated has an amount." }
        : { kind: "table", table },
    ],
  };
}

function barChart(options: {
  readonly id: string;
  readonly title: string;
  readonly names: readonly string[];
  readonly xTitle: string;
  readonly y: Chart["y"];
  readonly observed: readonly number[];
  readonly fitted: readonly number[];
  readonly table: Table;
}): Block {
  const { id, title, names, xTitle, y, observed, fitted, table } = options;
  const series = (name: string, role: Series["role"], line: Series["line"], values: readonly number[]): Series => ({
    name,
    role,
    line,
    points: values.map((value, i) => [i, value] as const),
  });
  const chart: Chart = {
    id,
    title,
    kind: "bar",
    stacked: false,
    stepped: false,
    size: "full",
    x: { title: xTitle, names, unit: null, end: names.length },
    y,
    series: [series("observed", "included", "solid", observed), series("fitted", "due", "solid", fitted)],
    bands: [],
    limits: [],
    table,
  };
  return { kind: "chart", chart };
}
