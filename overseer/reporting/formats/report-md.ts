import { randomBytes } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cannotWrite, writeAtomically } from "../../ledger/write-atomically.ts";
import type { Block, Cell, Chart, ReportContent, Table } from "../content/content.ts";
import { chartSvg } from "./chart-svg.ts";
import { escapeMarkdown, fenced } from "./escape.ts";

/** Writes `report.md` and, before it, the charts that it shows, into `charts/`. */
export async function writeMarkdown(content: ReportContent, runFolder: string): Promise<void> {
  const charts = content.sections.flatMap((section) => section.blocks.flatMap(chartIn));
  await replaceCharts(charts, join(runFolder, "charts"));
  await writeAtomically(join(runFolder, "report.md"), toMarkdown(content));
}

function chartIn(block: Block): Chart[] {
  return block.kind === "chart" ? [block.chart] : [];
}

/** All at once, so that no chart of an earlier report stays among them. */
async function replaceCharts(charts: readonly Chart[], folder: string): Promise<void> {
  const suffix = randomBytes(4).toString("hex");
  const made = `${folder}.${suffix}.new`;
  const old = `${folder}.${suffix}.old`;
  try {
    await mkdir(made);
    for (const chart of charts) await writeFile(join(made, `${chart.id}.svg`), chartSvg(chart));
    await rename(folder, old).catch(ignoreAbsent);
    await rename(made, folder);
    await rm(old, { recursive: true, force: true });
  } catch (error) {
    await rm(made, { recursive: true, force: true }).catch(() => undefined);
    throw cannotWrite(folder, error);
  }
}

function ignoreAbsent(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
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
    ...keyFigureLines(content),
  ];
  for (const section of content.sections) {
    lines.push(`## ${escapeMarkdown(section.title)}`, "");
    if (section.lead !== null) lines.push(escapeMarkdown(section.lead), "");
    for (const block of section.blocks) lines.push(...blockLines(block), "");
  }
  lines.push("---", "", escapeMarkdown(content.footer), "");
  return lines.join("\n");
}

function keyFigureLines({ keyFigures }: ReportContent): string[] {
  if (keyFigures.length === 0) return [];
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    row(keyFigures.map((figure) => escapeMarkdown(figure.label))),
    row(keyFigures.map(() => "---:")),
    row(keyFigures.map((figure) => `**${escapeMarkdown(figure.value)}**`)),
    row(keyFigures.map((figure) => escapeMarkdown(figure.note))),
    "",
  ];
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
