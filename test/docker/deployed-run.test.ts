import { access, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { stringify } from "yaml";
import type { RunSummary } from "../../overseer/reporting/run-summary.ts";
import { type CertificateFiles, makeCertificate } from "../../overseer/server/testing/make-certificate.ts";
import { exitCodes } from "../../shared/errors/exit-codes.ts";
import { broadcastingFor, onlyRun, Program, readJson, temporaryFolder } from "../support/programs.ts";
import { deploymentOf, docker, ensureSwarm, ledgerDigests, loseForGood, overseer, remainsOf } from "./support.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let count = 0;

beforeAll(async () => {
  folder = await temporaryFolder();
});

afterAll(async () => {
  await folder.remove();
});

/** Of all deployments of runs, of which none may be there between the tests. */
async function deploymentsOfRuns(): Promise<string[]> {
  const { out } = await overseer("deploy", "status", "--json");
  return (JSON.parse(out) as { name: string }[]).map(({ name }) => name).filter((name) => name.startsWith("run-"));
}

afterEach(async () => {
  expect(await deploymentsOfRuns()).toEqual([]);
});

interface Started {
  readonly run: Program;
  readonly reports: string;
}

async function start(changes: Record<string, unknown>, ...args: string[]): Promise<Started> {
  const scenario = join(folder.path, `scenario-${++count}.yaml`);
  const reports = join(folder.path, `reports-${count}`);
  await writeFile(
    scenario,
    stringify({
      name: "deployed",
      question: "Does a run bring up what it needs, and take it down?",
      chain: "bitshares",
      network: { docker: { nodes: 3, blockInterval: "1s" } },
      accounts: { count: 50, balance: "100000 BTS" },
      beacons: { count: 2, deploy: "containers", signingThreads: 1 },
      workload: { mix: { transfer: 1 } },
      phases: [{ name: "hold", rate: "40 tx/s", for: "8s" }],
      drain: "20s",
      ...changes,
    }),
  );
  return { run: new Program("overseer", ["run", scenario, "--reports", reports, "--json", ...args]), reports };
}

const long = [{ name: "hold", rate: "20 tx/s", for: "120s" }];

async function expectWholeRun({ run, reports }: Started, transactions: number): Promise<RunSummary> {
  const { code, out, err } = await run.finished;
  // A machine that is busy with other things may void the run's timing, but never its accounts.
  expect({ code, out, err }).toEqual({ code: code === 110 ? 110 : 0, out, err });
  const folderOfRun = await onlyRun(reports);
  const summary = await readJson<RunSummary>(join(folderOfRun, "run.json"));
  expect(summary.verdicts.accounting.holds).toBe(true);
  const counts = summary.phases[0]?.counts;
  expect(counts).toMatchObject({ planned: transactions, rejected: 0, unanswered: 0 });
  expect((counts?.included ?? 0) + (counts?.shed ?? 0)).toBe(transactions);
  expect(counts?.included).toBeGreaterThan(transactions / 2);
  await access(join(folderOfRun, "report.html"));
  return summary;
}

describe("a run with everything in containers", () => {
  test.each([
    ["bitshares", "BTS", { nodes: 3, blockInterval: "1s" }],
    ["antelope", "EOS", { nodes: 2, topology: "block-producer" }],
  ])("%s: is set up, runs, is told of in the report, and is gone", async (chain, asset, network) => {
    const since = performance.now();
    const started = await start({
      chain,
      network: { docker: { ...network, memory: "512 MiB" } },
      accounts: { count: 50, balance: `10000 ${asset}` },
    });
    const { run, reports } = started;
    const name = await deploymentOf(run);
    await run.says(/all beacons armed/);
    process.stderr.write(`${chain}: all is up and ready after ${Math.round(performance.now() - since)} ms\n`);
    const beacon = `loadstone-${name}-beacon-1`;
    const token = await docker("exec", beacon, "cat", "/run/loadstone/token");
    expect(token.length).toBeGreaterThanOrEqual(24);
    expect(await docker("inspect", beacon)).not.toContain(token);
    expect(await docker("network", "inspect", `loadstone-${name}`, "--format", "{{.Internal}}")).toBe("true");
    const summary = await expectWholeRun(started, 320);
    expect(summary.beacons.map((one) => one.name)).toEqual(["beacon-1", "beacon-2"]);
    for (const part of ["devnet", "beacon-1", "beacon-2"]) {
      const source = summary.resources?.find((one) => one.name === part);
      expect(source).toMatchObject({ kind: "container" });
      const cpu = source?.measures.find(({ key }) => key === "cpu");
      expect(cpu?.spread?.maximum).toBeGreaterThan(0);
      await access(join(await onlyRun(reports), "evidence", `${part}.log`));
    }
    expect(await remainsOf(name)).toEqual([]);
  });

  test("beacons of this machine load a network in a container too", async () => {
    await expectWholeRun(await start({ beacons: { count: 1 } }), 320);
  });
});

describe("beacons that dial a given address of this machine", () => {
  let address: string;
  let files: CertificateFiles;

  beforeAll(async () => {
    address = await docker("network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}");
    files = await makeCertificate(folder.path, "overseer", { names: `IP:${address}` });
  });

  test("have a way there, over TLS, and trust the certificate that they are handed", async () => {
    const tls = ["--tls-cert", files.certificate, "--tls-key", files.key];
    const started = await start({}, "--listen", `${address}:0`, ...tls);
    const name = await deploymentOf(started.run);
    await started.run.says(/all beacons armed/);
    // Engines give the containers of an internal network no route, or one that leads nowhere.
    expect(await docker("network", "inspect", `loadstone-${name}`, "--format", "{{.Internal}}")).toBe("false");
    const beacon = `loadstone-${name}-beacon-1`;
    expect(await docker("inspect", "--format", "{{json .Config.Cmd}}", beacon)).toContain(
      `"--overseer","https://${address}:`,
    );
    expect(await docker("exec", beacon, "cat", "/run/loadstone/ca.pem")).toBe(
      (await readFile(files.certificate, "utf8")).trim(),
    );
    await expectWholeRun(started, 320);
    expect(await remainsOf(name)).toEqual([]);
  });
});

describe("a beacon that never comes back", () => {
  test("leaves what it had on its disk to the ledger", async () => {
    const beacons = { count: 2, deploy: "containers", signingThreads: 1, lease: "3s" };
    const { run, reports } = await start({ beacons, phases: [{ name: "hold", rate: "40 tx/s", for: "20s" }] });
    const name = await deploymentOf(run);
    await run.says(broadcastingFor(3));
    const beacon = `loadstone-${name}-beacon-1`;
    const digests = await loseForGood(beacon, `loadstone-${name}`);
    const { code, out, err } = await run.finished;
    expect({ code, out, err }).toEqual({ code: code === exitCodes["generator-bound"] ? code : 0, out, err });
    const folderOfRun = await onlyRun(reports);
    const summary = await readJson<RunSummary>(join(folderOfRun, "run.json"));
    expect(summary.verdicts.accounting.holds).toBe(true);
    expect(await ledgerDigests(folderOfRun, "beacon-1")).toEqual(expect.arrayContaining([...digests]));
    expect(await readdir(join(folderOfRun, "evidence", "spool"))).toEqual([]);
    expect(await remainsOf(name)).toEqual([]);
  });
});

describe("nothing of a run is left", () => {
  test("after Ctrl-C in the middle, which still makes a report", async () => {
    const { run, reports } = await start({ phases: long });
    const name = await deploymentOf(run);
    await run.says(broadcastingFor(2));
    run.signal("SIGINT");
    expect(await run.finished).toMatchObject({ code: 105 });
    await access(join(await onlyRun(reports), "report.html"));
    expect(await remainsOf(name)).toEqual([]);
  });

  test("after Ctrl-C while it is being set up", async () => {
    const { run, reports } = await start({ beacons: { count: 3, deploy: "containers" } });
    const name = await deploymentOf(run);
    await run.says(/starting 3 beacons/);
    run.signal("SIGINT");
    expect(await run.finished).toMatchObject({ code: 105 });
    expect(await remainsOf(name)).toEqual([]);
    expect(await readdir(reports).catch(() => [])).toEqual([]);
  });

  test("after kill -9 and a sweep, which leaves it alone while its overseer lives", async () => {
    const { run } = await start({ phases: long });
    const name = await deploymentOf(run);
    await run.says(broadcastingFor(2));
    expect((await overseer("deploy", "sweep")).out).toContain(`kept     ${name}: is held`);
    expect((await overseer("deploy", "status", name)).out).toContain("running, held by a process that runs\n");
    run.signal("SIGKILL");
    await run.finished;
    expect((await overseer("deploy", "status", name)).out).toContain(
      "running, left behind (see overseer deploy sweep)\n",
    );
    expect((await remainsOf(name)).length).toBeGreaterThanOrEqual(4);
    expect((await overseer("deploy", "sweep")).out).toContain(`removed  ${name}`);
    expect(await remainsOf(name)).toEqual([]);
  });

  test.each([
    ["of the network", { network: { docker: { image: "loadstone-no-such-image:0" } } }],
    ["of the beacons", { beacons: { count: 1, deploy: { mode: "containers", image: "loadstone-no-such-image:0" } } }],
  ])("when the image %s is missing", async (_, changes) => {
    const { run, reports } = await start(changes);
    const { code, err } = await run.finished;
    expect({ code, err }).toEqual({ code: 104, err: expect.stringContaining("loadstone-no-such-image:0") });
    expect(await readdir(reports).catch(() => [])).toEqual([]);
  });
});

describe("clear answers", () => {
  test("an engine that is not there", async () => {
    const { run } = await start({}, "--engine", "tcp://127.0.0.1:9");
    expect(await run.finished).toMatchObject({ code: 113, err: expect.stringContaining("tcp://127.0.0.1:9") });
  });

  test("a network whose container ends is no network any more", async () => {
    const { run } = await start({ phases: long });
    const name = await deploymentOf(run);
    await run.says(broadcastingFor(2));
    await docker("kill", `loadstone-${name}-devnet`);
    const { code, err } = await run.finished;
    expect({ code, err }).toEqual({ code: 113, err: expect.stringContaining("ended with exit code 137") });
  });
});

describe("a run with the beacons in a swarm", () => {
  let leaveSwarm: () => Promise<void>;

  beforeAll(async () => {
    leaveSwarm = await ensureSwarm();
  });

  afterAll(async () => {
    await leaveSwarm();
  });

  test("loads a network in a container over TLS, and leaves nothing", async () => {
    const address = await docker("network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}");
    const files = await makeCertificate(folder.path, "of-swarm", { names: `IP:${address}` });
    const door = ["--listen", `${address}:0`, "--tls-cert", files.certificate, "--tls-key", files.key];
    const started = await start(
      { beacons: { count: 2, deploy: "swarm", signingThreads: 1 } },
      "--beacons",
      "3",
      ...door,
    );
    const name = await deploymentOf(started.run);
    await started.run.says(/all beacons armed/);
    expect(await docker("service", "inspect", `loadstone-${name}-beacons`)).toContain('"/run/secrets/ca"');
    const summary = await expectWholeRun(started, 320);
    expect(summary.beacons.map((beacon) => beacon.name)).toEqual(["beacon-1", "beacon-2", "beacon-3"]);
    expect(summary.resources?.map((source) => source.name)).toEqual(
      expect.arrayContaining(["beacons.1", "beacons.3", "devnet"]),
    );
    const evidence = join(await onlyRun(started.reports), "evidence");
    for (const log of ["devnet.log", "beacons.log"]) await access(join(evidence, log));
    expect(await remainsOf(name)).toEqual([]);
  });
});
