import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { RunManifest } from "../overseer/ledger/evidence.ts";
import type { RunSummary } from "../overseer/reporting/run-summary.ts";
import { exitCodes } from "../shared/errors/exit-codes.ts";
import { onlyRun, Program, processesWith, readJson, temporaryFolder } from "./support/programs.ts";
import { sentHoweverLate, shortScenario, writeScenario } from "./support/scenarios.ts";

const planned = 20 + 400;

describe("the main job, from scenario to report", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let run: string;
  let finished: Awaited<Program["finished"]>;
  let summary: RunSummary;

  beforeAll(async () => {
    folder = await temporaryFolder();
    const scenario = await writeScenario(folder.path, shortScenario({ sending: sentHoweverLate }));
    const program = new Program("overseer", ["run", scenario, "--reports", join(folder.path, "reports")]);
    finished = await program.finished;
    run = await onlyRun(join(folder.path, "reports"));
    summary = await readJson<RunSummary>(join(run, "run.json"));
  }, 90_000);

  afterAll(async () => {
    await folder.remove();
  });

  test("ends with exit code 0, or that of a machine that is too slow, and says where the report is", () => {
    const code = summary.verdicts.validity.verdict === "void" ? exitCodes["generator-bound"] : exitCodes.passed;
    expect({ code: finished.code, err: finished.code === code ? "" : finished.err }).toEqual({ code, err: "" });
    expect(finished.out).toContain(join(run, "report.html"));
    expect(finished.out).toMatch(/Verdict {3}.*thresholds 1 of 1 passed.*every transaction accounted for/);
  });

  test("a pipe gets no escape sequences, and results alone go to stdout", () => {
    expect(finished.out + finished.err).not.toContain("\u001b");
    expect(finished.out.split("\n")[0]).toMatch(/^Verdict/);
  });

  test("every planned transaction was sent, accepted and included, and the accounts add up", () => {
    const counts = summary.phases.map((phase) => phase.counts);
    expect(counts.map((c) => c.planned)).toEqual([20, 400]);
    const sum = (key: keyof (typeof counts)[number]): number => counts.reduce((total, c) => total + c[key], 0);
    expect({ sent: sum("sent"), accepted: sum("accepted"), included: sum("included") }).toEqual({
      sent: planned,
      accepted: planned,
      included: planned,
    });
    expect(summary.verdicts.accounting.holds).toBe(true);
  });

  test("the ledger has one row for each, with its instants in order", async () => {
    const database = await DuckDBInstance.create(":memory:");
    const connection = await database.connect();
    const reader = await connection.runAndReadAll(`
      SELECT count(*)::INT AS rows, count(DISTINCT sequence)::INT AS sequences,
             count(*) FILTER (sent_us >= due_us AND answered_us > sent_us AND included_us > sent_us)::INT AS ordered,
             count(DISTINCT node)::INT AS nodes, count(DISTINCT beacon)::INT AS beacons
      FROM '${join(run, "ledger.parquet")}'`);
    expect(reader.getRowObjectsJson()).toEqual([
      { rows: planned, sequences: planned, ordered: planned, nodes: 3, beacons: 2 },
    ]);
    connection.closeSync();
  });

  test("the blocks hold exactly what the ledger says", async () => {
    const lines = (await readFile(join(run, "evidence", "blocks.jsonl"), "utf8")).trim().split("\n");
    const blocks = new Map(
      lines.map((line) => JSON.parse(line) as { id: string; ours: number; orphaned: boolean }).map((b) => [b.id, b]),
    );
    const ours = [...blocks.values()].filter((b) => !b.orphaned).reduce((total, b) => total + b.ours, 0);
    expect(ours).toBe(planned);
  });

  test("what beacons used is told for every second of the run, and of no other time", async () => {
    const { ending } = await readJson<RunManifest>(join(run, "evidence", "manifest.json"));
    const endSeconds = (ending?.drainEndedMicros ?? 0) / 1e6;
    for (const { series } of summary.beacons) {
      expect(series.seconds.length).toBeGreaterThan(3);
      expect(Math.max(...series.seconds)).toBeLessThan(endSeconds + 5);
    }
  });

  test("all formats of the report are there", async () => {
    const files = await readdir(run);
    expect(files).toEqual(
      expect.arrayContaining(["report.html", "report.md", "run.json", "ledger.parquet", "evidence"]),
    );
    expect((await stat(join(run, "report.html"))).size).toBeGreaterThan(10_000);
  });

  test("no private key is anywhere in the run's folder", async () => {
    const keys: string[] = [];
    for (const entry of await readdir(run, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const text = await readFile(join(entry.parentPath, entry.name), "latin1");
      // Private keys in wallet import format: 51 base58 characters that begin with 5.
      keys.push(...(text.match(/\b5[HJK][1-9A-HJ-NP-Za-km-z]{49}\b/g) ?? []));
    }
    expect(keys).toEqual([]);
  });

  test("nothing is left running", async () => {
    expect(await processesWith(folder.path)).toEqual([]);
  });
});
