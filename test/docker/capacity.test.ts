import { access, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { stringify } from "yaml";
import type { SearchPoint } from "../../overseer/capacity/search-point.ts";
import type { RunSummary } from "../../overseer/reporting/run-summary.ts";
import { exitCodes } from "../../shared/errors/exit-codes.ts";
import { broadcastingFor, onlyRun, Program, readJson, temporaryFolder } from "../support/programs.ts";
import { deploymentOf, docker, ensureSwarm, ledgerDigests, loseForGood, overseer, remainsOf } from "./support.ts";

const capacityPerSecond = 40;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let count = 0;
const names: string[] = [];

beforeAll(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  for (const name of names.splice(0)) {
    const remains = await remainsOf(name);
    if (remains.length > 0) await overseer("deploy", "down", name);
    expect(remains).toEqual([]);
  }
});

afterAll(async () => {
  await folder.remove();
});

interface Started {
  readonly search: Program;
  readonly reports: string;
}

/** One node that is known to take so many transactions per second, and points as short as they may be. */
async function start(changes: Record<string, unknown> = {}): Promise<Started> {
  const file = join(folder.path, `scenario-${++count}.yaml`);
  const reports = join(folder.path, `reports-${count}`);
  await writeFile(
    file,
    stringify({
      name: "deployed-search",
      question: "Does a search bring up what it needs once, and take it down?",
      chain: "bitshares",
      network: { docker: { nodes: 1, blockInterval: "1s", nodeBehaviours: [{ capacityPerSecond }] } },
      accounts: { count: 50, balance: "100000 BTS" },
      beacons: { count: 2, deploy: "containers" },
      workload: { mix: { transfer: 1 } },
      phases: [{ name: "hold", rate: "20 tx/s", for: "5s" }],
      drain: "30s",
      capacity: {
        from: "37 tx/s",
        growth: 1.2,
        resolution: "20 %",
        warmUp: "1s",
        hold: "6s",
        confirm: "6s",
        repeats: 2,
      },
      ...changes,
    }),
  );
  return { search: new Program("overseer", ["capacity", file, "--reports", reports, "--json"]), reports };
}

async function nameOf(search: Program): Promise<string> {
  const name = await deploymentOf(search);
  names.push(name);
  return name;
}

async function pointsIn(folderOfSearch: string): Promise<readonly SearchPoint[]> {
  return (await readJson<{ points: SearchPoint[] }>(join(folderOfSearch, "search.json"))).points;
}

test("a search measures all points with the containers it began with, and goes on with new ones when it is resumed", async () => {
  const { search, reports } = await start();
  const first = await nameOf(search);
  await search.says(/"type":"point"/, 300_000);
  search.signal("SIGINT");
  expect(await search.finished).toMatchObject({ code: exitCodes.stopped });
  expect(await remainsOf(first)).toEqual([]);
  const folderOfSearch = await onlyRun(reports);
  const before = await pointsIn(folderOfSearch);
  expect(before).toHaveLength(1);

  const resumed = new Program("overseer", ["capacity", "--resume", folderOfSearch, "--json"]);
  const second = await nameOf(resumed);
  expect(second).not.toBe(first);
  const { code, out, err } = await resumed.finished;
  // A machine that is busy with other things may void a point or slow a network, but never break accounts.
  const ends: (number | null)[] = [exitCodes.passed, exitCodes["thresholds-failed"], exitCodes["generator-bound"]];
  expect({ code, out, err }).toEqual({ code: ends.includes(code) ? code : 0, out, err });
  expect(await remainsOf(second)).toEqual([]);

  const points = await pointsIn(folderOfSearch);
  expect(points.length).toBeGreaterThan(before.length);
  const runs = await Promise.all(
    points.map(({ runFolder }) => readJson<RunSummary>(join(folderOfSearch, runFolder, "run.json"))),
  );
  for (const run of runs) {
    expect(run.verdicts.accounting.holds).toBe(true);
    expect(run.beacons.map(({ name }) => name)).toEqual(["beacon-1", "beacon-2"]);
    const watched = run.resources?.filter(({ kind }) => kind === "container").map(({ name }) => name);
    expect(watched?.sort()).toEqual(["beacon-1", "beacon-2", "devnet"]);
  }
  // One network for all the points of the second search: its head only grows.
  const kept = before[0]?.verdict === "generator-bound" ? 0 : 1;
  const heads = runs.slice(kept).map(({ network }) => network.headNumber);
  expect(heads).toEqual([...heads].sort((a, b) => a - b));
  for (const log of ["devnet.log", "beacon-1.log", "beacon-2.log"]) await access(join(folderOfSearch, "network", log));
}, 900_000);

test("nothing is left of a search whose beacons have no image", async () => {
  const { search, reports } = await start({
    beacons: { count: 1, deploy: { mode: "containers", image: "loadstone-no-such-image:0" } },
  });
  await nameOf(search);
  const { code, err } = await search.finished;
  expect({ code, err }).toEqual({ code: 104, err: expect.stringContaining("loadstone-no-such-image:0") });
  expect(await readdir(reports)).toEqual([]);
}, 300_000);

test("nothing is left of a search that is stopped while its beacons start", async () => {
  const { search, reports } = await start();
  await nameOf(search);
  await search.says(/starting 2 beacons/, 120_000);
  search.signal("SIGINT");
  expect(await search.finished).toMatchObject({ code: exitCodes.stopped });
  expect(await readdir(reports)).toEqual([]);
}, 300_000);

test("a network whose container ends, ends the search, and nothing is left of it", async () => {
  const { search } = await start();
  const name = await nameOf(search);
  await search.says(/all beacons armed/, 300_000);
  await docker("kill", `loadstone-${name}-devnet`);
  const { code, err } = await search.finished;
  expect({ code, err }).toEqual({ code: exitCodes.network, err: expect.stringContaining("ended with exit code 137") });
}, 300_000);

describe("a search with the beacons in a swarm", () => {
  let leaveSwarm: () => Promise<void>;

  beforeAll(async () => {
    leaveSwarm = await ensureSwarm();
  });

  afterAll(async () => {
    await leaveSwarm();
  });

  test("counts what a task that is lost in a point had on its disk, though another takes its place", async () => {
    const { search, reports } = await start({
      beacons: { count: 2, deploy: "swarm", lease: "3s", signingThreads: 1 },
      drain: "5s",
      capacity: { from: "20 tx/s", warmUp: "1s", hold: "9s", confirm: "9s" },
    });
    const name = await nameOf(search);
    await search.says(broadcastingFor(2), 300_000);
    const filters = ["label=loadstone.role=beacon", `name=loadstone-${name}-beacons.1.`];
    const lost = await docker("ps", "--quiet", ...filters.flatMap((filter) => ["--filter", filter]));
    const digests = await loseForGood(lost, "bridge");
    await search.says(/"type":"point"/, 300_000);
    search.signal("SIGINT");
    expect(await search.finished).toMatchObject({ code: exitCodes.stopped });
    const folderOfSearch = await onlyRun(reports);
    const [point] = (await pointsIn(folderOfSearch)) as [SearchPoint];
    const folderOfPoint = join(folderOfSearch, point.runFolder);
    expect(await ledgerDigests(folderOfPoint, "beacon-1")).toEqual(expect.arrayContaining([...digests]));
    const summary = await readJson<RunSummary>(join(folderOfPoint, "run.json"));
    expect(summary.verdicts.accounting.holds).toBe(true);
  }, 600_000);
});
