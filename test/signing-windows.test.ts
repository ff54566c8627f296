import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { readManifest } from "../overseer/ledger/read-evidence.ts";
import type { RunSummary } from "../overseer/reporting/run-summary.ts";
import { waitUntil } from "../shared/time/wait.ts";
import { onlyRun, Program, processesWith, readJson, temporaryFolder } from "./support/programs.ts";
import { shortScenario, writeScenario } from "./support/scenarios.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  // Of a test that failed.
  for (const pid of await processesWith(folder.path)) process.kill(pid, "SIGKILL");
  await folder.remove();
});

/** 45 s on a network that takes no expiration more than 20 s ahead, signed in windows of 15 s. */
const windowed = {
  network: { embedded: { nodes: 2, blockInterval: "1s", maximumLifetime: "20s" } },
  workload: { mix: { transfer: 1 } },
  phases: [{ name: "hold", rate: "40 tx/s", for: "45s" }],
  lifetime: "9s",
  drain: "9s",
  thresholds: {},
};

async function start(changes: Record<string, unknown>): Promise<Program> {
  const path = await writeScenario(folder.path, shortScenario({ ...windowed, ...changes }));
  return new Program("overseer", ["run", path, "--reports", join(folder.path, "reports"), "--json"]);
}

async function end(program: Program) {
  const { code, err } = await program.finished;
  const runFolder = await onlyRun(join(folder.path, "reports")).catch(() => null);
  if (runFolder === null) return { code, err, summary: null, manifest: null };
  const summary = await readJson<RunSummary>(join(runFolder, "run.json"));
  await waitUntil(async () => (await processesWith(folder.path)).length === 0, {
    timeoutMs: 10_000,
    onTimeout: () => new Error("processes were left running"),
  });
  return { code, err, summary, manifest: await readManifest(runFolder) };
}

describe("a run that is signed in windows", () => {
  test("sends every transaction, and each is valid when it is due and for its lifetime", async () => {
    const program = await start({ beacons: { count: 2, signingWindow: "15s" } });
    const { code, err, summary, manifest } = await end(program);
    // How late a beacon was is the machine's matter: what it held back is accounted for.
    expect({ code: code === 110 ? 0 : code, err }).toMatchObject({ code: 0 });
    expect(summary?.verdicts.accounting.lines.filter((line) => !line.holds)).toEqual([]);
    const { counts } = summary?.overall ?? {};
    expect(counts).toMatchObject({ planned: 1800, cancelled: 0, rejected: 0, unanswered: 0, expired: 0, lost: 0 });
    expect((counts?.sent ?? 0) + (counts?.shed ?? 0)).toBe(1800);
    expect(counts?.sent).toBeGreaterThan(1700);
    expect(counts?.included).toBe(counts?.sent);
    const windows = manifest?.windows ?? [];
    expect(windows.map(({ firstSequence, endSequence, armed }) => [firstSequence, endSequence, armed])).toEqual([
      [0, 600, true],
      [600, 1200, true],
      [1200, 1800, true],
    ]);
    expect(new Set(windows.map((window) => window.epoch)).size).toBe(3);
    for (const beacon of summary?.beacons ?? []) expect(beacon.preparation?.transactions).toBe(900);
  }, 150_000);

  test("goes on with the others when a beacon dies in the second one, and they take over all that it had left", async () => {
    const program = await start({
      beacons: { count: 3, signingWindow: "15s", lease: "4s" },
      onBeaconLost: "redistribute",
    });
    await program.says(/"stage":"broadcasting","elapsedMicros":(1[7-9]|[2-9]\d)\d{6}\b/, 90_000);
    const ours = await processesWith(folder.path);
    const pid = (await processesWith(join("spool", "local-2"))).find((candidate) => ours.includes(candidate));
    process.kill(pid as number, "SIGKILL");
    const { code, summary, manifest } = await end(program);
    // How late a beacon was is the machine's matter: what it held back is accounted for.
    expect([0, 110]).toContain(code);
    expect(summary?.verdicts.accounting.lines.filter((line) => !line.holds)).toEqual([]);
    const counts = summary?.overall.counts;
    expect(counts?.planned).toBe(1800);
    expect((counts?.sent ?? 0) + (counts?.shed ?? 0) + (counts?.cancelled ?? 0)).toBe(1800);
    // A third of the load of some ten seconds is the most that may be missing, and none of the last window.
    expect(counts?.included).toBeGreaterThan(1600);
    expect(manifest?.windows?.every((window) => window.armed)).toBe(true);
    const last = summary?.timeline.sentPerSecond.slice(32, 44) ?? [];
    expect(last.length).toBeGreaterThan(10);
    expect(last.reduce((sum, rate) => sum + rate, 0) / last.length).toBeGreaterThan(20);
  }, 180_000);
});

test("a plan whose windows cannot work is refused before anything is sent", async () => {
  const program = await start({
    phases: [{ name: "hold", rate: "9000 tx/s", for: "60s" }],
    beacons: { count: 1, signingWindow: "15s" },
  });
  const { code, err, summary } = await end(program);
  expect(code).toBe(104);
  expect(err).toContain("beacons.signingWindow");
  expect(summary).toBeNull();
}, 90_000);
