import { formatCount, formatDuration, formatQuantile } from "../figures-text.ts";
import type { Distribution, Figures, RunSummary } from "../run-summary.ts";
import { answerChart, inclusionChart, percentilesChart } from "./charts.ts";
import { widestClockErrorOf } from "./clock-error.ts";
import type { Cell, Section, Table } from "./content.ts";
import { columns, tableBlock } from "./make-blocks.ts";

export function feltSection(summary: RunSummary): Section {
  return {
    id: "felt",
    title: "What users felt",
    short: "Latency",
    lead:
      "From due: what somebody waits who wants to transact at the scheduled moment; every due transaction counts, and one that never arrived counts with the time until the end of the observation, shown as ≥. " +
      "From sent: what the network alone took, of those that arrived.",
    blocks: [
      tableBlock(latencyTable("Latency, all measured phases", summary.overall, widestClockErrorOf(summary))),
      percentilesChart(summary),
      inclusionChart(summary),
      answerChart(summary),
      tableBlock(phaseLatencyTable(summary)),
    ],
  };
}

const quantileColumns = [">p50", ">p75", ">p90", ">p95", ">p99", ">p99.9", ">Max", ">Mean"];

function latencyTable(title: string, { latencies }: Figures, clockErrorMicros: number | null): Table {
  const error = clockErrorMicros === null ? "clocks not compared" : `±\u00a0${formatDuration(clockErrorMicros)}`;
  const row = (name: string, distribution: Distribution | null): Cell[] => [
    name,
    ...quantileCells(distribution),
    distribution === null ? "0" : formatCount(distribution.count),
    distribution === null ? "0" : formatCount(distribution.censored),
  ];
  return {
    title,
    columns: columns("Measured", ...quantileColumns, ">Transactions", ">Never arrived"),
    rows: [
      row("Answer, from due", latencies.answerIntended),
      row("Answer, from sent", latencies.answerService),
      row(`In a block, from due (${error})`, latencies.inclusionIntended),
      row(`In a block, from due, included ones only (${error})`, latencies.inclusionOfIncluded),
      row(`In a block, from sent (${error})`, latencies.inclusionService),
      row(`Irreversible, from due, those seen to become so (${error})`, latencies.irreversibility),
    ],
    note: null,
  };
}

function quantileCells(distribution: Distribution | null): Cell[] {
  if (distribution === null) return quantileColumns.map(() => "–");
  const { p50, p75, p90, p95, p99, p999, max, mean } = distribution;
  return [p50, p75, p90, p95, p99, p999, max, mean].map(formatQuantile);
}

function phaseLatencyTable(summary: RunSummary): Table {
  return {
    title: "Latency of each phase, from due",
    columns: columns(
      "Phase",
      ">Answer p50",
      ">Answer p99",
      ">Answer p99.9",
      ">Answer max",
      ">Block p50",
      ">Block p99",
      ">Block p99.9",
      ">Block max",
    ),
    rows: summary.phases.map((phase) => [
      phase.name,
      ...shortQuantiles(phase.latencies.answerIntended),
      ...shortQuantiles(phase.latencies.inclusionIntended),
    ]),
    note: null,
  };
}

function shortQuantiles(distribution: Distribution | null): Cell[] {
  if (distribution === null) return ["–", "–", "–", "–"];
  return [distribution.p50, distribution.p99, distribution.p999, distribution.max].map(formatQuantile);
}
