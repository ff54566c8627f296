import type { ReplaySource } from "../../../shared/scenario/scenario.ts";
import { formatCount, formatDuration, formatNumber, formatRate, formatShare, shareText } from "../figures-text.ts";
import { replayTexts } from "../replay-text.ts";
import type { RunSummary } from "../run-summary.ts";
import { ratesChart, waitingChart } from "./charts.ts";
import type { Block, Section, Table } from "./content.ts";
import { capitalised, columns, tableBlock } from "./make-blocks.ts";

export function happenedSection(summary: RunSummary): Section {
  return {
    id: "happened",
    title: "What happened",
    short: "Timeline",
    lead: "Due is what the scenario asked for, whatever became of it. Phases are shaded; a warm-up is not part of the figures that answer the question.",
    blocks: [
      ...(summary.replay === null ? [] : replayBlocks(summary.replay)),
      ratesChart(summary),
      tableBlock(phasesTable(summary)),
      waitingChart(summary),
    ],
  };
}

function replayBlocks(replay: ReplaySource): Block[] {
  const text: Block = { kind: "text", text: `Replayed was ${replayTexts(replay).join(" ")}` };
  if (replay.leftOut.length === 0) return [text];
  const table = tableBlock({
    title: "Not replayed",
    columns: columns("Kind", ">Operations", ">Of all captured", "Why"),
    rows: replay.leftOut.map(({ kind, operations, reason }) => [
      kind,
      formatCount(operations),
      formatShare(operations / replay.operations.captured),
      reason,
    ]),
    note: null,
  });
  return [text, table];
}

function phasesTable(summary: RunSummary): Table {
  const { operations } = summary.vocabulary;
  const areSeveral = summary.overall.counts.operations !== summary.overall.counts.planned;
  return {
    title: "Phases",
    columns: columns(
      "Phase",
      "Load",
      ">Length",
      ">Due (tx)",
      ">Sent (tx)",
      ">Accepted (tx)",
      ">Included (tx)",
      ">Of due",
      ">Due (tx/s)",
      ">Included (tx/s)",
      ...(areSeveral ? [`>${capitalised(operations)}/s`] : []),
    ),
    rows: summary.phases.map((phase) => [
      phase.measured ? phase.name : `${phase.name} (unmeasured)`,
      loadText(phase),
      formatDuration(phase.seconds * 1e6),
      formatCount(phase.counts.due),
      formatCount(phase.counts.sent),
      formatCount(phase.counts.accepted),
      formatCount(phase.counts.included),
      shareText(phase.counts.included, phase.counts.due),
      formatNumber(phase.rates.duePerSecond),
      formatNumber(phase.rates.includedPerSecond),
      ...(areSeveral ? [formatNumber(phase.rates.includedOperationsPerSecond)] : []),
    ]),
    note: "Included per second is of what blocks took in during the phase, each dated within its block's interval; everything else is of the transactions that were due in the phase.",
  };
}

function loadText(phase: RunSummary["phases"][number]): string {
  if (phase.kind === "unlimited") return "as fast as answers come";
  const { fromPerSecond: from, toPerSecond: to } = phase;
  if (from === null || to === null) return "as captured";
  return from === to ? formatRate(from) : `${formatNumber(from)} → ${formatRate(to)}`;
}
