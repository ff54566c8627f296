import { formatBytes, formatShare, formatUsage } from "../figures-text.ts";
import type { RunSummary } from "../run-summary.ts";
import { round, type TimeChart, timeChart } from "./charts.ts";
import type { Block, Role, Series } from "./content.ts";

export function blockTransactionsChart(summary: RunSummary): Block {
  return blocksChart(summary, {
    id: "block-transactions",
    title: "Transactions in each block",
    y: { title: "Transactions per block", unit: "count" },
    series: [
      blockSeries(summary, "of this run", "included", "solid", (block) => block.ours),
      blockSeries(summary, "all", "due", "dashed", (block) => block.transactions),
    ],
  });
}

export function fullnessChart(summary: RunSummary): Block {
  return blocksChart(summary, {
    id: "block-fullness",
    size: "half",
    title: `How full the blocks were, of at most ${formatBytes(summary.blocks.maximumBytes)}`,
    y: { title: "Share of the size limit", unit: "share" },
    series: [blockSeries(summary, "fullness", "included", "solid", (block) => block.fullness)],
    limits: [{ name: "size limit", value: 1 }],
  });
}

export function intervalChart(summary: RunSummary): Block {
  return blocksChart(summary, {
    id: "block-intervals",
    size: "half",
    title: "Time between blocks, by the chain's clock",
    y: { title: "Time since the block before", unit: "micros" },
    series: [
      blockSeries(summary, "interval", "included", "solid", (block) =>
        block.intervalMs === null ? null : block.intervalMs * 1e3,
      ),
    ],
    limits: [{ name: "nominal", value: summary.blocks.nominalIntervalMs * 1e3 }],
  });
}

/** What blocks used up besides bytes, each against its limit. */
export function usageCharts(summary: RunSummary): Block[] {
  return summary.blocks.usage.map(({ key, label, unit, limit, shareOfLimit }) =>
    blocksChart(summary, {
      id: `block-${key}`,
      size: "half",
      title:
        limit === null || shareOfLimit === null
          ? `${label} billed in each block`
          : `${label} billed in each block: up to ${formatShare(shareOfLimit.maximum)} of the limit of ${formatUsage(limit, unit)}`,
      y: { title: `${label} per block`, unit: unit === "µs" ? "micros" : "bytes" },
      straight: true,
      series: [blockSeries(summary, label, "included", "solid", (block) => block.usage[key] ?? 0)],
      limits: limit === null ? [] : [{ name: `${label} limit`, value: limit }],
    }),
  );
}

function blocksChart(summary: RunSummary, wanted: TimeChart): Block {
  if (summary.blocks.count === 0) return { kind: "empty", text: `${wanted.title}: no block was seen.` };
  return timeChart(summary, wanted);
}

function blockSeries(
  summary: RunSummary,
  name: string,
  role: Role,
  line: Series["line"],
  measure: (block: RunSummary["blocks"]["series"][number]) => number | null,
): Series {
  const points = summary.blocks.series
    .filter((block) => !block.orphaned && block.atMicros !== null)
    .map((block) => {
      const value = measure(block);
      return [round((block.atMicros as number) / 1e6), value === null ? null : round(value)] as const;
    });
  return { name, role, line, points };
}
