import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Block, Cell, Chart, Column, KeyFigure, ReportContent, Section, Table } from "../content/content.ts";
import { chartOption } from "./chart-option.ts";
import { escapeHtml } from "./escape.ts";
import { htmlScript } from "./html-script.ts";
import { htmlStyle } from "./html-style.ts";
import { darkPalette, lightPalette, type Palette } from "./palette.ts";

/** As many columns stand closer together, so that a wide window shows all of them. */
const denseFrom = 10;
/** Longer text than this gets a wider column. */
const longText = 28;

/**
 * One file that opens anywhere: nothing is fetched, and the page's own policy lets no script run but the two that are
 * named by their digests. Node text is escaped and could not run even if it were not.
 */
export async function toHtml(content: ReportContent): Promise<string> {
  const charts = content.sections.flatMap((section) => section.blocks.flatMap(chartIn));
  const scripts = charts.length === 0 ? [] : [await loadCharting(), htmlScript];
  const policy = [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    "img-src data:",
    `script-src ${scripts.length === 0 ? "'none'" : scripts.map(digestOf).join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${escapeHtml(`${content.verdict.toUpperCase()} · ${content.title}`)}</title>`,
    `<style>${htmlStyle}</style>`,
    "</head>",
    "<body>",
    bannerHtml(content),
    headerHtml(content),
    navHtml(content.sections),
    "<main>",
    ...content.sections.map(sectionHtml),
    `<footer>${escapeHtml(content.footer)}</footer>`,
    "</main>",
    ...(charts.length === 0 ? [] : [`<script type="application/json" id="charts">${dataOf(charts)}</script>`]),
    ...scripts.map((script) => `<script>${script}</script>`),
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

/** The Apache-licensed charting library's own bundle, notice included. */
async function loadCharting(): Promise<string> {
  const path = createRequire(import.meta.url).resolve("echarts/dist/echarts.common.min.js");
  return (await readFile(path, "utf8")).replaceAll("</script", "<\\/script");
}

function digestOf(script: string): string {
  return `'sha256-${createHash("sha256").update(script).digest("base64")}'`;
}

function chartIn(block: Block): Chart[] {
  return block.kind === "chart" ? [block.chart] : [];
}

function dataOf(charts: readonly Chart[]): string {
  const data = {
    palettes: { light: flat(lightPalette), dark: flat(darkPalette) },
    charts: Object.fromEntries(
      charts.map((chart) => [
        chart.id,
        { option: chartOption(chart), unit: chart.y.unit, xUnit: chart.x.unit, names: chart.x.names !== null },
      ]),
    ),
  };
  // A script element ends at the first "</script", wherever it stands.
  return JSON.stringify(data).replaceAll("<", "\\u003c");
}

function flat({ roles, ...others }: Palette): Record<string, string> {
  return { ...others, ...roles };
}

function bannerHtml(content: ReportContent): string {
  if (content.warning === null) return "";
  const tone = content.verdict === "degraded" || content.verdict === "valid" ? "warning" : "bad";
  const isBroken = content.warning.startsWith("ACCOUNTING");
  return `<div class="banner ${isBroken ? "bad" : tone}" role="alert"><div>${escapeHtml(content.warning)}</div></div>`;
}

function headerHtml(content: ReportContent): string {
  const badges = content.badges.map(
    (badge) => `<li class="${badge.tone}"><b>${escapeHtml(badge.label)}</b><span>${escapeHtml(badge.text)}</span></li>`,
  );
  const figures = content.keyFigures.map(figureHtml).join("");
  return [
    "<header><div>",
    `<p class="name">${escapeHtml(content.title)}</p>`,
    `<h1>${escapeHtml(content.question)}</h1>`,
    `<p class="answer">${escapeHtml(content.answer)}</p>`,
    `<ul class="badges">${badges.join("")}</ul>`,
    figures === "" ? "" : `<dl class="figures">${figures}</dl>`,
    "</div></header>",
  ].join("\n");
}

function figureHtml(figure: KeyFigure): string {
  const role = figure.role === null ? "" : ` style="--role: var(--${figure.role})"`;
  return (
    `<div${role}><dt>${escapeHtml(figure.label)}</dt>` +
    `<dd class="value">${escapeHtml(figure.value)}</dd><dd class="note">${escapeHtml(figure.note)}</dd></div>`
  );
}

function navHtml(sections: readonly Section[]): string {
  const links = sections.map((section) => `<a href="#${section.id}">${escapeHtml(section.short)}</a>`);
  return `<nav aria-label="Sections"><div>${links.join("")}</div></nav>`;
}

function sectionHtml(section: Section): string {
  const lead = section.lead === null ? "" : `<p class="lead">${escapeHtml(section.lead)}</p>`;
  return [
    `<section id="${section.id}">`,
    `<h2>${escapeHtml(section.title)}</h2>`,
    lead,
    ...inPairs(section.blocks),
    "</section>",
  ].join("\n");
}

/** Half-sized charts that follow each other share a grid. */
function inPairs(blocks: readonly Block[]): string[] {
  const parts: string[] = [];
  let halves: string[] = [];
  const close = (): void => {
    if (halves.length > 0) parts.push(`<div class="pair">${halves.join("\n")}</div>`);
    halves = [];
  };
  for (const block of blocks) {
    if (block.kind === "chart" && block.chart.size === "half") {
      halves.push(blockHtml(block));
      continue;
    }
    close();
    parts.push(blockHtml(block));
  }
  close();
  return parts;
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case "text":
      return `<p>${escapeHtml(block.text)}</p>`;
    case "empty":
      return `<p class="card empty">${escapeHtml(block.text)}</p>`;
    case "table":
      return `<div class="card"><h3>${escapeHtml(block.table.title)}</h3>${tableHtml(block.table)}</div>`;
    case "chart":
      return chartHtml(block.chart);
    case "code":
      return `<div class="card"><h3>${escapeHtml(block.title)}</h3><pre><code>${escapeHtml(block.text)}</code></pre></div>`;
    case "quotes":
      return quotesHtml(block);
  }
}

function chartHtml(chart: Chart): string {
  const title = escapeHtml(chart.title);
  return [
    `<figure class="card"><h3>${title}</h3>`,
    `<div class="chart" data-chart="${chart.id}" role="img" aria-label="${title}"></div>`,
    `<details><summary>Data</summary>${tableHtml(chart.table)}</details></figure>`,
  ].join("\n");
}

function quotesHtml(block: Extract<Block, { kind: "quotes" }>): string {
  const items = block.quotes.map(
    (quote) => `<div><dt>${escapeHtml(quote.source)}</dt><dd>${escapeHtml(quote.text)}</dd></div>`,
  );
  return `<div class="card"><h3>${escapeHtml(block.title)}</h3><dl class="quotes">${items.join("")}</dl></div>`;
}

function tableHtml(table: Table): string {
  const head = table.columns.map(
    (column) => `<th scope="col"${classOf(column, null)}>${escapeHtml(column.title)}</th>`,
  );
  const rows = table.rows.map(
    (cells) => `<tr>${cells.map((cell, i) => cellHtml(cell, table.columns[i] as Column)).join("")}</tr>`,
  );
  const note = table.note === null ? "" : `<p class="note">${escapeHtml(table.note)}</p>`;
  const dense = table.columns.length >= denseFrom ? ' class="dense"' : "";
  return `<div class="scroll" tabindex="0"><table${dense}><thead><tr>${head.join("")}</tr></thead><tbody>${rows.join("\n")}</tbody></table></div>${note}`;
}

function cellHtml(cell: Cell, column: Column): string {
  if (typeof cell === "string") return `<td${classOf(column, cell)}>${escapeHtml(cell)}</td>`;
  return `<td${classOf(column, cell.text)}><span class="tone-${cell.tone}">${escapeHtml(cell.text)}</span></td>`;
}

function classOf(column: Column, text: string | null): string {
  if (column.align === "right") return ' class="right"';
  if (text === null) return "";
  return text.length > longText ? ' class="long"' : ' class="short"';
}
