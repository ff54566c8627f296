import {
  formatBytes,
  formatCount,
  formatDuration,
  formatInstant,
  formatNumber,
  formatOf,
  formatShare,
  formatUsage,
} from "../figures-text.ts";
import type { BlockUsage, RunSummary, Spread } from "../run-summary.ts";
import { blockTransactionsChart, fullnessChart, intervalChart, usageCharts } from "./block-charts.ts";
import type { Cell, Section, Table } from "./content.ts";
import { capitalised, columns, empty, plural, tableBlock } from "./make-blocks.ts";

export function chainSection(summary: RunSummary): Section {
  const { blocks } = summary;
  const orphaned = blocks.series.filter((block) => block.orphaned);
  return {
    id: "chain",
    title: "What the chain did",
    short: "Chain",
    lead: blocks.count === 0 ? null : blocksLead(summary),
    blocks: [
      blockTransactionsChart(summary),
      fullnessChart(summary),
      intervalChart(summary),
      ...usageCharts(summary),
      tableBlock(blocksTable(summary)),
      orphaned.length === 0
        ? empty("No block was orphaned.")
        : tableBlock({
            title: "Orphaned blocks",
            columns: columns(
              ">Number",
              ">Seen",
              capitalised(summary.vocabulary.producer),
              ">Transactions",
              ">Of this run",
            ),
            rows: orphaned.map((block) => [
              formatCount(block.number),
              block.atMicros === null ? "–" : formatInstant(block.atMicros),
              block.producer,
              formatCount(block.transactions),
              formatCount(block.ours),
            ]),
            note: null,
          }),
    ],
  };
}

function blocksLead({ blocks, vocabulary }: RunSummary): string {
  const others = blocks.transactions - blocks.ours;
  return (
    `${formatOf(blocks.count, "block", "blocks")} by ${formatOf(blocks.producers, vocabulary.producer, plural(vocabulary.producer))}, ` +
    `${formatCount(blocks.empty)} of them empty, with ${formatOf(blocks.ours, "transaction", "transactions")} of this run` +
    (others === 0 ? " and no others." : ` and ${formatCount(others)} others.`) +
    fullestText(blocks)
  );
}

function fullestText({ usage }: RunSummary["blocks"]): string {
  const limited = usage.flatMap(({ label, shareOfLimit }) =>
    shareOfLimit === null ? [] : [`${formatShare(shareOfLimit.maximum)} of the ${label} limit`],
  );
  return limited.length === 0 ? "" : ` The most that a block used was ${limited.join(" and ")}.`;
}

function usageRows({ label, unit, perBlock, shareOfLimit }: BlockUsage): Cell[][] {
  const billed = [`${label} billed`, ...spreadCells(perBlock, (value) => formatUsage(value, unit))];
  if (shareOfLimit === null) return [billed];
  return [billed, [`${label}, share of the limit`, ...spreadCells(shareOfLimit, formatShare)]];
}

function limitsText({ maximumBytes, usage }: RunSummary["blocks"]): string {
  const others = usage.flatMap(({ label, unit, limit }) =>
    limit === null ? [] : [` and ${formatUsage(limit, unit)} of ${label}`],
  );
  return `${formatBytes(maximumBytes)}${others.join("")}`;
}

function blocksTable({ blocks, vocabulary }: RunSummary): Table {
  return {
    title: "Blocks",
    columns: columns("Per block", ">Least", ">Median", ">Mean", ">p95", ">Most"),
    rows: [
      ["Interval", ...spreadCells(blocks.intervalMs, (value) => formatDuration(value * 1e3))],
      ["Transactions", ...spreadCells(blocks.transactionsPerBlock, (value) => formatNumber(value))],
      [capitalised(vocabulary.operations), ...spreadCells(blocks.operationsPerBlock, (value) => formatNumber(value))],
      ["Size", ...spreadCells(blocks.bytesPerBlock, formatBytes)],
      ["Fullness", ...spreadCells(blocks.fullness, formatShare)],
      ...blocks.usage.flatMap(usageRows),
      ["From the first node to the last", ...spreadCells(blocks.propagationMicros, (value) => formatDuration(value))],
    ],
    note: `Fullness is the size against the network's limit; a block may have ${limitsText(blocks)}. The nominal interval is ${formatDuration(blocks.nominalIntervalMs * 1e3)}.`,
  };
}

function spreadCells(spread: Spread | null, format: (value: number) => string): Cell[] {
  if (spread === null) return ["–", "–", "–", "–", "–"];
  return [spread.minimum, spread.median, spread.mean, spread.p95, spread.maximum].map(format);
}
