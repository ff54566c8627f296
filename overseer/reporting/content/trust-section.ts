import { formatCount } from "../figures-text.ts";
import { groupBy } from "../group-by.ts";
import type { AccountingLine, RunSummary, ThresholdResult } from "../run-summary.ts";
import { formatValue } from "./charts.ts";
import type { Cell, Section, Table } from "./content.ts";
import { columns, empty, tableBlock } from "./make-blocks.ts";
import { verdictTone } from "./verdict-badges.ts";

export function trustSection(summary: RunSummary): Section {
  const { validity, thresholds } = summary.verdicts;
  return {
    id: "trust",
    title: "How far to trust it",
    short: "Trust",
    lead: "Validity is about the instrument: whether the beacons offered what the scenario asked for, when it asked for it.",
    blocks: [
      tableBlock({
        title: "Validity",
        columns: columns("Check", "Verdict", "Finding", "Limit"),
        rows: validity.checks.map((check) => [
          check.name,
          { text: check.verdict, tone: verdictTone(check.verdict) },
          check.finding,
          check.limit,
        ]),
        note: null,
      }),
      thresholds.results.length === 0
        ? empty("The scenario sets no thresholds.")
        : tableBlock(thresholdsTable(summary)),
      tableBlock(accountingTable(summary)),
    ],
  };
}

function thresholdsTable({ verdicts }: RunSummary): Table {
  return {
    title: "Thresholds",
    columns: columns("Metric", "Wanted", ">Found", "Verdict"),
    rows: verdicts.thresholds.results.map((result) => [
      result.metric,
      wantedText(result),
      foundText(result),
      { text: result.status, tone: result.status === "passed" ? "good" : "bad" },
    ]),
    note: "Undecided counts as failed: what was seen does not show that the threshold holds.",
  };
}

export function wantedText({ comparison, limitText }: ThresholdResult): string {
  return `${comparison} ${limitText}`.trim();
}

export function foundText({ value, atLeast, unit }: ThresholdResult): string {
  if (value === null) return "nothing to measure";
  const units = { share: "share", rate: "perSecond", latency: "micros" } as const;
  return `${atLeast ? "≥ " : ""}${formatValue(value, units[unit])}${unit === "rate" ? " tx/s" : ""}`;
}

function accountingTable({ verdicts }: RunSummary): Table {
  const { lines } = verdicts.accounting;
  const byBeacon = [...groupBy(lines, (line) => line.beacon ?? "")].filter(([beacon]) => beacon !== "");
  const agreeing = byBeacon.filter(([, group]) => group.every((line) => line.holds && line.right.length > 0));
  const inShort = new Set(agreeing.flatMap(([, group]) => group));
  const shown = lines.filter((line) => !inShort.has(line));
  return {
    title: "Accounting",
    columns: columns("What must hold", ">Transactions", "Counted as", "Holds", "Compared"),
    rows: [...shown.map(accountingRow), ...agreeing.map(agreementRow)],
    note: agreeing.length === 0 ? null : "The counters are in run.json one by one.",
  };
}

function accountingRow(line: AccountingLine): Cell[] {
  return [
    line.name,
    line.right.length === 0 ? "–" : `${line.left.label} ${formatCount(line.left.count)}`,
    line.right.length === 0 ? "–" : line.right.map((term) => `${term.label} ${formatCount(term.count)}`).join(" + "),
    line.right.length === 0
      ? { text: "not compared", tone: "neutral" }
      : { text: line.holds ? "yes" : "NO", tone: line.holds ? "good" : "bad" },
    line.source,
  ];
}

function agreementRow([beacon, lines]: readonly [string, readonly AccountingLine[]]): Cell[] {
  const sent = lines.find((line) => line.left.label === "sent");
  return [
    `${beacon} counted the same while it ran`,
    sent === undefined ? "–" : `sent ${formatCount(sent.left.count)}`,
    `${lines.length} counters`,
    { text: "yes", tone: "good" },
    lines[0]?.source ?? "",
  ];
}
