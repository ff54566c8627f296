import { join } from "node:path";
import { writeAtomically } from "../../ledger/write-atomically.ts";
import type { Block, Cell, ReportContent, Table } from "../content/content.ts";
import { escapeMarkdown, fenced } from "./escape.ts";

/** Writes `report.md` and the charts it shows. */
export async function writeMarkdown(content: ReportContent, runFolder: string): Promise<void> {
  await writeAtomically(join(runFolder, "report.md"), toMarkdown(content));
}

export function toMarkdown(content: ReportContent): string {
  const lines = [
    ...(content.warning === null ? [] : [`> **${escapeMarkdown(content.warning)}**`, ""]),
    `# ${escapeMarkdown(content.title)}`,
    "",
    `> **${escapeMarkdown(content.question)}**`,
    ">",
    `> ${escapeMarkdown(content.answer)}`,
    "",
    content.badges.map((badge) => `**${escapeMarkdown(badge.label)}** ${escapeMarkdown(badge.text)}`).join(" · "),
    "",
  ];
  for (const section of content.sections) {
    lines.push(`## ${escapeMarkdown(section.title)}`, "");
    if (section.lead !== null) lines.push(escapeMarkdown(section.lead), "");
    for (const block of section.blocks) lines.push(...blockLines(block), "");
  }
  lines.push("---", "", escapeMarkdown(content.footer), "");
  return lines.join("\n");
}

function blockLines(block: Block): string[] {
  switch (block.kind) {
    case "text":
      return [escapeMarkdown(block.text)];
    case "empty":
      return [`_${escapeMarkdown(block.text)}_`];
    case "table":
      return tableLines(block.table);
    case "chart":
      return [
        `### ${escapeMarkdown(block.chart.title)}`,
        "",
        `![${escapeMarkdown(block.chart.title)}](charts/${block.chart.id}.svg)`,
        "",
        "<details><summary>Data</summary>",
        "",
        ...tableLines(block.chart.table),
        "",
        "</details>",
      ];
    case "code":
      return [`**${escapeMarkdown(block.title)}**`, "", fenced(block.text, block.language)];
    case "quotes":
      return [
        `**${escapeMarkdown(block.title)}**`,
        "",
        ...block.quotes.map((quote) => `- ${escapeMarkdown(quote.source)}: ${escapeMarkdown(quote.text)}`),
      ];
  }
}

function tableLines(table: Table): string[] {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const lines = [
    `**${escapeMarkdown(table.title)}**`,
    "",
    row(table.columns.map((column) => escapeMarkdown(column.title))),
    row(table.columns.map((column) => (column.align === "right" ? "---:" : ":---"))),
    ...table.rows.map((cells) => row(cells.map((cell) => escapeMarkdown(textOf(cell))))),
  ];
  return table.note === null ? lines : [...lines, "", escapeMarkdown(table.note)];
}

function textOf(cell: Cell): string {
  return typeof cell === "string" ? cell : cell.text;
}
