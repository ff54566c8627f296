import { createReadStream, type ReadStream } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import { extname, join } from "node:path";

export interface ReportFile {
  readonly contentType: string;
  readonly bytes: number;
  /** For a page: what it may do in a browser. */
  readonly policy: string | null;
  open(): ReadStream;
}

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".md": "text/markdown; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".parquet": "application/vnd.apache.parquet",
};
const names = new Set(["report.html", "report.md", "run.json", "ledger.parquet"]);
const chartFolder = "charts";
const chartName = /^[A-Za-z0-9][A-Za-z0-9_-]{0,80}\.svg$/;
const nothingRuns = "default-src 'none'; sandbox; frame-ancestors 'none'";
/** The policy stands in the page's head; scripts, of which there are a megabyte, come at the end. */
const headBytes = 4096;

/** Names of all that belongs to a run's report, as they are asked for; what else lies in its folder is nobody's. */
export async function listReportFiles(runFolder: string): Promise<string[]> {
  const there = await readdir(runFolder).catch(() => []);
  const charts = await readdir(join(runFolder, chartFolder)).catch(() => []);
  return [
    ...there.filter((name) => names.has(name)),
    ...charts.filter((name) => chartName.test(name)).map((name) => `${chartFolder}/${name}`),
  ].sort();
}

/** Null for anything that is not one of the listed files, wherever the name would lead. */
export async function findReportFile(runFolder: string, name: string): Promise<ReportFile | null> {
  // Compared, never resolved: a name that is not in the list leads nowhere.
  if (!(await listReportFiles(runFolder)).includes(name)) return null;
  const path = join(runFolder, name);
  const entry = await lstat(path).catch(() => null);
  if (entry?.isFile() !== true) return null;
  return {
    contentType: contentTypes[extname(name)] ?? "application/octet-stream",
    bytes: entry.size,
    policy: name.endsWith(".html") ? await pagePolicyOf(path) : name.endsWith(".svg") ? nothingRuns : null,
    open: () => createReadStream(path),
  };
}

/** What the page says of itself by digests, and no more than that: in a frame of nobody, as nobody's origin. */
async function pagePolicyOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    const head = buffer.toString("utf8", 0, bytesRead);
    const own = /<meta http-equiv="Content-Security-Policy" content="([^"]+)">/.exec(head)?.[1];
    return own === undefined ? nothingRuns : `${own}; frame-ancestors 'none'; sandbox allow-scripts`;
  } finally {
    await file.close();
  }
}
