import { formatCount, formatDuration, formatNumber, formatRate, formatShare } from "../../reporting/figures-text.ts";
import { arrivalsText, imitationText, leftOutShare, popularityText } from "../../reporting/learned/learned-content.ts";
import type { LearnedTraffic } from "../../traffic/learn-workload.ts";
import type { CliIo } from "../io.ts";
import { wrapped } from "../problems.ts";
import { textTable } from "../text-table.ts";

const indent = " ".repeat(10);
/** Longer transactions are rarer than anybody reads; the page and the scenario have them all. */
const mostCounts = 12;

/** Each fit beside what was observed. */
export function learnedText(learned: LearnedTraffic, io: CliIo): string {
  const { network, range, transactions, operations } = learned;
  const seconds =
    (learned.arrivals.stretches.reduce((sum, { slots }) => sum + slots, 0) * network.blockIntervalMs) / 1000;
  const read =
    `blocks ${range.first} to ${range.last} of chain ${network.chainId.slice(0, 8)}…: ${formatCount(transactions)} transactions ` +
    `with ${formatCount(operations)} operations in ${formatDuration(seconds * 1e6)}`;
  const leftOut = leftOutShare(learned);
  const sections = [
    labelled("Read", read, io),
    mixLines(learned, io),
    ...(leftOut === 0
      ? []
      : [labelled("Left out", `${formatShare(leftOut)} of the operations; the others take their place`, io)]),
    countLines(learned, io),
    labelled("Arrivals", arrivalsText(learned), io),
    stretchLines(learned, io),
    labelled("Accounts", popularityText(learned), io),
    popularityLines(learned, io),
  ];
  return `${sections.join("\n")}\n`;
}

function labelled(label: string, text: string, io: CliIo): string {
  return wrapped(text, Math.max(40, io.columns - indent.length))
    .map((line, i) => (i === 0 ? label.padEnd(indent.length) : indent) + line)
    .join("\n");
}

function mixLines({ kinds }: LearnedTraffic, io: CliIo): string {
  const rows = kinds.map((kind) => [
    kind.kind,
    formatCount(kind.operations),
    formatShare(kind.observedShare),
    formatShare(kind.fittedShare),
    kind.leftOut === null ? imitationText(kind) : `left out: ${kind.leftOut}`,
  ]);
  const columns = [
    { heading: "kind", align: "left" },
    { heading: "operations", align: "right" },
    { heading: "observed", align: "right" },
    { heading: "fitted", align: "right" },
    { heading: "imitated by", align: "left" },
  ] as const;
  return indented(textTable(columns, rows, io.columns - indent.length), "Mix");
}

function countLines({ counts, transactions, oneKind }: LearnedTraffic, io: CliIo): string {
  const shown = [...counts].sort((a, b) => b.transactions - a.transactions).slice(0, mostCounts);
  const rows = shown
    .sort((a, b) => a.operations - b.operations)
    .map((count) => {
      const share = formatShare(count.transactions / transactions);
      return [formatCount(count.operations), formatCount(count.transactions), share, share];
    });
  const columns = [
    { heading: "operations", align: "right" },
    { heading: "transactions", align: "right" },
    { heading: "observed", align: "right" },
    { heading: "fitted", align: "right" },
  ] as const;
  const lines = [indented(textTable(columns, rows, io.columns - indent.length), "Sizes")];
  if (counts.length > shown.length) lines.push(`${indent}and ${counts.length - shown.length} rarer ones`);
  if (oneKind.transactions > 0) {
    const [observed, fitted] = [oneKind.observed, oneKind.fitted].map((count) =>
      formatShare(count / oneKind.transactions),
    );
    lines.push(labelled("", `of those with several, one kind only: observed ${observed}, fitted ${fitted}`, io));
  }
  return lines.join("\n");
}

function stretchLines({ arrivals, network }: LearnedTraffic, io: CliIo): string {
  const rows = arrivals.stretches.map(({ slots, transactions }, i) => {
    const micros = slots * network.blockIntervalMs * 1000;
    const rate = formatRate(transactions / (micros / 1e6));
    return [String(i + 1), formatDuration(micros), formatCount(transactions), rate];
  });
  const columns = [
    { heading: "stretch", align: "right" },
    { heading: "for", align: "right" },
    { heading: "transactions", align: "right" },
    { heading: "rate", align: "right" },
  ] as const;
  return indented(textTable(columns, rows, io.columns - indent.length), "");
}

function popularityLines({ popularity }: LearnedTraffic, io: CliIo): string {
  const every = Math.max(1, Math.floor(popularity.curve.length / 6));
  const rows = popularity.curve
    .filter((_, i) => i % every === 0)
    .map(({ senders, observed, fitted }) => [formatNumber(senders), formatShare(observed), formatShare(fitted)]);
  const columns = [
    { heading: "busiest", align: "right" },
    { heading: "observed", align: "right" },
    { heading: "fitted", align: "right" },
  ] as const;
  return indented(textTable(columns, rows, io.columns - indent.length), "");
}

function indented(lines: readonly string[], label: string): string {
  return lines.map((line, i) => (i === 0 ? label.padEnd(indent.length) : indent) + line).join("\n");
}
