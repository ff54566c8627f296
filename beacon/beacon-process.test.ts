import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createSampleContext } from "../shared/chains/bitshares/sample-context.ts";
import { outcomes, reasons } from "../shared/chains/outcome.ts";
import { exitCodes } from "../shared/errors/exit-codes.ts";
import type { ChunkOf } from "../shared/ledger/chunk.ts";
import type { ClockEstimate, Configure, Prepare } from "../shared/protocol/messages.ts";
import { createDueCursor } from "../shared/scenario/load-profile.ts";
import { LatencyHistogram } from "../shared/stats/histogram.ts";
import { systemClock } from "../shared/time/clock.ts";
import { waitUntil } from "../shared/time/wait.ts";
import { ScriptedNode } from "./testing/scripted-node.ts";
import { TestOverseer } from "./testing/test-overseer.ts";

const second = 1e6;
const epoch = 3;

let overseer: TestOverseer;
let node: ScriptedNode;
let spool: string;
let children: ChildProcess[];

beforeEach(async () => {
  overseer = new TestOverseer();
  node = new ScriptedNode();
  children = [];
  spool = await mkdtemp(join(tmpdir(), "beacon-test-"));
});

afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  await Promise.allSettled([overseer.close(), node.close(), rm(spool, { recursive: true, force: true })]);
});

function startBeacon(url: string, ...more: string[]): { child: ChildProcess; log: () => string } {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "beacon/main.ts", "--overseer", url, "--name", "b-1", "--spool", spool, ...more],
    { stdio: ["pipe", "ignore", "pipe"], env: { ...process.env, LOADSTONE_TOKEN: "a-token-for-tests" } },
  );
  children.push(child);
  let log = "";
  child.stderr?.on("data", (data: Buffer) => {
    log += data.toString();
  });
  return { child, log: () => log };
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  await waitUntil(condition, { timeoutMs: 20_000, onTimeout: () => new Error(`not in time: ${what}`) });
}

function assignment(endpoint: string, perSecond: number, seconds: number): { configure: Configure; prepare: Prepare } {
  const { seed, network, workload, resolved, reference } = createSampleContext({ accounts: 5 });
  const segments = [{ durationMicros: seconds * second, fromPerSecond: perSecond, toPerSecond: perSecond }];
  return {
    configure: {
      runId: "run/of the test",
      epoch,
      chain: "bitshares",
      seed,
      network: { ...network, nodes: network.nodes.map((one) => ({ ...one, endpoint })) },
      workload,
      resolved,
      phases: [
        {
          index: 0,
          name: "hold",
          measured: true,
          startMicros: 0,
          durationMicros: seconds * second,
          firstSequence: 0,
          transactions: createDueCursor(segments).transactions,
          load: { kind: "paced", arrivals: { kind: "even" }, segments },
        },
      ],
      firstSequence: 0,
      endSequence: createDueCursor(segments).transactions,
      underWay: false,
      share: { cycle: 2, slots: [1] },
      sending: { shedAfterMicros: second, inFlightBound: 1000, answerTimeoutMicros: 2 * second },
      connectionsPerNode: 1,
      signingThreads: 1,
      signingPriority: "normal",
      answerGraceMicros: 2 * second,
    },
    prepare: { epoch, reference, baseExpirationSeconds: 1_795_000_000 },
  };
}

async function configured(
  perSecond: number,
  seconds: number,
  ...more: string[]
): Promise<ReturnType<typeof startBeacon>> {
  const beacon = startBeacon(await overseer.listen(), ...more);
  await until("the beacon to connect", () => overseer.socket !== null);
  const { configure, prepare } = assignment(await node.listen(), perSecond, seconds);
  expect(await overseer.request("configure", configure)).toEqual({ ok: true, value: null });
  expect(await overseer.request("prepare", prepare)).toEqual({ ok: true, value: null });
  await until("the beacon to be prepared", () => overseer.prepared.length > 0);
  return beacon;
}

async function arm(inMicros: number): Promise<void> {
  const reply = await overseer.request("arm", { epoch, t0Micros: systemClock.nowMicros() + inMicros, leaseMs: 15_000 });
  if (!reply.ok) throw new Error(JSON.stringify(reply));
  // Both read the clock of one host, so that what the beacon finds between them is its error, which it has to cover.
  const { offsetMicros, uncertaintyMicros } = reply.value as ClockEstimate;
  expect(Math.abs(offsetMicros)).toBeLessThanOrEqual(uncertaintyMicros);
}

function outcomeChunks(): ChunkOf<"outcomes">[] {
  return overseer.chunks.filter((chunk) => chunk.table === "outcomes") as ChunkOf<"outcomes">[];
}

/** How many rows ended in each way. */
function tally(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { columns } of outcomeChunks()) {
    for (const [i, outcome] of columns.outcome.entries()) {
      const end = `${outcomes[outcome]}/${reasons[columns.reason[i] as number]}`;
      counts[end] = (counts[end] ?? 0) + 1;
    }
  }
  return counts;
}

test("a run from configure to release: every row is reported once, on schedule, and the spool is gone", async () => {
  const { child, log } = await configured(200, 2);
  await arm(300_000);
  await until("the beacon to drain", () => overseer.statuses.at(-1)?.state === "drained");
  const report = await overseer.collect(epoch);
  expect(report).toMatchObject({ epoch, rows: 200, preparedChunks: 1 });
  expect(node.received).toBe(200);
  expect(tally()).toEqual({ "accepted/none": 200 });

  const rows = outcomeChunks().sort((a, b) => a.number - b.number);
  const sequences = rows.flatMap(({ columns }) => [...columns.sequence]);
  expect(sequences).toEqual(Array.from({ length: 200 }, (_, i) => 2 * i + 1));
  const dues = rows.flatMap(({ columns }) => [...columns.due]);
  expect(dues.map((due) => Math.round(due))).toEqual(sequences.map((sequence) => sequence * 5000));
  for (const { columns } of rows) {
    for (let i = 0; i < columns.sequence.length; i++) {
      expect(columns.sent[i] as number).toBeGreaterThanOrEqual(columns.due[i] as number);
      expect(columns.answered[i] as number).toBeGreaterThan(columns.sent[i] as number);
    }
  }
  const histograms = overseer.statuses.flatMap(({ intervalHistograms }) => intervalHistograms.lateness ?? []);
  expect(histograms.reduce((sum, text) => sum + LatencyHistogram.decode(text).count, 0)).toBe(200);
  expect(overseer.statuses.at(-1)?.counters).toMatchObject([{ phase: 0, due: 200, sent: 200, accepted: 200 }]);

  expect((await overseer.request("release", { epoch })).ok).toBe(true);
  expect(await readdir(join(spool, "b-1"))).toEqual([]);
  expect(log()).not.toContain(createSampleContext({ accounts: 5 }).resolved.accounts[0]?.privateKey);
  overseer.socket?.emit("shutdown", () => undefined);
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("a node that closes its connection and an overseer that goes away for a while lose no row", async () => {
  await configured(200, 3);
  let silent = 0;
  node.answerTo = (id) => (++silent > 20 ? `{"id":${id},"result":null}` : null);
  await arm(300_000);
  await until("a part to be sent", () => node.received > 30);
  node.cutConnections();
  await until("the beacon to say so", () => overseer.troubles.some((trouble) => trouble.node === "node-1"));
  overseer.dropBeacon();
  await until("the beacon to come back", () => overseer.connections === 2);
  await until("the beacon to drain", () => overseer.statuses.at(-1)?.state === "drained");
  const report = await overseer.collect(epoch);
  expect(report.rows).toBe(300);
  expect(outcomeChunks().reduce((sum, { rows }) => sum + rows, 0)).toBe(300);
  const { "accepted/none": accepted, "unanswered/connection-lost": lost } = tally();
  expect(lost).toBeGreaterThanOrEqual(20);
  expect((accepted ?? 0) + (lost ?? 0)).toBe(300);
  expect(overseer.statuses.findLast((status) => status.sample !== null)?.sample?.connections).toEqual([
    { node: "node-1", open: 1, lost: 1 },
  ]);
});

test("when standard input closes the beacon stops sending and leaves its rows in the spool", async () => {
  const { child } = await configured(200, 20, "--watch-stdin");
  await arm(200_000);
  await until("a part to be sent", () => node.received > 30);
  overseer.takesChunks = false;
  child.stdin?.end();
  expect(await once(child, "exit")).toEqual([exitCodes.stopped, null]);
  const before = node.received;
  const [directory] = await readdir(join(spool, "b-1"));
  const files = await readdir(join(spool, "b-1", directory as string));
  expect(files.some((file) => file.startsWith("outcomes-") && file.endsWith(".chunk"))).toBe(true);
  expect(node.received).toBe(before);
});

test("a beacon that is released while it prepares can be given another assignment", async () => {
  startBeacon(await overseer.listen());
  await until("the beacon to connect", () => overseer.socket !== null);
  const endpoint = await node.listen();
  const long = assignment(endpoint, 5000, 100);
  expect((await overseer.request("configure", long.configure)).ok).toBe(true);
  expect((await overseer.request("prepare", long.prepare)).ok).toBe(true);
  await until("a part to be signed", () => (overseer.statuses.at(-1)?.prepared ?? 0) > 0);
  expect((await overseer.request("release", { epoch })).ok).toBe(true);
  expect((await overseer.request("prepare", long.prepare)).ok).toBe(false);
  const short = assignment(endpoint, 100, 1);
  expect((await overseer.request("configure", { ...short.configure, epoch: epoch + 1 })).ok).toBe(true);
  expect((await overseer.request("prepare", { ...short.prepare, epoch: epoch + 1 })).ok).toBe(true);
  await until("the beacon to be prepared", () => overseer.prepared.length > 0);
  expect(overseer.prepared[0]).toMatchObject({ epoch: epoch + 1, transactions: 50 });
  expect(overseer.failures).toEqual([]);
});

test("a beacon that is told to end while it prepares does so cleanly", async () => {
  const { child, log } = startBeacon(await overseer.listen());
  await until("the beacon to connect", () => overseer.socket !== null);
  const { configure, prepare } = assignment(await node.listen(), 5000, 100);
  expect((await overseer.request("configure", configure)).ok).toBe(true);
  expect((await overseer.request("prepare", prepare)).ok).toBe(true);
  await until("a part to be signed", () => (overseer.statuses.at(-1)?.prepared ?? 0) > 0);
  child.kill("SIGTERM");
  expect([...(await once(child, "exit")), log()]).toEqual([
    exitCodes.stopped,
    null,
    expect.not.stringContaining("Error"),
  ]);
});

test("SIGTERM ends a beacon in the middle of a run, with everything handed in", async () => {
  const { child } = await configured(200, 20, "--watch-stdin");
  await arm(200_000);
  await until("a part to be sent", () => node.received > 30);
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([exitCodes.stopped, null]);
  expect(outcomeChunks().reduce((sum, { rows }) => sum + rows, 0)).toBe(2000);
  const { "accepted/none": accepted = 0, "cancelled/stopped": cancelled = 0, ...others } = tally();
  // What was on its way at that moment is not waited for.
  const unanswered = Object.values(others).reduce((sum, count) => sum + count, 0);
  expect(Object.keys(others).filter((name) => !name.startsWith("unanswered/"))).toEqual([]);
  expect({ sent: accepted + unanswered, cancelled }).toEqual({ sent: node.received, cancelled: 2000 - node.received });
  expect(await readdir(join(spool, "b-1"))).toEqual([]);
});

test("a refused handshake ends the process with the overseer's words", async () => {
  const { child, log } = startBeacon(await overseer.listen("the token is not the overseer's"));
  expect(await once(child, "exit")).toEqual([exitCodes["beacon-lost"], null]);
  expect(log()).toContain("the token is not the overseer's");
});

test("an overseer that cannot be reached ends the process when the time is up", async () => {
  const { child, log } = startBeacon("http://127.0.0.1:9", "--connect-timeout", "1");
  expect(await once(child, "exit")).toEqual([exitCodes.network, null]);
  expect(log()).toContain("could not be reached within 1 s");
});
