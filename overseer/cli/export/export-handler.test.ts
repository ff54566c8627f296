import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { AppError } from "../../../shared/errors/app-error.ts";
import { type BulkBehaviour, type BulkDouble, startBulkDouble } from "../../export/testing/bulk-double.ts";
import { toRunJson } from "../../reporting/formats/run-json.ts";
import type { RunSummary } from "../../reporting/run-summary.ts";
import { summaryOf, withRunFolder } from "../../reporting/testing/run-folders.ts";
import { makeSyntheticRun } from "../../reporting/testing/synthetic-run.ts";
import { createFakeIo, type FakeIo } from "../fake-io.ts";
import type { ExportArguments } from "./export-command.ts";
import { exportFigures } from "./export-handler.ts";

const phases = [
  { name: "warm-up", seconds: 2, fromPerSecond: 20, toPerSecond: 20, measured: false },
  { name: "hold", seconds: 6, fromPerSecond: 50, toPerSecond: 50 },
];

let double: BulkDouble;
let io: FakeIo;

beforeEach(() => {
  io = createFakeIo();
});

afterEach(async () => {
  await double?.close();
});

async function exported(args: Partial<ExportArguments>, behaviour: BulkBehaviour = {}): Promise<string> {
  double = await startBulkDouble(behaviour);
  return exportedAgain(args);
}

async function exportedAgain(args: Partial<ExportArguments>): Promise<string> {
  const whole = { to: double.url, index: "loadstone", json: false, run: "", ...args } as ExportArguments;
  return exportFigures(whole, { io, signal: new AbortController().signal, pause: () => Promise.resolve() });
}

async function withReport(work: (folder: string, run: RunSummary) => Promise<void>): Promise<void> {
  const summary = await summaryOf(makeSyntheticRun({ phases, rejectShare: 0.1, orphanAt: 3 }));
  await withRunFolder(async (folder) => {
    await writeFile(join(folder, "run.json"), toRunJson(summary));
    await work(folder, JSON.parse(await readFile(join(folder, "run.json"), "utf8")) as RunSummary);
  });
}

function kept(kind: string): Record<string, unknown>[] {
  return [...double.documents.values()].filter((document) => document.kind === kind);
}

function sum(values: readonly unknown[]): number {
  return values.reduce((total: number, value) => total + ((value as number | null) ?? 0), 0);
}

test("what is kept adds up to what run.json says", async () => {
  await withReport(async (folder, run) => {
    expect(await exported({ run: folder })).toBe("passed");
    const counts = (documents: readonly object[], name: string): number =>
      sum(documents.map((document) => (document as { counts: Record<string, number> }).counts[name]));
    for (const name of Object.keys(run.overall.counts)) {
      expect([name, counts(kept("run"), name)]).toEqual([name, counts([run.overall], name)]);
      expect([name, counts(kept("phase"), name)]).toEqual([name, counts(run.phases, name)]);
    }
    const sent = kept("timeline").map(({ sentPerSecond, stepSeconds }) => Number(sentPerSecond) * Number(stepSeconds));
    expect(sum(sent)).toBe(counts(run.phases, "sent"));
    expect(sum(sent)).toBeGreaterThan(300);
    expect(sum(kept("block").map(({ ours }) => ours))).toBe(sum(run.blocks.series.map(({ ours }) => ours)));
    expect(sum(kept("error").map(({ count }) => count))).toBe(sum(run.errors.map(({ count }) => count)));
    const samples = run.beacons.flatMap(({ series }) => series.residentBytes);
    expect(kept("beacon-sample")).toHaveLength(samples.length);
    expect(sum(kept("beacon-sample").map(({ residentBytes }) => residentBytes))).toBe(sum(samples));
    expect(kept("event")).toHaveLength(run.events.length);
    expect(kept("group")).toHaveLength(Object.values(run.breakdowns).flat().length);
    expect(kept("run")[0]).toMatchObject({
      answer: run.answer.text,
      exitCode: run.exit.code,
      rates: run.overall.rates,
    });
  });
});

test("every document says of which run, chain and instant it is, and the second time nothing is added", async () => {
  await withReport(async (folder, run) => {
    await exported({ run: folder });
    const first = new Map(double.documents);
    for (const [key, document] of first) {
      expect(document).toMatchObject({ runId: run.runId, scenario: run.scenario.name, chain: run.scenario.chain });
      expect(key).toMatch(/^loadstone-\d{4}\.\d{2}\//);
      expect(new Date(document["@timestamp"] as string).toISOString()).toBe(document["@timestamp"]);
    }
    const at = (kept("timeline")[3] as { "@timestamp": string })["@timestamp"];
    expect(Date.parse(at)).toBe((run.t0WallMillis as number) + 3000 * run.timeline.stepSeconds);
    await exportedAgain({ run: folder });
    expect(double.documents).toEqual(first);
    expect(io.stdout).toContain(`of ${run.runId} to ${double.url}/loadstone-`);
    expect([...double.templates]).toMatchObject([["loadstone", { index_patterns: ["loadstone-*"] }]]);
  });
});

test("runs of the same name are kept apart by when they were started", async () => {
  await withReport(async (folder, run) => {
    await exported({ run: folder });
    const once = double.documents.size;
    const later = new Date(Date.parse(run.startedAt) + 1).toISOString();
    await writeFile(join(folder, "run.json"), toRunJson({ ...run, startedAt: later }));
    await exportedAgain({ run: folder });
    expect(double.documents.size).toBe(2 * once);
    expect(new Set(kept("phase").map(({ startedAt }) => startedAt))).toEqual(new Set([run.startedAt, later]));
    expect(new Set([...double.documents.keys()].map((key) => key.split("/")[0])).size).toBe(1);
  });
});

test("an export that is not whole says why, and fails", async () => {
  await withReport(async (folder, run) => {
    const error = { type: "document_parsing_exception", reason: "object mapping for [host] tried to parse" };
    const refuse: BulkBehaviour["refuse"] = (_, { kind }) => (kind === "beacon" ? { status: 400, error } : null);
    expect(await exported({ run: folder, json: true }, { refuse })).toBe("report-failed");
    expect(JSON.parse(io.stdout)).toMatchObject({
      runId: run.runId,
      written: double.documents.size,
      refused: [{ reason: `400 ${error.type}: ${error.reason}`, count: run.beacons.length }],
    });
  });
});

test("an API key comes from a file or the environment and is in no output", async () => {
  await withReport(async (folder) => {
    const key = "a-key-that-nobody-may-see==";
    const file = join(folder, "key");
    await writeFile(file, `${key}\n`, { mode: 0o600 });
    await exported({ run: folder, "api-key-file": file });
    expect([...double.authorizations]).toEqual([`ApiKey ${key}`]);
    await double.close();
    io = createFakeIo({ env: { LOADSTONE_EXPORT_PASSWORD: key } });
    await exported({ run: folder, user: "elastic" });
    expect([...double.authorizations]).toEqual([`Basic ${Buffer.from(`elastic:${key}`).toString("base64")}`]);
    expect(io.stdout + io.stderr).not.toContain(key);
  });
});

test("all that is wrong is said at once, before anybody is asked, and without what may be secret", async () => {
  io = createFakeIo({ env: { LOADSTONE_EXPORT_API_KEY: "two\nlines of-a-key" } });
  const failure = (await exported({
    to: "https://elastic:hunter2@elastic.example:9200",
    index: "Loadstone*",
    user: "a:b",
    ca: "/nowhere/ca.pem",
  }).catch((error: unknown) => error)) as AppError;
  expect(failure.code).toBe("CONFIGURATION_INVALID");
  expect(failure.problems.map(({ path }) => path)).toEqual([
    "LOADSTONE_EXPORT_API_KEY",
    "--ca",
    "--to",
    "--index",
    "--user",
    "--password-file",
  ]);
  expect(JSON.stringify(failure.problems)).not.toMatch(/hunter2|of-a-key/);
  expect(double.authorizations.size).toBe(0);
});

test("credentials do not travel in the clear beyond this machine", async () => {
  io = createFakeIo({ env: { LOADSTONE_EXPORT_API_KEY: "a-key" } });
  const failure = (await exported({ to: "http://elastic.example:9200" }).catch((error: unknown) => error)) as AppError;
  expect(failure.problems).toEqual([
    {
      path: "--to",
      value: "http://elastic.example:9200",
      expected: "expected https, because others could read the credentials on the way",
    },
  ]);
});

test("a folder without a report, and a report that lacks something, are told apart", async () => {
  await withRunFolder(async (folder) => {
    const codeOf = async (): Promise<string> =>
      exported({ run: folder }).catch(async (error: unknown) => {
        await double.close();
        return (error as AppError).code;
      });
    expect(await codeOf()).toBe("USAGE");
    await writeFile(join(folder, "run.json"), '{"schemaVersion":1,');
    expect(await codeOf()).toBe("REPORT_FAILED");
    await writeFile(join(folder, "run.json"), '{"schemaVersion":1}');
    expect(await codeOf()).toBe("REPORT_FAILED");
  });
});
