import { formatCount, formatNumber, formatQuantile, shareText } from "../figures-text.ts";
import type { Distribution, RunSummary } from "../run-summary.ts";
import type { Block, Cell, Section } from "./content.ts";
import { capitalised, columns, empty, tableBlock } from "./make-blocks.ts";

export function whereSection(summary: RunSummary): Section {
  const { breakdowns, vocabulary } = summary;
  return {
    id: "where",
    title: `By ${vocabulary.operation}, node and beacon`,
    short: "Breakdown",
    lead: "Measured phases only.",
    blocks: [
      breakdownBlock(capitalised(vocabulary.operation), breakdowns.byOperation),
      breakdownBlock("Node", breakdowns.byNode),
      breakdownBlock("Beacon", breakdowns.byBeacon),
    ],
  };
}

function breakdownBlock(title: string, groups: RunSummary["breakdowns"]["byNode"]): Block {
  if (groups.length === 0) return empty(`By ${title.toLowerCase()}: no transaction was planned.`);
  return tableBlock({
    title: `By ${title.toLowerCase()}`,
    columns: columns(
      title,
      ">Due (tx)",
      ">Due (tx/s)",
      ">Accepted",
      ">Rejected",
      ">Unanswered",
      ">Shed",
      ">Included",
      ">Answer p50",
      ">Answer p99",
      ">Block p50",
      ">Block p99",
    ),
    rows: groups.map((group) => [
      group.name,
      formatCount(group.counts.due),
      formatNumber(group.rates.duePerSecond),
      shareText(group.counts.accepted, group.counts.due),
      shareText(group.counts.rejected, group.counts.due),
      shareText(group.counts.unanswered, group.counts.due),
      shareText(group.counts.shed, group.counts.due),
      shareText(group.counts.included, group.counts.due),
      ...fromDue(group.latencies.answerIntended),
      ...fromDue(group.latencies.inclusionIntended),
    ]),
    note: null,
  });
}

function fromDue(distribution: Distribution | null): Cell[] {
  return distribution === null ? ["–", "–"] : [formatQuantile(distribution.p50), formatQuantile(distribution.p99)];
}
