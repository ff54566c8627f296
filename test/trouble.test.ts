import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { RunSummary } from "../overseer/reporting/run-summary.ts";
import { exitCodes } from "../shared/errors/exit-codes.ts";
import { waitUntil } from "../shared/time/wait.ts";
import { broadcastingFor, onlyRun, Program, processesWith, readJson, temporaryFolder } from "./support/programs.ts";
import { sentHoweverLate, shortScenario, writeScenario } from "./support/scenarios.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  // Of a test that failed.
  for (const pid of await processesWith(folder.path)) process.kill(pid, "SIGKILL");
  await folder.remove();
});

async function start(scenario: Record<string, unknown>): Promise<Program> {
  const path = await writeScenario(folder.path, scenario);
  return new Program("overseer", ["run", path, "--reports", join(folder.path, "reports"), "--json"]);
}

async function end(program: Program): Promise<{ code: number | null; err: string; summary: RunSummary }> {
  const { code, err } = await program.finished;
  const summary = await readJson<RunSummary>(join(await onlyRun(join(folder.path, "reports")), "run.json"));
  await waitUntil(async () => (await processesWith(folder.path)).length === 0, {
    timeoutMs: 10_000,
    onTimeout: () => new Error("processes were left running"),
  });
  expect(err).not.toMatch(/\n\s+at /);
  return { code, err, summary };
}

/** The beacon's process, by its spool's path on the command line. */
async function beaconPid(name: string): Promise<number> {
  const found = await processesWith(join("spool", name));
  const ours = await processesWith(folder.path);
  const pid = found.find((candidate) => ours.includes(candidate));
  if (pid === undefined) throw new Error(`no process of beacon ${name}`);
  return pid;
}

/** Passed, or passed but for beacons that were late because the machine was busy. */
const passedOnThisMachine: readonly unknown[] = [exitCodes.passed, exitCodes["generator-bound"]];
const longHold = [{ name: "hold", rate: "100 tx/s", for: "6s" }];

describe("a beacon that dies", () => {
  test("while it signs: the run ends at once, with code 112 and a report", async () => {
    const program = await start(
      shortScenario({
        phases: [{ name: "hold", rate: "5000 tx/s", for: "20s" }],
        accounts: { count: 50, balance: "10000000 BTS" },
        workload: { mix: { transfer: 1 } },
      }),
    );
    await program.says(/"type":"preparing"/);
    process.kill(await beaconPid("local-2"), "SIGKILL");
    const { code, err, summary } = await end(program);
    expect(code).toBe(112);
    expect(err).toContain("local-2");
    expect(summary.stage).toBe("not-started");
  }, 90_000);

  test("while it broadcasts: the others go on, the gap is in the report and every transaction is accounted for", async () => {
    const program = await start(shortScenario({ phases: longHold, thresholds: {}, sending: sentHoweverLate }));
    await program.says(broadcastingFor(2));
    process.kill(await beaconPid("local-2"), "SIGKILL");
    const { code, summary } = await end(program);
    expect(passedOnThisMachine).toContain(code);
    expect(summary.verdicts.validity.checks.find((check) => check.name === "beacons")?.verdict).toBe("degraded");
    expect(summary.verdicts.accounting.holds).toBe(true);
    expect(summary.beacons.find((beacon) => beacon.name === "local-2")?.lost).not.toBeNull();
    const { counts } = summary.phases[0] as RunSummary["phases"][number];
    expect(counts.planned).toBe(600);
    expect(counts.cancelled).toBeGreaterThan(100);
    expect(counts.sent + counts.shed + counts.cancelled).toBe(600);
    expect(counts.included).toBeGreaterThan(400);
    const survivor = summary.breakdowns.byBeacon.find((beacon) => beacon.name === "local-1");
    expect(survivor?.counts).toMatchObject({ planned: 300, included: 300 });
  }, 90_000);

  test("while answers are waited for: its ledger is kept as far as it came", async () => {
    const program = await start(shortScenario({ phases: longHold, thresholds: {}, onBeaconLost: "fail" }));
    await program.says(broadcastingFor(5));
    process.kill(await beaconPid("local-1"), "SIGKILL");
    const { code, summary } = await end(program);
    // A busy machine makes beacons late as well, which is told first.
    const beaconLostHere: readonly unknown[] = [exitCodes["beacon-lost"], exitCodes["generator-bound"]];
    expect(beaconLostHere).toContain(code);
    expect(summary.ending?.exitName).toBe("beacon-lost");
    expect(summary.beacons.find((beacon) => beacon.name === "local-1")?.lost).not.toBeNull();
    expect(summary.verdicts.accounting.lines.length).toBeGreaterThan(0);
    expect(summary.phases[0]?.counts.planned).toBe(600);
  }, 90_000);
});

describe("a network in trouble", () => {
  // Counted from the network's start, and how long beacons take after it is the machine's matter.
  const cuts = Array.from({ length: 50 }, (_, i) => 9000 + 1000 * i);

  test("a node that cuts all connections: sending goes on and the cut is in the report", async () => {
    const program = await start(
      shortScenario({
        network: { embedded: { nodes: 2, nodeBehaviours: [{ dropConnectionsAtMs: cuts }] } },
        phases: [{ name: "hold", rate: "50 tx/s", for: "10s" }],
        thresholds: {},
      }),
    );
    const { summary } = await end(program);
    expect(summary.verdicts.accounting.holds).toBe(true);
    const lost = summary.beacons.reduce((sum, beacon) => sum + (beacon.resources?.connectionsLost ?? 0), 0);
    expect(lost).toBeGreaterThan(0);
    expect(summary.overall.counts.included).toBeGreaterThan(300);
  }, 90_000);

  test("a node that stalls: the latency from due shows it", async () => {
    const program = await start(
      shortScenario({
        network: {
          embedded: {
            nodes: 1,
            nodeBehaviours: [
              { stalls: Array.from({ length: 25 }, (_, i) => ({ atMs: 8000 + 2000 * i, forMs: 1000 })) },
            ],
          },
        },
        beacons: { count: 1 },
        phases: [{ name: "hold", rate: "50 tx/s", for: "6s" }],
        thresholds: {},
      }),
    );
    const { summary } = await end(program);
    const answer = summary.overall.latencies.answerIntended;
    expect(answer?.max.micros).toBeGreaterThan(500_000);
    expect(summary.verdicts.accounting.holds).toBe(true);
  }, 90_000);

  test("an embedded network that dies ends the run with code 113 and a report", async () => {
    const program = await start(shortScenario({ phases: longHold }));
    await program.says(broadcastingFor(2));
    const ours = await processesWith(folder.path);
    const pid = (await processesWith("devnet.json")).find((candidate) => ours.includes(candidate));
    if (pid === undefined) throw new Error("no process of the embedded network");
    process.kill(pid, "SIGKILL");
    const { code, summary } = await end(program);
    expect(code).toBe(113);
    expect(summary.stage).toBe("cut-short");
  }, 120_000);
});

describe("Ctrl-C", () => {
  test("once ends the sending and still writes a true report", async () => {
    const program = await start(shortScenario({ phases: [{ name: "hold", rate: "100 tx/s", for: "60s" }] }));
    await program.says(broadcastingFor(2));
    program.signal("SIGINT");
    const { code, summary } = await end(program);
    expect(code).toBe(105);
    const { counts } = summary.overall;
    expect(counts.planned).toBe(6000);
    expect(counts.cancelled).toBeGreaterThan(5000);
    expect(counts.sent + counts.shed + counts.cancelled).toBe(6000);
    expect(counts.included).toBe(counts.accepted);
    expect(summary.verdicts.accounting.holds).toBe(true);
  }, 90_000);

  test("before the start ends the run with a report that says so", async () => {
    const program = await start(
      shortScenario({
        phases: [{ name: "hold", rate: "5000 tx/s", for: "20s" }],
        accounts: { count: 50, balance: "10000000 BTS" },
        workload: { mix: { transfer: 1 } },
      }),
    );
    await program.says(/"type":"preparing"/);
    program.signal("SIGINT");
    const { code, summary } = await end(program);
    expect(code).toBe(105);
    expect(summary.stage).toBe("not-started");
  }, 90_000);

  const slowSigning = {
    phases: [{ name: "hold", rate: "5000 tx/s", for: "20s" }],
    accounts: { count: 50, balance: "10000000 BTS" },
    workload: { mix: { transfer: 1 } },
  };
  const quick = { network: { embedded: { nodes: 1, blockInterval: "1s" } }, workload: { mix: { transfer: 1 } } };
  const forgetful = { network: { embedded: { nodes: 1, blockInterval: "1s", nodeBehaviours: [{ forgetShare: 1 }] } } };

  test.each([
    ["while it is prepared", slowSigning, /"type":"preparing"/],
    ["before the first is due", {}, /"label":"start"/],
    ["while it broadcasts", { phases: [{ name: "hold", rate: "100 tx/s", for: "60s" }] }, broadcastingFor(2)],
    ["while blocks are waited for", { ...forgetful, drain: "100s" }, /"stage":"draining"/],
    ["while the report is made", {}, /"label":"report"/],
  ])(
    "twice ends everything at once %s",
    async (_, changes, stage) => {
      const program = await start(shortScenario({ ...quick, ...changes }));
      await program.says(stage, 60_000);
      program.signal("SIGINT");
      await program.says(/stopping/);
      await endsAtOnce(program);
    },
    120_000,
  );

  test("twice ends everything at once although a beacon hangs and ledgers are collected", async () => {
    const program = await start(shortScenario({ ...quick, phases: [{ name: "hold", rate: "100 tx/s", for: "60s" }] }));
    await program.says(broadcastingFor(2), 60_000);
    process.kill(await beaconPid("local-1"), "SIGSTOP");
    program.signal("SIGINT");
    // The other has nothing left to send and is done.
    await program.says(/"name":"local-2","state":"drained"/);
    await endsAtOnce(program);
  }, 120_000);

  /** A machine that is busy with other tests takes seconds for what is a moment. */
  async function endsAtOnce(program: Program): Promise<void> {
    program.signal("SIGINT");
    await waitUntil(() => program.child.exitCode !== null, {
      timeoutMs: 10_000,
      onTimeout: () => new Error(`did not end:\n${program.err}\n${program.out}`),
    });
    const { code, err } = await program.finished;
    expect({ code, err }).toMatchObject({ code: 105 });
    await waitUntil(async () => (await processesWith(folder.path)).length === 0, {
      timeoutMs: 10_000,
      onTimeout: () => new Error("processes were left running"),
    });
  }

  test("an overseer that is killed takes its beacons and its network with it", async () => {
    const program = await start(shortScenario({ phases: [{ name: "hold", rate: "100 tx/s", for: "60s" }] }));
    await program.says(broadcastingFor(2));
    program.signal("SIGKILL");
    await program.finished;
    await waitUntil(async () => (await processesWith(folder.path)).length === 0, {
      timeoutMs: 20_000,
      onTimeout: () => new Error("processes were left running"),
    });
  }, 60_000);
});

describe("beacons from elsewhere", () => {
  test("an overseer that expects beacons takes those that join, and runs with them", async () => {
    const { writeFile } = await import("node:fs/promises");
    const token = join(folder.path, "token");
    await writeFile(token, "a-token-of-some-length");
    const path = await writeScenario(folder.path, shortScenario());
    const program = new Program("overseer", [
      "run",
      path,
      "--reports",
      join(folder.path, "reports"),
      "--expect",
      "2",
      "--listen",
      "127.0.0.1:0",
      "--token-file",
      token,
      "--json",
    ]);
    const [, url] = await program.says(/--overseer (http:\/\/127\.0\.0\.1:\d+)/);
    const beacons = ["east", "west"].map(
      (name) =>
        new Program("beacon", [
          "--overseer",
          url as string,
          "--name",
          name,
          "--token-file",
          token,
          "--spool",
          join(folder.path, name),
        ]),
    );
    const { code } = await program.finished;
    const summary = await readJson<RunSummary>(join(await onlyRun(join(folder.path, "reports")), "run.json"));
    for (const beacon of beacons) beacon.signal("SIGTERM");
    await Promise.all(beacons.map((beacon) => beacon.finished));
    expect(passedOnThisMachine).toContain(code);
    expect(summary.beacons.map((beacon) => beacon.name)).toEqual(["east", "west"]);
    expect(summary.overall.counts.included).toBe(400);
  }, 90_000);
});
