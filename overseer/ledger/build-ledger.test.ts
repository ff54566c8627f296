import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { codeOfOutcome, codeOfReason } from "../../shared/chains/outcome.ts";
import { encodeChunk } from "../../shared/ledger/chunk.ts";
import {
  makeSyntheticRun,
  type SyntheticBeacon,
  type SyntheticRun,
  type SyntheticRunOptions,
  writeSyntheticRun,
} from "../reporting/testing/synthetic-run.ts";
import { buildLedger, type Ledger, ledgerColumns, writeLedgerParquet } from "./build-ledger.ts";
import { ChunkStore } from "./chunk-store.ts";
import { evidencePaths } from "./evidence-files.ts";
import { inclusionsLayout } from "./inclusions.ts";
import { LedgerDatabase, type SqlRow, sqlText } from "./ledger-database.ts";
import { readEvidence } from "./read-evidence.ts";

let folder: string;
let ledger: Ledger | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ledger-"));
});

afterEach(async () => {
  await ledger?.close();
  ledger = undefined;
  await rm(folder, { recursive: true });
});

/** 40 transactions in 2 s, all included; two beacons with every second one each. */
function smallRun(options: SyntheticRunOptions = {}): SyntheticRun {
  return makeSyntheticRun({
    phases: [{ name: "hold", seconds: 2, fromPerSecond: 20, toPerSecond: 20 }],
    drainSeconds: 4,
    rejectShare: 0,
    ...options,
  });
}

async function build(run: SyntheticRun): Promise<Ledger> {
  await writeSyntheticRun(folder, run);
  ledger = await buildLedger(await readEvidence(folder));
  return ledger;
}

async function rowOf(sequence: number): Promise<SqlRow> {
  return (ledger as Ledger).database.row(`SELECT * FROM ledger WHERE sequence = ${sequence}`);
}

function removeInclusion(run: SyntheticRun, sequence: number): void {
  const { columns, rows } = run.inclusions;
  const at = columns.sequence.subarray(0, rows).indexOf(sequence);
  for (const { name } of inclusionsLayout) columns[name].copyWithin(at, at + 1, rows);
  run.inclusions.rows--;
}

function beaconOf(run: SyntheticRun, sequence: number): SyntheticBeacon {
  return run.beacons[sequence % run.beacons.length] as SyntheticBeacon;
}

test("every planned transaction has one row, with what beacon and observer saw", async () => {
  const run = smallRun();
  const { database, integrity, observedUntilMicros } = await build(run);
  expect(await database.rows("SELECT count(*) AS n, count(DISTINCT sequence) AS s FROM ledger")).toEqual([
    { n: 40, s: 40 },
  ]);
  expect(integrity).toEqual({
    reported: 40,
    made: 0,
    repeatedRows: 0,
    conflicting: 0,
    unplanned: 0,
    repeatedInclusions: 0,
  });
  expect(observedUntilMicros).toBe(6e6);
  const row = await rowOf(7);
  expect(row).toMatchObject({
    phase: "hold",
    beacon: "local-2",
    outcome: "accepted",
    reason: "none",
    fate: "included",
  });
  expect(row).toMatchObject({ due_us: 350_000, operations: 1, orphanings: 0, block: 13 });
  expect(row.sent_us).toBe(Math.round(run.beacons[1]?.outcomes.sent[3] as number));
});

test("the Parquet file has the documented columns and the same rows", async () => {
  await writeLedgerParquet(await build(smallRun()), join(folder, "ledger.parquet"));
  const reader = await LedgerDatabase.open(folder);
  const rows = await reader.rows(`SELECT * FROM ${sqlText(join(folder, "ledger.parquet"))} ORDER BY sequence`);
  await reader.close();
  expect(Object.keys(rows[0] as SqlRow)).toEqual([...ledgerColumns]);
  expect(rows).toHaveLength(40);
  expect(rows[39]).toMatchObject({ sequence: 39, phase: "hold", fate: "included" });
  expect((await readdir(folder)).sort()).toEqual([expect.stringMatching(/^\.report-/), "evidence", "ledger.parquet"]);
});

test("an accepted transaction that is in no block is lost, or expired once the chain's time has passed its expiration", async () => {
  const run = smallRun({ lifetimeSeconds: 4 });
  removeInclusion(run, 0);
  removeInclusion(run, 39);
  await build(run);
  // The last block is at 5.4 s: transaction 0 expires at 4 s, transaction 39 is due at 1.95 s and expires at 6 s.
  expect(await rowOf(0)).toMatchObject({ outcome: "accepted", fate: "expired", block: null, included_us: null });
  expect(await rowOf(39)).toMatchObject({ outcome: "accepted", fate: "lost" });
});

test("a transaction seen only in orphaned blocks is forked out, one seen again is included", async () => {
  await build(smallRun({ orphanAt: 0 }));
  expect(await rowOf(0)).toMatchObject({ fate: "forked-out", orphanings: 1, block: null, included_us: null });
  expect(await rowOf(2)).toMatchObject({ fate: "included", orphanings: 1 });
});

test("an unanswered transaction that turned up in a block is included and stays unanswered", async () => {
  const run = smallRun();
  const { outcomes } = beaconOf(run, 4);
  outcomes.outcome[2] = codeOfOutcome("unanswered");
  outcomes.reason[2] = codeOfReason("answer-timeout");
  outcomes.answered[2] = Number.NaN;
  await build(run);
  expect(await rowOf(4)).toMatchObject({
    outcome: "unanswered",
    reason: "answer-timeout",
    answered_us: null,
    fate: "included",
  });
});

test("without a row from its beacon a transaction in a block was evidently sent, another was not", async () => {
  const run = smallRun({ beaconLostAt: 2 });
  await build(run);
  // local-2's rows end a second before it was lost.
  expect(await rowOf(19)).toMatchObject({ outcome: "accepted" });
  expect(await rowOf(21)).toMatchObject({
    outcome: "unanswered",
    reason: "beacon-lost",
    fate: "included",
    sent_us: null,
  });
  await ledger?.close();
  removeInclusion(run, 23);
  await build(run);
  expect(await rowOf(23)).toMatchObject({ outcome: "cancelled", reason: "beacon-lost", fate: null, beacon: "local-2" });
  expect(ledger?.integrity).toMatchObject({ reported: 30, made: 10 });
});

test("without even a prepared row the plan says what the transaction would have been", async () => {
  const run = smallRun({ beaconLostAt: 1 });
  const whole = await build(run);
  const before = await whole.database.rows("SELECT node, operation, operations, due_us FROM ledger ORDER BY sequence");
  await whole.close();
  (run.beacons[1] as SyntheticBeacon).preparedRows = 0;
  await rm(evidencePaths(folder).chunks, { recursive: true });
  const { database } = await build(run);
  expect(await database.rows("SELECT node, operation, operations, due_us FROM ledger ORDER BY sequence")).toEqual(
    before,
  );
  expect(await rowOf(21)).toMatchObject({ outcome: "cancelled", bytes: null, phase: "hold", due_us: 1_050_000 });
});

test("before T0 unreported transactions were stopped, not lost", async () => {
  const run = smallRun();
  for (const beacon of run.beacons) beacon.outcomeRows = 0;
  run.inclusions.rows = 0;
  const ending = { ...(run.manifest.ending as NonNullable<typeof run.manifest.ending>), exitName: "stopped" as const };
  run.manifest = { ...run.manifest, t0WallMillis: null, ending };
  await build(run);
  expect(await rowOf(3)).toMatchObject({ outcome: "cancelled", reason: "stopped" });
});

test("rows that come twice change nothing", async () => {
  const run = smallRun();
  const first = await build(run);
  const rows = await first.database.rows("SELECT * FROM ledger ORDER BY sequence");
  await first.close();
  const { outcomes, prepared } = beaconOf(run, 0);
  const store = new ChunkStore(evidencePaths(folder).chunks);
  await store.store("local-1", encodeChunk("outcomes", 1, 1, outcomes, 0, 20));
  await store.store("local-1", encodeChunk("prepared", 1, 1, prepared, 5, 10));
  ledger = await buildLedger(await readEvidence(folder));
  expect(await ledger.database.rows("SELECT * FROM ledger ORDER BY sequence")).toEqual(rows);
  expect(ledger.integrity).toMatchObject({ repeatedRows: 25, conflicting: 0, reported: 40 });
});

test("rows that contradict each other are told, and the one that claims most stands", async () => {
  const run = smallRun();
  const { outcomes } = beaconOf(run, 0);
  await writeSyntheticRun(folder, run);
  outcomes.outcome[0] = codeOfOutcome("cancelled");
  outcomes.sent[0] = Number.NaN;
  const store = new ChunkStore(evidencePaths(folder).chunks);
  await store.store("local-1", encodeChunk("outcomes", 2, 0, outcomes, 0, 1));
  ledger = await buildLedger(await readEvidence(folder));
  expect(ledger.integrity).toMatchObject({ conflicting: 1, repeatedRows: 0 });
  expect(await rowOf(0)).toMatchObject({ outcome: "accepted" });
});

test("rows about transactions that were never planned are told and left out", async () => {
  const run = smallRun();
  (run.beacons[0] as SyntheticBeacon).outcomes.sequence[0] = 4000;
  const { database, integrity } = await build(run);
  expect(integrity).toMatchObject({ unplanned: 1, made: 1, reported: 39 });
  expect(await database.row("SELECT count(*) AS n FROM ledger")).toEqual({ n: 40 });
});

test("in an unlimited phase a transaction is due when it is sent, and the reserve is cancelled", async () => {
  const run = makeSyntheticRun({
    phases: [{ name: "flood", seconds: 2, fromPerSecond: 20, toPerSecond: 20, unlimited: 60 }],
    drainSeconds: 4,
  });
  const { database } = await build(run);
  expect(await database.row("SELECT count(*) AS n FROM ledger WHERE sent_us IS NOT NULL AND due_us = sent_us")).toEqual(
    { n: 40 },
  );
  expect(await rowOf(50)).toMatchObject({ outcome: "cancelled", reason: "phase-over", due_us: null });
});

test("names are text whatever is in them", async () => {
  const run = smallRun();
  const nodes = run.manifest.network.nodes.map((node, i) => ({
    ...node,
    name: `it's "node" ${i}; DROP TABLE ledger --`,
  }));
  run.manifest = { ...run.manifest, network: { ...run.manifest.network, nodes } };
  await build(run);
  expect((await rowOf(0)).node).toMatch(/^it's "node" \d; DROP TABLE ledger --$/);
});

test("a run without a single transaction has an empty ledger", async () => {
  const run = smallRun({ phases: [] });
  run.inclusions.rows = 0;
  const { database } = await build(run);
  expect(await database.row("SELECT count(*) AS n FROM ledger")).toEqual({ n: 0 });
});

test("an aborted build leaves no working folder", async () => {
  await writeSyntheticRun(folder, smallRun());
  const reason = new Error("enough");
  await expect(buildLedger(await readEvidence(folder), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(await readdir(folder)).toEqual(["evidence"]);
});

test.each([
  ["whom its window was dealt to", "redistribute", [["local-1", { cycle: 1, slots: [0] }]], "local-1", "aborted"],
  ["nobody, where its window was not dealt out and others take over", "redistribute", [], null, "aborted"],
  [
    "the lost beacon whose share nobody took",
    "continue",
    [["local-1", { cycle: 2, slots: [0] }]],
    "local-2",
    "beacon-lost",
  ],
] as const)(
  "a transaction of a later window of which nothing came is put to %s",
  async (_, policy, dealt, beacon, reason) => {
    const run = smallRun({ beaconLostAt: 0.5 });
    for (const one of run.beacons) {
      one.preparedRows = 10;
      one.outcomeRows = Math.min(one.outcomeRows, 10);
    }
    run.inclusions.rows = 0;
    const window = { startMicros: 0, baseExpirationSeconds: 1, firstSequence: 0, endSequence: 20 };
    run.manifest = {
      ...run.manifest,
      scenario: { ...run.manifest.scenario, onBeaconLost: policy },
      windows: [
        { ...window, number: 1, epoch: 1, armed: true },
        {
          ...window,
          ...{ number: 2, epoch: dealt.length === 0 ? null : 2, armed: false, startMicros: 1e6 },
          ...{ firstSequence: 20, endSequence: 40 },
          members: dealt.map(([name, share]) => ({
            beacon: name,
            share: { cycle: share.cycle, slots: [...share.slots] },
          })),
        },
      ],
    };
    await build(run);
    expect(await rowOf(21)).toMatchObject({ beacon, outcome: "cancelled", reason });
    expect(await rowOf(22)).toMatchObject({ beacon: "local-1", outcome: "cancelled", reason: "aborted" });
  },
);
