import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { makeSyntheticRun, type SyntheticRun, writeSyntheticRun } from "../reporting/testing/synthetic-run.ts";
import { readChunk } from "./chunk-store.ts";
import type { BlockRecord } from "./evidence.ts";
import { evidencePaths } from "./evidence-files.ts";
import { readEvidence } from "./read-evidence.ts";
import { evidenceVersion } from "./upgrade-evidence.ts";
import { openEvidenceWriter } from "./write-evidence.ts";

const firstVersion = new URL("../../test/fixtures/evidence/version-1", import.meta.url).pathname;

let folder: string;
let run: SyntheticRun;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "evidence-"));
  run = makeSyntheticRun({
    phases: [{ name: "hold", seconds: 2, fromPerSecond: 20, toPerSecond: 20 }],
    drainSeconds: 3,
  });
});

afterEach(() => rm(folder, { recursive: true }));

test("evidence comes back as it was written", async () => {
  await writeSyntheticRun(folder, run);
  const evidence = await readEvidence(folder);
  expect(evidence.manifest).toEqual(run.manifest);
  expect(evidence.blocks).toEqual(run.blocks);
  expect(evidence.samples).toEqual(run.samples);
  expect(evidence.events).toEqual(run.events);
  expect(evidence.inclusions.rows).toBe(run.inclusions.rows);
  expect([...evidence.inclusions.columns.included]).toEqual([
    ...run.inclusions.columns.included.subarray(0, run.inclusions.rows),
  ]);
  expect(evidence.chunks).toHaveLength(4);
});

test("of a block that was appended again the last record counts", async () => {
  const [block] = run.blocks as [BlockRecord];
  const writer = await openEvidenceWriter(folder);
  await writer.writeManifest(run.manifest);
  writer.appendBlock(block);
  writer.appendBlock({ ...block, orphaned: true });
  await writer.flush();
  expect((await readEvidence(folder)).blocks).toEqual([{ ...block, orphaned: true }]);
});

test("a last line that a crash cut short is left out, a damaged line before it is told", async () => {
  await writeSyntheticRun(folder, run);
  const { blocks } = evidencePaths(folder);
  await appendFile(blocks, '{"number": 99, "id');
  expect((await readEvidence(folder)).blocks).toHaveLength(run.blocks.length);
  await appendFile(blocks, "\n");
  await expect(readEvidence(folder)).rejects.toMatchObject({ code: "REPORT_FAILED" });
});

test("a folder that is no run's is the user's mistake, a manifest that is none is damage", async () => {
  await expect(readEvidence(join(folder, "absent"))).rejects.toMatchObject({ code: "USAGE" });
  await writeSyntheticRun(folder, run);
  const { manifest } = evidencePaths(folder);
  for (const damaged of [{ ...run.manifest, plan: null }, { ...run.manifest, schemaVersion: "two" }, {}, null]) {
    await writeFile(manifest, JSON.stringify(damaged));
    await expect(readEvidence(folder)).rejects.toMatchObject({ code: "REPORT_FAILED" });
  }
});

test("evidence of a later version is refused with the versions of both", async () => {
  await writeSyntheticRun(folder, run);
  const tool = { ...run.manifest.tool, name: "loadstone", version: "9.8.7" };
  const later = { ...run.manifest, tool, schemaVersion: evidenceVersion + 1 };
  await writeFile(evidencePaths(folder).manifest, JSON.stringify(later));
  await expect(readEvidence(folder)).rejects.toMatchObject({
    code: "REPORT_FAILED",
    message: expect.stringMatching(
      new RegExp(`loadstone 9\\.8\\.7 in version ${evidenceVersion + 1}; .*versions 1 to ${evidenceVersion}$`),
    ),
  });
});

test("evidence of the first version is read with what was left unsaid then", async () => {
  const { manifest, blocks, chunks } = await readEvidence(firstVersion);
  expect(manifest).toMatchObject({
    schemaVersion: evidenceVersion,
    vocabulary: { blockUsage: [] },
    network: { coreSymbol: "BTS", blockLimits: {} },
    scenario: { workload: { popularity: { kind: "uniform" } }, onBeaconLost: "fail" },
  });
  for (const { load } of manifest.scenario.phases) expect(load).toMatchObject({ arrivals: { kind: "even" } });
  for (const { usage } of blocks) expect(usage).toEqual({});
  const outcomes = await Promise.all(chunks.map((stored) => readChunk(stored)));
  const held = outcomes.flatMap((chunk) => (chunk.table === "outcomes" ? [...chunk.columns.held] : []));
  expect(held).toEqual(new Array<number>(70).fill(0));
});

test("what cannot be written is told with its path", async () => {
  const file = join(folder, "file");
  await writeFile(file, "");
  await expect(openEvidenceWriter(file)).rejects.toMatchObject({
    code: "REPORT_FAILED",
    message: expect.stringContaining(file),
  });
  const writer = await openEvidenceWriter(join(folder, "run"));
  await rm(join(folder, "run"), { recursive: true });
  writer.appendEvent({ atMicros: 0, wallMillis: 0, kind: "run", severity: "info", subject: null, text: "gone" });
  await expect(writer.flush()).rejects.toMatchObject({ code: "REPORT_FAILED" });
  await expect(writer.writeManifest(run.manifest)).rejects.toMatchObject({ code: "REPORT_FAILED" });
});
