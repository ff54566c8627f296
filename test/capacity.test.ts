import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { SearchPoint } from "../overseer/capacity/search-point.ts";
import type { CapacitySummary } from "../overseer/reporting/capacity/capacity-summary.ts";
import { exitCodes } from "../shared/errors/exit-codes.ts";
import { type Finished, onlyRun, Program, processesWith, readJson, temporaryFolder } from "./support/programs.ts";
import { shortScenario, writeScenario } from "./support/scenarios.ts";

const capacityPerSecond = 100;

/** One node that is known to take so many transactions per second, and points as short as they may be. */
const scenario = shortScenario({
  network: { embedded: { nodes: 1, blockInterval: "1s", nodeBehaviours: [{ capacityPerSecond }] } },
  workload: { mix: { transfer: 1 } },
  beacons: { count: 1 },
  thresholds: {},
  drain: "30s",
  capacity: { from: "90 tx/s", growth: 1.3, resolution: "3 %", warmUp: "1s", hold: "8s", confirm: "8s", repeats: 2 },
});

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

/** Those that a test started elsewhere. */
const beacons: Program[] = [];

afterEach(async () => {
  for (const beacon of beacons.splice(0)) {
    beacon.signal("SIGTERM");
    await beacon.finished;
  }
  await folder.remove();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** A machine that was too busy for the beacons ends a search with a code of its own; it is gone on with, as users would. */
async function despiteABusyMachine(first: Finished, options: readonly string[] = []): Promise<Finished> {
  let last = first;
  for (let tries = 0; tries < 5 && last.code === exitCodes["generator-bound"]; tries++) {
    const search = await onlyRun(join(folder.path, "reports"));
    last = await new Program("overseer", ["capacity", "--resume", search, "--json", ...options]).finished;
  }
  return last;
}

/** Few points: every point is a run of its own. */
const antelope = {
  ...scenario,
  chain: "antelope",
  network: { embedded: { nodes: 1, nodeBehaviours: [{ capacityPerSecond }] } },
  accounts: { count: 20, balance: "1000000 EOS" },
  capacity: { from: "88 tx/s", growth: 1.1, resolution: "11 %", warmUp: "1s", hold: "6s", confirm: "6s", repeats: 2 },
};

test.each([
  ["BitShares", scenario],
  ["Antelope", antelope],
])(
  "lands within 5 % of a known capacity, on one network, with a report of each point: %s",
  async (_, searched) => {
    const file = await writeScenario(folder.path, searched);
    const first = await new Program("overseer", ["capacity", file, "--reports", join(folder.path, "reports")]).finished;
    const finished = await despiteABusyMachine(first);
    expect({ code: finished.code, err: finished.code === 0 ? "" : finished.err }).toEqual({ code: 0, err: "" });
    const search = await onlyRun(join(folder.path, "reports"));
    const { outcome, points, confirmed } = await readJson<CapacitySummary>(join(search, "capacity.json"));
    expect(outcome?.kind).toBe("confirmed");
    expect(Math.abs((outcome?.sustainedPerSecond ?? 0) / capacityPerSecond - 1)).toBeLessThan(0.05);
    expect(confirmed?.repeats).toBe(2);
    expect(await readdir(join(search, "points"))).toHaveLength(points.length);
    const chains = await Promise.all(
      points.map(async ({ runFolder }) => {
        const run = await readJson<{ network: { chainId: string; headNumber: number } }>(
          join(search, runFolder, "run.json"),
        );
        return run.network;
      }),
    );
    if (finished === first) {
      // An embedded network lives as long as its overseer.
      expect(new Set(chains.map(({ chainId }) => chainId)).size).toBe(1);
      const heads = chains.map(({ headNumber }) => headNumber);
      expect(heads).toEqual([...heads].sort((a, b) => a - b));
    }
    expect(await readFile(join(search, "report.html"), "utf8")).toContain("The network sustains");
    expect(await processesWith(folder.path)).toEqual([]);
  },
  2_000_000,
);

test("a search that is stopped keeps its points and goes on from them, with the beacons that come back", async () => {
  const quick = {
    ...scenario,
    capacity: { from: "10 tx/s", to: "12 tx/s", warmUp: "0s", hold: "5s", confirm: "5s", repeats: 2 },
  };
  const file = await writeScenario(folder.path, quick);
  const tokenFile = join(folder.path, "token");
  await writeFile(tokenFile, "a-token-of-some-length");
  const address = `127.0.0.1:${await freePort()}`;
  const elsewhere = ["--expect", "1", "--listen", address, "--token-file", tokenFile];
  const stopped = new Program("overseer", ["capacity", file, "--reports", join(folder.path, "reports"), ...elsewhere]);
  const beacon = new Program("beacon", [
    ...["--overseer", `http://${address}`, "--name", "east", "--token-file", tokenFile, "--spool", folder.path],
  ]);
  beacons.push(beacon);
  await stopped.says(/^climb /m, 180_000);
  stopped.signal("SIGINT");
  const { code } = await stopped.finished;
  // Beacons that were too slow end a search, too; it is gone on with in the same way.
  expect([exitCodes.stopped, exitCodes["generator-bound"]]).toContain(code);
  const search = await onlyRun(join(folder.path, "reports"));
  const before = await readJson<{ points: SearchPoint[] }>(join(search, "search.json"));
  expect(before.points.length).toBeGreaterThanOrEqual(1);
  const { outcome } = await readJson<CapacitySummary>(join(search, "capacity.json"));
  expect(outcome?.kind ?? "none").toBe(code === exitCodes.stopped ? "none" : "generator-bound");
  const forgotten = await new Program("overseer", ["capacity", "--resume", search]).finished;
  expect(forgotten.code).toBe(exitCodes.usage);
  const resumed = await despiteABusyMachine(
    await new Program("overseer", ["capacity", "--resume", search, "--json", ...elsewhere]).finished,
    elsewhere,
  );
  expect({ code: resumed.code, err: resumed.err }).toEqual({ code: 0, err: "" });
  const after = await readJson<CapacitySummary>(join(search, "capacity.json"));
  expect(after.outcome).toEqual({ kind: "ceiling", sustainedPerSecond: 12, brokeAtPerSecond: null });
  // Points that the beacons were too slow for at the end are measured again.
  const kept = before.points.slice(0, before.points.findLastIndex(({ verdict }) => verdict !== "generator-bound") + 1);
  const { points } = await readJson<{ points: SearchPoint[] }>(join(search, "search.json"));
  expect(points.slice(0, kept.length)).toEqual(kept);
  expect(beacon.child.exitCode).toBeNull();
}, 900_000);

test("a folder that is no search's cannot be resumed", async () => {
  await writeFile(join(folder.path, "search.json"), "{}");
  const finished = await new Program("overseer", ["capacity", "--resume", folder.path]).finished;
  expect(finished.code).toBe(2);
});
