import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import { makeReport } from "./make-report.ts";
import type { RunSummary } from "./run-summary.ts";
import { withRunFolder } from "./testing/run-folders.ts";
import { makeSyntheticRun, meteredChain, writeSyntheticRun } from "./testing/synthetic-run.ts";

const hostile = '<script>alert("1")</script> | `x` ![i](http://evil.example/x.png)\n# no heading';
const phases = [
  { name: "warm-up", seconds: 2, fromPerSecond: 20, toPerSecond: 20, measured: false },
  { name: "hold", seconds: 8, fromPerSecond: 100, toPerSecond: 100 },
];

let summary: RunSummary;
let html: string;
let markdown: string;
let json: string;
let files: string[];
let charts: string[];

beforeAll(async () => {
  await withRunFolder(async (folder) => {
    const run = makeSyntheticRun({ phases, rejectShare: 0.1, orphanAt: 3, nodeText: hostile, question: hostile });
    const nodes = run.manifest.network.nodes.map((node, i) => (i === 0 ? { ...node, name: hostile } : node));
    run.manifest = { ...run.manifest, network: { ...run.manifest.network, nodes } };
    await writeSyntheticRun(folder, run);
    summary = await makeReport(folder);
    [html, markdown, json] = (await Promise.all(
      ["report.html", "report.md", "run.json"].map((name) => readFile(join(folder, name), "utf8")),
    )) as [string, string, string];
    files = (await readdir(folder)).sort();
    charts = (await readdir(join(folder, "charts"))).sort();
  });
});

test("a report is these files and nothing else is left behind", () => {
  expect(files).toEqual(["charts", "evidence", "ledger.parquet", "report.html", "report.md", "run.json"]);
});

test("run.json is the summary", () => {
  expect(JSON.parse(json)).toMatchObject({
    schemaVersion: 1,
    runId: summary.runId,
    overall: { counts: summary.overall.counts },
    exit: summary.exit,
  });
});

test("the page loads nothing and its policy lets nothing else run", () => {
  expect(html).toContain("default-src 'none'");
  expect(html).toMatch(/script-src 'sha256-[A-Za-z0-9+/=]+' 'sha256-[A-Za-z0-9+/=]+'/);
  // The charting library knows how to write such tags, for functions that are not used.
  const outside = html.replace(/<script>[\s\S]*?<\/script>/g, "");
  expect(outside).not.toMatch(/<(link|img|iframe|object|embed|base)\b/i);
  expect(outside).not.toMatch(/\b(src|href)\s*=\s*["'](?!#)/i);
  expect(outside).not.toMatch(/@import|url\(/i);
  expect(html.length).toBeLessThan(1.2e6);
});

test("what nodes and users wrote is text in the page, in its charts' data too", () => {
  expect(html).not.toContain('<script>alert("1")');
  expect(html).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;");
  const data = /<script type="application\/json" id="charts">(.*?)<\/script>/.exec(html)?.[1] as string;
  expect(data).not.toContain("<");
  expect(Object.keys((JSON.parse(data) as { charts: object }).charts)).toContain("rates");
});

test("what nodes and users wrote is text in Markdown, and keeps its cell", () => {
  // Between fences everything is text: the scenario stands there as it was written.
  const outside = markdown.replace(/^(`{3,})[\s\S]*?^\1$/gm, "");
  expect(outside).not.toContain("<script>");
  expect(outside).not.toContain("](http");
  expect(outside).not.toMatch(/^# no heading/m);
  const tables = outside.split("\n").filter((line) => line.startsWith("|"));
  let width = 0;
  for (const [i, line] of tables.entries()) {
    const cells = line.split("|").length;
    if (tables[i + 1]?.match(/^\|[ :|-]+\|$/)) width = cells;
    expect([line, cells]).toEqual([line, width]);
  }
});

test("every chart of the page is a picture beside the Markdown, and every one has its data as a table", () => {
  const inPage = [...html.matchAll(/data-chart="([^"]+)"/g)].map((match) => `${match[1]}.svg`);
  const inMarkdown = [...markdown.matchAll(/\(charts\/([^)]+)\)/g)].map((match) => match[1]);
  expect(inPage.length).toBeGreaterThan(8);
  expect(charts).toEqual([...inPage].sort());
  expect(inMarkdown).toEqual(inPage);
  expect(html.match(/<summary>Data<\/summary>/g)).toHaveLength(inPage.length);
});

test("a report made again is the same, whatever lay there before", async () => {
  await withRunFolder(async (folder) => {
    await writeSyntheticRun(folder, makeSyntheticRun({ phases, beaconLostAt: 6, connectionsLostAt: 5 }));
    const first = await makeReport(folder);
    const page = await readFile(join(folder, "report.html"), "utf8");
    await writeFile(join(folder, "charts", "old.svg"), "");
    expect(await makeReport(folder)).toEqual(first);
    expect(await readFile(join(folder, "report.html"), "utf8")).toBe(page);
    expect(await readdir(join(folder, "charts"))).not.toContain("old.svg");
  });
});

test("a void run says so before anything else, in every format", async () => {
  await withRunFolder(async (folder) => {
    await writeSyntheticRun(folder, makeSyntheticRun({ phases, stall: [4, 6] }));
    await makeReport(folder);
    const page = await readFile(join(folder, "report.html"), "utf8");
    expect(page.slice(page.indexOf("<body>"))).toMatch(/^<body>\s*<div class="banner bad" role="alert"><div>VOID/);
    expect(await readFile(join(folder, "report.md"), "utf8")).toMatch(/^> \*\*VOID/);
  });
});

test("a report speaks the chain's language and shows what its blocks used up, in every format", async () => {
  await withRunFolder(async (folder) => {
    await writeSyntheticRun(
      folder,
      makeSyntheticRun({ phases, ...meteredChain, operationsPerTransaction: { kind: "fixed", count: 3 } }),
    );
    const { blocks } = await makeReport(folder);
    const page = await readFile(join(folder, "report.html"), "utf8");
    const text = await readFile(join(folder, "report.md"), "utf8");
    const run = JSON.parse(await readFile(join(folder, "run.json"), "utf8")) as RunSummary;
    expect(run.blocks.usage).toEqual(blocks.usage);
    for (const [format, content] of [
      ["html", page.replace(/<script[\s\S]*?<\/script>/g, "")],
      ["md", text],
    ] as const) {
      const words = content.replace(/max-throughput-[a-z-]+/g, "");
      expect([format, words.match(/operations?|witness(es)?/gi)]).toEqual([format, null]);
      for (const wanted of [/By action/, /\d+\sproducers/, /CPU billed/, /CPU, share of the limit/, /NET billed/]) {
        expect([format, words]).toEqual([format, expect.stringMatching(wanted)]);
      }
    }
    expect(await readdir(join(folder, "charts"))).toEqual(expect.arrayContaining(["block-cpu.svg", "block-net.svg"]));
  });
});

test("a place that cannot be written to fails with its path and leaves the rest as it was", async () => {
  await withRunFolder(async (folder) => {
    await writeSyntheticRun(folder, makeSyntheticRun({ phases }));
    await mkdir(join(folder, "report.html", "in-the-way"), { recursive: true });
    await expect(makeReport(folder)).rejects.toMatchObject({
      code: "REPORT_FAILED",
      message: expect.stringContaining(join(folder, "report.html")),
    });
    expect((await readdir(folder)).filter((name) => name.startsWith(".") || name.endsWith(".tmp"))).toEqual([]);
    await rm(join(folder, "report.html"), { recursive: true });
    await expect(makeReport(folder)).resolves.toMatchObject({ schemaVersion: 1 });
  });
});

test("an aborted report leaves nothing half-made", async () => {
  await withRunFolder(async (folder) => {
    await writeSyntheticRun(folder, makeSyntheticRun({ phases }));
    const reason = new Error("enough");
    await expect(makeReport(folder, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(await readdir(folder)).toEqual(["evidence"]);
  });
});

test("a report is made of a run that the first release recorded", async () => {
  await withRunFolder(async (folder) => {
    const recorded = new URL("../../test/fixtures/evidence/version-1", import.meta.url);
    await cp(recorded, folder, { recursive: true });
    const summary = await makeReport(folder);
    expect(summary.verdicts.accounting.holds).toBe(true);
    expect(summary.overall.counts).toMatchObject({ planned: 60, sent: 60, accepted: 60, included: 60 });
    expect(summary.overall.rates.includedPerSecond).toBeCloseTo(20, 0);
  });
});
