import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { defaultConfig, developmentKey } from "../../devnet/default-config.ts";
import type { RunManifest } from "../../overseer/ledger/evidence.ts";
import type { RunSummary } from "../../overseer/reporting/run-summary.ts";
import {
  type DevnetConfigInput,
  type DevnetReady,
  devnetConfigSchema,
  devnetReadySchema,
} from "../../shared/devnet/config.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import { onlyRun, Program, readJson, temporaryFolder } from "../support/programs.ts";

type NodeBehaviours = NonNullable<DevnetConfigInput["nodes"]>;
type NetworkBehaviour = NonNullable<DevnetConfigInput["network"]>;

export interface RunRequest {
  readonly nodes: NodeBehaviours;
  readonly network?: NetworkBehaviour;
  /** Of the devnet: decides which transactions its faults hit. */
  readonly devnetSeed?: number;
  /** Fields of the scenario beside network, accounts and workload. */
  readonly scenario: Readonly<Record<string, unknown>>;
  /** Faults whose times count from T0, put in place once T0 is known. */
  readonly atT0?: { readonly nodes?: readonly NodeBehaviours[number][]; readonly network?: NetworkBehaviour };
  /** Beacons as on machines of their own; none: the overseer starts those that the scenario asks for. */
  readonly beacons?: readonly { readonly name: string; readonly environment: Readonly<Record<string, string>> }[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface NodeState {
  readonly queued: number;
  readonly pending: number;
  readonly head: { readonly number: number };
  readonly counters: Readonly<
    Record<
      | "seen"
      | "accepted"
      | "rejected"
      | "forgotten"
      | "unanswered"
      | "included"
      | "dropped"
      | "revoked"
      | "orphaned"
      | "forks",
      number
    >
  >;
}

export interface DevnetState {
  /** How late the devnet itself was since T0: a truth is only as good as this. */
  readonly latestMicros: number;
  readonly nodes: readonly NodeState[];
}

/** What one run left behind, and what the devnet says about it. */
export interface Observed {
  readonly exitCode: number | null;
  readonly out: string;
  readonly summary: RunSummary;
  readonly manifest: RunManifest;
  readonly reportMarkdown: string;
  /** The devnet's own view, after the run. */
  readonly devnet: DevnetState;
  /** Rows of the ledger, by SQL over the table `ledger`. */
  rows<R>(sql: string): Promise<R[]>;
}

export const accounts = { names: { prefix: "stress-", count: 100, first: 0 }, keys: { env: "CALIBRATION_KEY" } };
const endTimeoutMs = 180_000;

/** Runs the built programs as a user would, against a devnet whose truth is known. */
export class Bench {
  async run(request: RunRequest): Promise<Observed> {
    const folder = await temporaryFolder();
    const programs: Program[] = [];
    try {
      const devnet = await startDevnet(request, folder.path, programs);
      const scenarioPath = join(folder.path, "scenario.json");
      await writeFile(scenarioPath, JSON.stringify(scenarioOf(request, devnet)));
      const reports = join(folder.path, "reports");
      const overseer = await startOverseer(request, scenarioPath, folder.path, programs);
      await setFaultsAtT0(request, devnet, reports, overseer);
      const finished = await overseer.finished;
      const state = await inspect(devnet);
      return await read(await onlyRun(reports), finished, state);
    } finally {
      for (const program of programs) program.signal("SIGTERM");
      await Promise.all(programs.map((program) => program.finished));
      await folder.remove();
    }
  }
}

async function startDevnet(request: RunRequest, folder: string, programs: Program[]): Promise<DevnetReady> {
  const config = devnetConfigSchema.parse({
    ...defaultConfig,
    seed: request.devnetSeed ?? 1,
    ports: request.nodes.map(() => 0),
    nodes: request.nodes,
    network: request.network ?? {},
  } satisfies DevnetConfigInput);
  const path = join(folder, "devnet.json");
  await writeFile(path, JSON.stringify(config));
  const devnet = new Program("devnet", ["--config", path]);
  programs.push(devnet);
  const [line] = await devnet.says(/^\{.*"event":"ready".*\}$/m);
  return devnetReadySchema.parse(JSON.parse(line));
}

function scenarioOf(request: RunRequest, devnet: DevnetReady): Record<string, unknown> {
  return {
    name: "calibration",
    question: "Does the truth that was put in come out again?",
    chain: "bitshares",
    network: { endpoints: devnet.nodes.map(({ url }) => url) },
    accounts,
    workload: { mix: { transfer: 1 } },
    ...request.scenario,
  };
}

async function startOverseer(
  request: RunRequest,
  scenario: string,
  folder: string,
  programs: Program[],
): Promise<Program> {
  const environment = { CALIBRATION_KEY: developmentKey.privateKey, ...request.environment };
  const common = ["run", scenario, "--reports", join(folder, "reports")];
  const { beacons } = request;
  if (beacons === undefined) {
    const overseer = new Program("overseer", common, environment);
    programs.push(overseer);
    return overseer;
  }
  const token = join(folder, "token");
  await writeFile(token, "calibration-token-of-this-run-alone");
  const joining = ["--expect", String(beacons.length), "--listen", "127.0.0.1:0", "--token-file", token];
  const overseer = new Program("overseer", [...common, ...joining], environment);
  programs.push(overseer);
  const [, url] = await overseer.says(/--overseer (http\S+)/);
  for (const { name, environment: own } of beacons) {
    const spool = join(folder, "spool");
    const args = ["--overseer", url as string, "--name", name, "--token-file", token, "--spool", spool];
    programs.push(new Program("beacon", args, own));
  }
  return overseer;
}

async function setFaultsAtT0(
  { atT0 }: RunRequest,
  devnet: DevnetReady,
  reports: string,
  overseer: Program,
): Promise<void> {
  const t0WallMillis = await waitForT0(reports, overseer);
  // The devnet's lateness is counted from here on.
  await inspect(devnet);
  if (t0WallMillis === null || atT0 === undefined) return;
  const fromNowMs = <T extends { readonly atMs: number }>(fault: T): T => ({
    ...fault,
    atMs: fault.atMs + t0WallMillis - Date.now(),
  });
  for (const [node, { stalls = [], dropConnectionsAtMs = [], ...rest }] of (atT0.nodes ?? []).entries()) {
    const cuts = dropConnectionsAtMs.map((atMs) => fromNowMs({ atMs }).atMs);
    const behaviour = { ...rest, stalls: stalls.map(fromNowMs), dropConnectionsAtMs: cuts };
    await change(devnet, { node, behaviour });
  }
  if (atT0.network === undefined) return;
  const { partitions = [], ...rest } = atT0.network;
  await change(devnet, { network: { ...rest, partitions: partitions.map(fromNowMs) } });
}

async function waitForT0(reports: string, overseer: Program): Promise<number | null> {
  let t0WallMillis: number | null = null;
  await waitUntil(
    async () => {
      t0WallMillis = await onlyRun(reports)
        .then((run) => readJson<RunManifest>(join(run, "evidence", "manifest.json")))
        .then((manifest) => manifest.t0WallMillis)
        .catch(() => null);
      return t0WallMillis !== null || overseer.child.exitCode !== null;
    },
    { timeoutMs: 60_000, onTimeout: () => new Error(`the run did not start:\n${overseer.out}\n${overseer.err}`) },
  );
  return t0WallMillis;
}

async function change(devnet: DevnetReady, body: unknown): Promise<void> {
  const response = await fetch(`${devnet.control}/behaviour`, { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`the devnet refuses ${JSON.stringify(body)}: ${await response.text()}`);
}

async function inspect(devnet: DevnetReady): Promise<DevnetState> {
  const response = await fetch(`${devnet.control}/state`, { signal: AbortSignal.timeout(endTimeoutMs) });
  return (await response.json()) as DevnetState;
}

async function read(run: string, finished: Awaited<Program["finished"]>, devnet: DevnetState): Promise<Observed> {
  const summary = await readJson<RunSummary>(join(run, "run.json")).catch(() => {
    throw new Error(`the run left no report:\n${finished.out}\n${finished.err}`);
  });
  const database = await DuckDBInstance.create(":memory:");
  const connection = await database.connect();
  // Read whole, because the run's folder is gone when the case looks into it.
  await connection.run(`CREATE TABLE ledger AS FROM '${join(run, "ledger.parquet")}'`);
  return {
    exitCode: finished.code,
    out: finished.out,
    summary,
    manifest: await readJson<RunManifest>(join(run, "evidence", "manifest.json")),
    reportMarkdown: await readFile(join(run, "report.md"), "utf8"),
    devnet,
    rows: async <R>(sql: string) => {
      const reader = await connection.runAndReadAll(sql);
      return reader.getRowObjectsJS().map(toNumbers) as R[];
    },
  };
}

function toNumbers(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === "bigint" ? Number(value) : value]),
  );
}
