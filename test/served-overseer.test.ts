import { access, chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { RunSummary } from "../overseer/reporting/run-summary.ts";
import type { BeaconView, RunView } from "../overseer/serve/operator-protocol.ts";
import { type CertificateFiles, makeCertificate } from "../overseer/server/testing/make-certificate.ts";
import { exitCodes } from "../shared/errors/exit-codes.ts";
import { waitUntil } from "../shared/time/wait.ts";
import {
  broadcastingFor,
  type Finished,
  onlyRun,
  Program,
  processesWith,
  readJson,
  temporaryFolder,
} from "./support/programs.ts";
import { shortScenario, writeScenario } from "./support/scenarios.ts";
import { TcpProxy } from "./support/tcp-proxy.ts";

/** Passed, or passed but for beacons that were late because the machine was busy. */
const passedOnThisMachine: readonly unknown[] = [exitCodes.passed, exitCodes["generator-bound"]];
const tokens = { beacon: "the-token-of-beacons", operator: "the-token-of-operators", viewer: "the-token-of-viewers" };
type Who = keyof typeof tokens;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let own: CertificateFiles;
let scenario: string;
const programs: Program[] = [];
const proxies: TcpProxy[] = [];

beforeEach(async () => {
  folder = await temporaryFolder();
  own = await makeCertificate(folder.path, "own");
  await chmod(own.key, 0o600);
  for (const [who, token] of Object.entries(tokens)) await writeFile(tokenFile(who as Who), token);
  scenario = await writeScenario(folder.path, shortScenario({ thresholds: {} }));
});

afterEach(async () => {
  for (const program of programs) program.signal("SIGTERM");
  await Promise.all(programs.splice(0).map((program) => program.finished));
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
  expect(await processesWith(folder.path)).toEqual([]);
  await folder.remove();
});

const tokenFile = (who: Who): string => join(folder.path, `${who}-token`);

interface Served {
  readonly program: Program;
  readonly url: string;
}

async function serve(args: readonly string[] = [], tls = true): Promise<Served> {
  const program = new Program("overseer", [
    ...["serve", "--token-file", tokenFile("beacon"), "--operator-token-file", tokenFile("operator")],
    ...["--viewer-token-file", tokenFile("viewer"), "--reports", join(folder.path, "served")],
    ...(args.includes("--listen") ? [] : ["--listen", "127.0.0.1:0"]),
    ...(tls ? ["--tls-cert", own.certificate, "--tls-key", own.key] : []),
    ...args,
  ]);
  programs.push(program);
  const [, url] = await program.says(/Serving\s+(https?:\/\/[^;\s]+);/);
  return { program, url: url as string };
}

function joinBeacon(url: string, name: string): Program {
  const beacon = new Program("beacon", [
    ...["--overseer", url, "--name", name, "--spool", join(folder.path, "spools"), "--label", `place=${name}`],
    ...["--token-file", tokenFile("beacon"), "--ca", own.certificate],
  ]);
  programs.push(beacon);
  return beacon;
}

function ask(url: string, who: Who, args: readonly string[]): Program {
  const program = new Program("overseer", [
    ...args,
    ...["--on", url, "--token-file", tokenFile(who), "--ca", own.certificate],
  ]);
  programs.push(program);
  return program;
}

function submit(url: string, args: readonly string[] = [], file = scenario): Program {
  return ask(url, "operator", ["run", file, "--reports", join(folder.path, "fetched"), ...args]);
}

async function askJson<T>(url: string, args: readonly string[]): Promise<T> {
  const { code, out, err } = await ask(url, "viewer", [...args, "--json"]).finished;
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as T;
}

function expectPassed({ code, err }: Finished): void {
  expect({ code: passedOnThisMachine.includes(code) ? 0 : code, err }).toEqual({ code: 0, err });
}

const longScenario = () =>
  writeScenario(
    folder.path,
    shortScenario({ thresholds: {}, phases: [{ name: "hold", rate: "30 tx/s", for: "60s" }] }),
  );

describe("a served overseer", () => {
  test("conducts one run after the other with the same beacons, and brings the reports to who asked", async () => {
    const { program, url } = await serve();
    const beacons = [joinBeacon(url, "far-1"), joinBeacon(url, "far-2")];
    for (let run = 1; run <= 2; run++) {
      const finished = await submit(url).finished;
      expectPassed(finished);
      expect(finished.err).toContain("far-1 place=far-1, far-2 place=far-2");
      expect(finished.out).toMatch(/every transaction accounted for \(420\)/);
    }
    for (const beacon of beacons) expect(beacon.out.length + beacon.err.split('"connected"').length).toBe(2);
    const ids = (await readdir(join(folder.path, "fetched"))).sort();
    expect(ids).toHaveLength(2);
    for (const id of ids) {
      const fetched = join(folder.path, "fetched", id);
      expect(await readdir(fetched)).toEqual(["charts", "ledger.parquet", "report.html", "report.md", "run.json"]);
      for (const name of ["ledger.parquet", "report.html"]) {
        const there = await readFile(join(folder.path, "served", id, name));
        expect((await readFile(join(fetched, name))).equals(there)).toBe(true);
      }
    }
    const runs = await askJson<RunView[]>(url, ["runs"]);
    expect(runs.map(({ id, state }) => ({ id, state }))).toEqual(
      [...ids].reverse().map((id) => ({ id, state: "ended" })),
    );
    const there = await askJson<BeaconView[]>(url, ["beacons"]);
    expect(there.map(({ name, labels, state }) => ({ name, labels, state }))).toEqual([
      { name: "far-1", labels: { place: "far-1" }, state: "idle" },
      { name: "far-2", labels: { place: "far-2" }, state: "idle" },
    ]);
    program.signal("SIGTERM");
    expect((await program.finished).code).toBe(0);
    for (const beacon of beacons) expect(beacon.child.exitCode).toBeNull();
  }, 240_000);

  test("ends a run that is stopped from another terminal, with its report and code 105", async () => {
    const { url } = await serve();
    for (const name of ["far-1", "far-2"]) joinBeacon(url, name);
    const run = submit(url, ["--json"], await longScenario());
    await run.says(broadcastingFor(2));
    const [{ id } = { id: "" }] = await askJson<RunView[]>(url, ["runs"]);
    const viewer = await ask(url, "viewer", ["stop", id]).finished;
    expect(viewer.code).toBe(114);
    const busy = await submit(url).finished;
    expect({ code: busy.code, said: busy.err.includes(`overseer stop ${id}`) }).toEqual({ code: 114, said: true });
    expect((await ask(url, "operator", ["stop", "2026-01-01T00-00-00-other"]).finished).code).toBe(2);
    const stop = await ask(url, "operator", ["stop", id]).finished;
    expect({ code: stop.code, out: stop.out }).toEqual({ code: 0, out: `${id} is stopping\n` });
    expect((await run.finished).code).toBe(105);
    const summary = await readJson<RunSummary>(join(await onlyRun(join(folder.path, "fetched")), "run.json"));
    expect(summary.stage).toBe("cut-short");
    expect(summary.verdicts.accounting.holds).toBe(true);
    expectPassed(await submit(url).finished);
  }, 240_000);

  test("Ctrl-C where a run was asked for stops it where it is, and an overseer that is told to end ends it first", async () => {
    const { program, url } = await serve();
    for (const name of ["far-1", "far-2"]) joinBeacon(url, name);
    const long = await longScenario();
    const first = submit(url, ["--json"], long);
    await first.says(broadcastingFor(2));
    first.signal("SIGINT");
    expect((await first.finished).code).toBe(105);
    const second = submit(url, ["--json"], long);
    await second.says(broadcastingFor(2));
    program.signal("SIGTERM");
    expect((await second.finished).code).toBe(105);
    expect((await program.finished).code).toBe(0);
    const folders = await readdir(join(folder.path, "served"));
    expect(folders).toHaveLength(2);
    for (const id of folders) await access(join(folder.path, "served", id, "report.html"));
  }, 240_000);

  test("finds its beacons again when it is started anew, also after it was killed in the middle of a run", async () => {
    const proxy = await TcpProxy.to(1);
    proxies.push(proxy);
    const dialled = `https://127.0.0.1:${proxy.port}`;
    const first = await serve();
    proxy.leadTo(Number(new URL(first.url).port));
    const beacons = ["far-1", "far-2"].map((name) => joinBeacon(dialled, name));
    const run = submit(first.url, ["--json"], await longScenario());
    await run.says(broadcastingFor(2));
    first.program.signal("SIGKILL");
    await first.program.finished;
    const second = await serve();
    proxy.leadTo(Number(new URL(second.url).port));
    await waitUntil(async () => (await askJson<BeaconView[]>(second.url, ["beacons"])).length === 2, {
      timeoutMs: 30_000,
      everyMs: 500,
      onTimeout: () => new Error("the beacons did not come back"),
    });
    run.signal("SIGINT");
    run.signal("SIGINT");
    expectPassed(await submit(second.url).finished);
    for (const beacon of beacons) expect(beacon.child.exitCode).toBeNull();
    run.signal("SIGKILL");
  }, 240_000);

  test("sends a scenario's mistakes back to who wrote them, all of them", async () => {
    const { url } = await serve();
    const bad = await writeScenario(folder.path, shortScenario({ drian: "3s", beacons: { count: 0 } }));
    const { code, err } = await submit(url, [], bad).finished;
    expect(code).toBe(104);
    for (const part of ["drian", "drain", "beacons.count"]) expect(err).toContain(part);
    expect(err).not.toContain(join(folder.path, "served"));
  }, 60_000);

  test("waits no longer for beacons than it is told to", async () => {
    const { url } = await serve();
    const { code, err } = await submit(url, ["--wait", "1"]).finished;
    expect({ code, said: err.includes("0 of 2 beacons") }).toEqual({ code: 112, said: true });
  }, 60_000);

  test.each([
    ["tokens that are the same", (): string[] => ["--operator-token-file", tokenFile("beacon")]],
    [
      "every address without a certificate",
      (): string[] => ["--listen", "0.0.0.0:0", "--operator-token-file", tokenFile("operator")],
    ],
  ])("does not listen with %s", async (_, args) => {
    const program = new Program("overseer", ["serve", "--token-file", tokenFile("beacon"), ...args()]);
    expect((await program.finished).code).toBe(104);
  });
});

describe("what operators are served over HTTP", () => {
  interface Answer {
    readonly status: number;
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    readonly body: string;
  }

  /** As it is written: `fetch` would tidy the path. */
  function get(url: string, path: string, token: string | null, headers: Record<string, string> = {}): Promise<Answer> {
    const { hostname, port } = new URL(url);
    const auth = token === null ? {} : { authorization: `Bearer ${token}` };
    return new Promise((resolve, reject) => {
      const asked = request({ hostname, port, path, headers: { ...auth, ...headers } }, (response) => {
        let body = "";
        response.on("data", (data: Buffer) => {
          body += data.toString();
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      });
      asked.on("error", reject);
      asked.end();
    });
  }

  const id = "2026-01-02T03-04-05-made-by-hand";

  beforeEach(async () => {
    const run = join(folder.path, "served", id);
    await mkdir(join(run, "evidence"), { recursive: true });
    await mkdir(join(run, "charts"));
    const summary = { startedAt: "x", scenario: { name: "n" }, exit: { name: "passed" }, answer: { text: "a" } };
    await writeFile(join(run, "run.json"), JSON.stringify(summary));
    const policy = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'sha256-x'">`;
    await writeFile(join(run, "report.html"), `<!doctype html><head>${policy}</head>`);
    await writeFile(join(run, "charts", "rates.svg"), "<svg/>");
    await writeFile(join(run, "evidence", "manifest.json"), "{}");
    await writeFile(join(folder.path, "served", "secret"), "x");
  });

  test("the report's files and nothing else, whatever is asked for", async () => {
    const { url } = await serve([], false);
    const files = `/api/runs/${id}/files`;
    for (const path of ["/report.html", "/run.json", "/charts/rates.svg"]) {
      expect((await get(url, files + path, tokens.viewer)).status).toBe(200);
    }
    for (const path of [
      `${files}/evidence/manifest.json`,
      `${files}/../../secret`,
      `${files}/..%2f..%2fsecret`,
      `${files}/charts/../evidence/manifest.json`,
      `${files}/%2e%2e/%2e%2e/secret`,
      `${files}/charts/..%5c..%5csecret`,
      `${files}/%00run.json`,
      `${files}/`,
      `/api/runs/..%2f..%2f${tokens.beacon}/files/run.json`,
      "/api/runs/secret/files/run.json",
      "/api/runs/%2e%2e/files/run.json",
    ]) {
      const { status, body } = await get(url, path, tokens.viewer);
      expect({ path, status: status === 404 || status === 400, body: body.includes("manifest") }).toEqual({
        path,
        status: true,
        body: false,
      });
    }
  }, 60_000);

  test("pages may do in a browser what they say by digests, as nobody's origin, and answers nothing", async () => {
    const { url } = await serve([], false);
    const page = await get(url, `/api/runs/${id}/files/report.html`, tokens.viewer);
    expect(page.headers["content-security-policy"]).toBe(
      "default-src 'none'; script-src 'sha256-x'; frame-ancestors 'none'; sandbox allow-scripts",
    );
    expect(page.headers["x-content-type-options"]).toBe("nosniff");
    const chart = await get(url, `/api/runs/${id}/files/charts/rates.svg`, tokens.viewer);
    expect(chart.headers["content-security-policy"]).toMatch(/^default-src 'none'; sandbox/);
    const answer = await get(url, "/api/status", tokens.viewer);
    expect(answer.headers["content-security-policy"]).toMatch(/^default-src 'none'/);
    expect(JSON.parse(answer.body)).toMatchObject({ role: "viewer", beacons: 0, run: null });
  }, 60_000);

  test("only to those with a token of theirs, and not to who guesses", async () => {
    const { program, url } = await serve([], false);
    expect((await get(url, "/healthz", null)).status).toBe(200);
    for (const [token, status] of [
      [null, 401],
      [tokens.beacon, 401],
      ["", 401],
      [tokens.operator, 200],
    ] as const) {
      expect((await get(url, "/api/status", token)).status).toBe(status);
    }
    for (let i = 0; i < 7; i++) await get(url, "/api/runs", `guess-number-${i}`);
    const held = await get(url, "/api/status", tokens.operator);
    expect(held.status).toBe(429);
    expect(Number(held.headers["retry-after"])).toBeGreaterThan(30);
    await program.says(/too many wrong tokens/);
    expect(program.err).not.toContain("guess-number");
    for (const token of Object.values(tokens)) expect(program.err).not.toContain(token);
  }, 60_000);

  test("key files of submitted scenarios lie in the folder that the overseer's owner named", async () => {
    const keys = join(folder.path, "keys");
    await mkdir(keys);
    // The published development key of Graphene's genesis examples.
    await writeFile(join(keys, "own"), "5KQwrPbwdL6PhXujxW37FSSQZ1JiwsST4cqQzDeyXtP79zkvFD3");
    const { url } = await serve(["--keys", keys], false);
    const attempt = async (file: string): Promise<Finished> => {
      const accounts = { names: ["a", "b"], keys: { file } };
      const network = { endpoints: ["ws://127.0.0.1:1"] };
      const path = await writeScenario(folder.path, shortScenario({ network, accounts, thresholds: {} }));
      return submit(url, [], path).finished;
    };
    for (const file of ["../operator-token", "/etc/passwd", "sub/../../operator-token"]) {
      const { code, err } = await attempt(file);
      expect({ file, code, said: err.includes("accounts.keys.file") }).toEqual({ file, code: 104, said: true });
    }
    // Taken, and then there is no network.
    expect((await attempt("own")).code).toBe(113);
  }, 60_000);
});
