import type { Block, ReportContent, Table } from "../content/content.ts";
import { escapeHtml } from "./escape.ts";

// eslint-disable-next-line @typescript-eslint/require-await
export async function toHtml(content: ReportContent): Promise<string> {
  const sections = content.sections.map(
    (section) => `<section><h2>${escapeHtml(section.title)}</h2>${section.blocks.map(blockHtml).join("")}</section>`,
  );
  return `<!doctype html><meta charset="utf-8"><title>${escapeHtml(content.title)}</title>
<h1>${escapeHtml(content.question)}</h1><p>${escapeHtml(content.answer)}</p>${sections.join("\n")}`;
}

function blockHtml(block: Block): string {
  return block.kind === "table" ? tableHtml(block.table) : "";
}

function tableHtml(table: Table): string {
  const rows = table.rows.map(
    (row) => `<tr>${row.map((cell) => `<td>${escapeHtml(typeof cell === "string" ? cell : cell.text)}`).join("")}`,
  );
  return `<table>${rows.join("")}</table>`;
}
