import { execFile } from "node:child_process";
import { cp, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { RunSummary } from "../overseer/reporting/run-summary.ts";
import { type CertificateFiles, makeCertificate } from "../overseer/server/testing/make-certificate.ts";
import { exitCodes } from "../shared/errors/exit-codes.ts";
import { protocolVersion } from "../shared/protocol/messages.ts";
import {
  broadcastingFor,
  onlyRun,
  Program,
  processesWith,
  readJson,
  root,
  temporaryFolder,
} from "./support/programs.ts";
import { shortScenario, writeScenario } from "./support/scenarios.ts";
import { TcpProxy } from "./support/tcp-proxy.ts";

const execute = promisify(execFile);
const token = "a-token-of-some-length";
/** Passed, or passed but for beacons that were late because the machine was busy. */
const passedOnThisMachine: readonly unknown[] = [exitCodes.passed, exitCodes["generator-bound"]];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let tokenFile: string;
const programs: Program[] = [];
const proxies: TcpProxy[] = [];

beforeEach(async () => {
  folder = await temporaryFolder();
  tokenFile = join(folder.path, "token");
  await writeFile(tokenFile, token);
});

afterEach(async () => {
  for (const program of programs) program.signal("SIGTERM");
  await Promise.all(programs.splice(0).map((program) => program.finished));
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
  expect(await processesWith(folder.path)).toEqual([]);
  await folder.remove();
});

async function startOverseer(args: readonly string[], scenario: Record<string, unknown> = {}): Promise<Program> {
  const path = await writeScenario(folder.path, shortScenario({ thresholds: {}, ...scenario }));
  const overseer = new Program("overseer", [
    ...["run", path, "--reports", join(folder.path, "reports"), "--token-file", tokenFile],
    ...(args.includes("--listen") ? [] : ["--listen", "127.0.0.1:0"]),
    ...args,
  ]);
  programs.push(overseer);
  return overseer;
}

async function urlOf(overseer: Program): Promise<string> {
  const [, url] = await overseer.says(/--overseer (https?:\/\/\S+)/);
  return url as string;
}

function startBeacon(url: string, name: string, args: readonly string[] = []): Program {
  const beacon = new Program("beacon", [
    ...["--overseer", url, "--name", name, "--spool", join(folder.path, "spools")],
    ...(args.includes("--token-file") ? [] : ["--token-file", tokenFile]),
    ...args,
  ]);
  programs.push(beacon);
  return beacon;
}

async function summaryOf(overseer: Program): Promise<RunSummary> {
  const { code, err } = await overseer.finished;
  expect({ code: passedOnThisMachine.includes(code) ? 0 : code, err }).toEqual({ code: 0, err });
  return readJson<RunSummary>(join(await onlyRun(join(folder.path, "reports")), "run.json"));
}

const tlsOf = (files: CertificateFiles): string[] => ["--tls-cert", files.certificate, "--tls-key", files.key];

describe("a door with a certificate", () => {
  let own: CertificateFiles;

  beforeEach(async () => {
    own = await makeCertificate(folder.path, "own");
  });

  test("a beacon behind another address joins over TLS by the printed command, and the run is its own", async () => {
    const overseer = await startOverseer(["--expect", "2", ...tlsOf(own)]);
    const url = await urlOf(overseer);
    expect(url).toMatch(/^https:/);
    // Nothing reaches this beacon; it is seen with the address of what stands between.
    const proxy = await TcpProxy.to(Number(new URL(url).port));
    proxies.push(proxy);
    const dialled = [`https://localhost:${proxy.port}`, `wss://127.0.0.1:${proxy.port}`];
    for (const [i, to] of dialled.entries()) {
      startBeacon(to, `far-${i + 1}`, ["--ca", own.certificate, "--label", `region=eu-${i + 1}`]);
    }
    const { beacons, verdicts } = await summaryOf(overseer);
    expect(verdicts.accounting.holds).toBe(true);
    expect(beacons.map(({ name, labels }) => ({ name, labels }))).toEqual([
      { name: "far-1", labels: { region: "eu-1" } },
      { name: "far-2", labels: { region: "eu-2" } },
    ]);
    expect(overseer.err).toContain("far-2 region=eu-2");
    expect(await readFile(join(await onlyRun(join(folder.path, "reports")), "report.md"), "utf8")).toContain(
      "region=eu-1",
    );
  }, 90_000);

  test("the printed command joins a beacon as it stands there", async () => {
    const overseer = await startOverseer(["--expect", "1", ...tlsOf(own)]);
    const [, command] = (await overseer.says(/^Join\s+(.+)$/m)) as unknown as [string, string];
    const spool = join(folder.path, "spools");
    const beacon = execute("sh", ["-c", `exec ${command} --name typed --spool ${spool}`], { cwd: root });
    const { beacons } = await summaryOf(overseer);
    beacon.child.kill("SIGTERM");
    await beacon.catch(() => undefined);
    expect(beacons.map(({ name }) => name)).toEqual(["typed"]);
  }, 90_000);

  test("a beacon that trusts another authority does not send its token, and says what to do", async () => {
    const overseer = await startOverseer(["--expect", "1", ...tlsOf(own)]);
    const url = await urlOf(overseer);
    const stranger = await makeCertificate(folder.path, "stranger");
    const started = performance.now();
    const refused = await Promise.all([
      startBeacon(url, "a", ["--ca", stranger.certificate]).finished,
      startBeacon(url, "b").finished,
      new Program("beacon", ["--overseer", url, "--name", "c", "--token-file", tokenFile], {
        NODE_TLS_REJECT_UNAUTHORIZED: "0",
      }).finished,
    ]);
    expect(refused.map(({ code }) => code)).toEqual([113, 113, 113]);
    for (const { err } of refused) expect(err).toContain("--ca FILE");
    // At once, and not after a minute of trying.
    expect(performance.now() - started).toBeLessThan(30_000);
    expect(overseer.err).not.toMatch(/joined/);
  }, 60_000);

  test("a beacon that dials a name that is not in the certificate is not let down quietly", async () => {
    const elsewhere = await makeCertificate(folder.path, "elsewhere", { names: "DNS:overseer.example" });
    const url = await urlOf(await startOverseer(["--expect", "1", ...tlsOf(elsewhere)]));
    const { code, err } = await startBeacon(url, "a", ["--ca", elsewhere.certificate]).finished;
    expect({ code, said: err.includes("stands in its certificate") }).toEqual({ code: 113, said: true });
  }, 60_000);

  test("with an authority for beacons, only those with a certificate of it come in", async () => {
    const mine = await makeCertificate(folder.path, "beacon", { issuer: own });
    const stranger = await makeCertificate(folder.path, "stranger");
    const overseer = await startOverseer(["--expect", "1", ...tlsOf(own), "--tls-client-ca", own.certificate]);
    const url = await urlOf(overseer);
    const without = await startBeacon(url, "without", ["--ca", own.certificate]).finished;
    expect({ code: without.code, said: without.err.includes("--tls-cert") }).toEqual({ code: 113, said: true });
    const wrong = await startBeacon(url, "wrong", [
      ...["--ca", own.certificate, ...tlsOf(stranger), "--connect-timeout", "2"],
    ]).finished;
    expect({ code: wrong.code, said: wrong.err.includes("--tls-cert") }).toEqual({ code: 113, said: true });
    startBeacon(url, "right", ["--ca", own.certificate, ...tlsOf(mine)]);
    expect((await summaryOf(overseer)).beacons.map(({ name }) => name)).toEqual(["right"]);
  }, 90_000);

  test("a beacon that speaks in the clear to it is told so", async () => {
    const url = await urlOf(await startOverseer(["--expect", "1", ...tlsOf(own)]));
    const plain = url.replace("https", "http");
    const { code, err } = await startBeacon(plain, "a", ["--connect-timeout", "2"]).finished;
    expect({ code, said: err.includes("https://") }).toEqual({ code: 113, said: true });
  }, 60_000);

  test("files that do not fit each other are refused before anything starts", async () => {
    const other = await makeCertificate(folder.path, "other");
    const args = ["--expect", "1", "--tls-cert", own.certificate, "--tls-key", other.key];
    const { code, err } = await (await startOverseer(args)).finished;
    expect({ code, said: err.includes("--tls-key") }).toEqual({ code: 104, said: true });
  });
});

describe("a door without a certificate", () => {
  test("stays shut beyond loopback unless its owner says so", async () => {
    const refused = await (await startOverseer(["--expect", "1", "--listen", "0.0.0.0:0"])).finished;
    expect({ code: refused.code, said: refused.err.includes("--tls-cert") }).toEqual({ code: 104, said: true });
    const overseer = await startOverseer(["--expect", "1", "--listen", "0.0.0.0:0", "--without-tls"]);
    await overseer.says(/warning: .* without TLS/);
    await urlOf(overseer);
  }, 60_000);

  test("a beacon that dials it as one with a certificate is told so", async () => {
    const url = await urlOf(await startOverseer(["--expect", "1"]));
    const { code, err } = await startBeacon(url.replace("http", "https"), "a").finished;
    expect({ code, said: err.includes("does not speak TLS") }).toEqual({ code: 113, said: true });
  }, 60_000);

  test("a beacon with a wrong token, and one whose name is taken, are refused with code 112", async () => {
    const overseer = await startOverseer(["--expect", "2"]);
    const url = await urlOf(overseer);
    const wrongFile = join(folder.path, "wrong-token");
    await writeFile(wrongFile, "another-token-of-length");
    const wrong = await startBeacon(url, "a", ["--token-file", wrongFile]).finished;
    expect({ code: wrong.code, said: wrong.err.includes("token") }).toEqual({ code: 112, said: true });
    const first = startBeacon(url, "a");
    await first.says(/"connected"/);
    const second = await startBeacon(url, "a").finished;
    expect({ code: second.code, said: second.err.includes("--name") }).toEqual({ code: 112, said: true });
    await overseer.says(/127\.0\.0\.1: was refused: the token/);
    expect(overseer.err).not.toContain("another-token-of-length");
  }, 60_000);

  test("a beacon of another release's protocol is refused, and both say what to install", async () => {
    const doctored = join(folder.path, "another-release");
    await cp(join(root, "dist"), join(doctored, "dist"), { recursive: true });
    await cp(join(root, "package.json"), join(doctored, "package.json"));
    await symlink(join(root, "node_modules"), join(doctored, "node_modules"));
    const messages = join(doctored, "dist/shared/protocol/messages.js");
    const text = await readFile(messages, "utf8");
    const changed = text.replace(`protocolVersion = ${protocolVersion}`, `protocolVersion = ${protocolVersion + 1}`);
    expect(changed).not.toBe(text);
    await writeFile(messages, changed);
    const overseer = await startOverseer(["--expect", "1"]);
    const url = await urlOf(overseer);
    const main = join(doctored, "dist/beacon/main.js");
    const refused = await execute(process.execPath, [
      main,
      "--overseer",
      url,
      "--name",
      "new",
      "--token-file",
      tokenFile,
    ])
      .then(({ stderr }) => ({ code: 0, stderr }))
      .catch((error: { code: number; stderr: string }) => error);
    expect(refused.code).toBe(112);
    await overseer.says(/new: was refused/);
    for (const said of [refused.stderr, overseer.err]) {
      expect(said).toContain(`protocol version ${protocolVersion + 1}`);
      expect(said).toContain("install the same release on both");
    }
  }, 60_000);
});

describe("shares by label", () => {
  const shares = [
    { where: { region: "eu" }, weight: 3 },
    { where: { region: "us" }, weight: 1 },
  ];
  const phases = [
    { name: "climb", from: "20 tx/s", to: "60 tx/s", for: "2s" },
    { name: "hold", rate: "100 tx/s", for: "4s" },
  ];

  test("are exact in the ledger, whichever beacons come first", async () => {
    const args = ["--expect", "3"];
    const overseer = await startOverseer(args, { beacons: { count: 3, shares }, phases, seed: 3 });
    const url = await urlOf(overseer);
    for (const [name, region] of Object.entries({ "far-1": "us", "far-2": "eu", "far-3": "eu" })) {
      startBeacon(url, name, ["--label", `region=${region}`]);
    }
    const { breakdowns, verdicts } = await summaryOf(overseer);
    expect(verdicts.accounting.holds).toBe(true);
    const planned = Object.fromEntries(breakdowns.byBeacon.map(({ name, counts }) => [name, counts.planned]));
    expect(planned).toEqual({ "far-1": 120, "far-2": 180, "far-3": 180 });
    const file = join(await onlyRun(join(folder.path, "reports")), "ledger.parquet");
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    const byPhase = await connection.runAndReadAll(
      `SELECT phase, beacon, count(*)::INTEGER AS rows FROM '${file}' GROUP BY ALL ORDER BY phase, beacon`,
    );
    connection.closeSync();
    expect(byPhase.getRowObjects()).toEqual([
      { phase: "climb", beacon: "far-1", rows: 20 },
      { phase: "climb", beacon: "far-2", rows: 30 },
      { phase: "climb", beacon: "far-3", rows: 30 },
      { phase: "hold", beacon: "far-1", rows: 100 },
      { phase: "hold", beacon: "far-2", rows: 150 },
      { phase: "hold", beacon: "far-3", rows: 150 },
    ]);
  }, 90_000);

  test("that no beacon fits are refused before anything is sent, and the beacons stay", async () => {
    const overseer = await startOverseer(["--expect", "2"], { beacons: { count: 2, shares }, phases });
    const url = await urlOf(overseer);
    const first = startBeacon(url, "far-1", ["--label", "region=asia"]);
    startBeacon(url, "far-2", ["--label", "region=eu"]);
    const { code, err } = await overseer.finished;
    expect(code).toBe(104);
    for (const part of ["beacons.shares[1].where", "region=us", "far-1 (region=asia)"]) expect(err).toContain(part);
    expect(first.child.exitCode).toBeNull();
  }, 60_000);

  test("stay in their region when a beacon of it is lost", async () => {
    const scenario = {
      beacons: { count: 3, shares, lease: "2s" },
      onBeaconLost: "redistribute",
      phases: [{ name: "hold", rate: "60 tx/s", for: "20s" }],
      workload: { mix: { transfer: 1 } },
    };
    const overseer = await startOverseer(["--expect", "3", "--json"], scenario);
    const url = await urlOf(overseer);
    const lost = startBeacon(url, "far-1", ["--label", "region=eu"]);
    startBeacon(url, "far-2", ["--label", "region=eu"]);
    startBeacon(url, "far-3", ["--label", "region=us"]);
    await overseer.says(broadcastingFor(2));
    lost.signal("SIGKILL");
    const { breakdowns, verdicts } = await summaryOf(overseer);
    expect(verdicts.accounting.holds).toBe(true);
    const sent = Object.fromEntries(breakdowns.byBeacon.map(({ name, counts }) => [name, counts.sent]));
    expect(sent["far-2"]).toBeGreaterThan(450);
    expect(sent["far-3"]).toBeLessThanOrEqual(300);
  }, 120_000);
});
