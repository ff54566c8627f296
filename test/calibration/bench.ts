import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { RunManifest } from "../../overseer/ledger/evidence.ts";
import type { RunSummary } from "../../overseer/reporting/run-summary.ts";
import {
  type DevnetConfigInput,
  type DevnetReady,
  devnetConfigSchema,
  devnetReadySchema,
} from "../../shared/devnet/config.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import { onlyRun, Program, readJson, temporaryFolder } from "../support/programs.ts";
import { accountKeyVariable, type CalibrationChain } from "./chains.ts";
import { type MachineNoise, witnessMachine } from "./machine-witness.ts";
import { beforeAllElse } from "./priority.ts";

type NodeBehaviours = NonNullable<DevnetConfigInput["nodes"]>;
type NetworkBehaviour = NonNullable<DevnetConfigInput["network"]>;

export interface RunRequest {
  readonly nodes: NodeBehaviours;
  readonly network?: NetworkBehaviour;
  /** Of the devnet: decides which transactions its faults hit. */
  readonly devnetSeed?: number;
  /** Fields of the scenario beside network, accounts and workload. */
  readonly scenario: Readonly<Record<string, unknown>>;
  /** Transactions that a beacon must be able to have under way to a node, where the truth depends on it. */
  readonly underWay?: number;
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
  /** For how long the node really held back each answer that has a delay, in microseconds. */
  readonly holdsMicros: readonly number[];
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
  /** How late the devnet itself was from T0 to the end of the load: a truth is only as good as this. */
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
  /** How late the machine was with others than the instrument, from T0 to the end of the load. */
  readonly machine: MachineNoise;
  /** Whether all of it ran before everything else on the machine. */
  readonly isFirst: boolean;
  /** Rows of the ledger, by SQL over the table `ledger`. */
  rows<R>(sql: string): Promise<R[]>;
}

/** A truth has to be kept to the millisecond, and the load is light. */
const priority = beforeAllElse();
const endTimeoutMs = 180_000;

/** Runs the built programs as a user would, against a devnet whose truth is known. */
export class Bench {
  readonly chain: CalibrationChain;

  constructor(chain: CalibrationChain) {
    this.chain = chain;
  }

  async run(request: RunRequest): Promise<Observed> {
    const folder = await temporaryFolder();
    const programs: Program[] = [];
    try {
      const devnet = await startDevnet(this.chain, request, folder.path, programs);
      const scenarioPath = join(folder.path, "scenario.json");
      await writeFile(scenarioPath, JSON.stringify(scenarioOf(this.chain, request, devnet)));
      const reports = join(folder.path, "reports");
      const overseer = await startOverseer(this.chain, request, scenarioPath, folder.path, programs);
      const start = await waitForT0(reports, overseer);
      const watched = start === null ? null : await watch(request, devnet, start);
      const finished = await overseer.finished;
      const after = withEarlier(await inspect(devnet), watched?.devnet.nodes ?? []);
      return {
        ...(await read(await onlyRun(reports), finished)),
        devnet: { ...after, latestMicros: watched?.devnet.latestMicros ?? after.latestMicros },
        machine: watched?.machine ?? silence,
        isFirst: priority.length > 0,
      };
    } finally {
      for (const program of programs) program.signal("SIGTERM");
      await Promise.all(programs.map((program) => program.finished));
      await folder.remove();
    }
  }
}

async function startDevnet(
  chain: CalibrationChain,
  request: RunRequest,
  folder: string,
  programs: Program[],
): Promise<DevnetReady> {
  const config = devnetConfigSchema.parse({
    ...chain.devnet,
    seed: request.devnetSeed ?? 1,
    ports: request.nodes.map(() => 0),
    nodes: request.nodes,
    network: request.network ?? {},
  } satisfies DevnetConfigInput);
  const path = join(folder, "devnet.json");
  await writeFile(path, JSON.stringify(config));
  const devnet = new Program("devnet", ["--config", path], {}, priority);
  programs.push(devnet);
  const [line] = await devnet.says(/^\{.*"event":"ready".*\}$/m);
  return devnetReadySchema.parse(JSON.parse(line));
}

function scenarioOf(chain: CalibrationChain, request: RunRequest, devnet: DevnetReady): Record<string, unknown> {
  const beacons = request.underWay === undefined ? {} : { beacons: chain.beaconsFor(request.underWay) };
  return {
    name: "calibration",
    question: "Does the truth that was put in come out again?",
    chain: chain.name,
    network: { endpoints: devnet.nodes.map(({ url }) => url) },
    ...chain.scenario,
    ...beacons,
    ...request.scenario,
  };
}

async function startOverseer(
  chain: CalibrationChain,
  request: RunRequest,
  scenario: string,
  folder: string,
  programs: Program[],
): Promise<Program> {
  const environment = { [accountKeyVariable]: chain.accountKey, ...request.environment };
  const common = ["run", scenario, "--reports", join(folder, "reports")];
  const { beacons } = request;
  if (beacons === undefined) {
    const overseer = new Program("overseer", common, environment, priority);
    programs.push(overseer);
    return overseer;
  }
  const token = join(folder, "token");
  await writeFile(token, "calibration-token-of-this-run-alone");
  const joining = ["--expect", String(beacons.length), "--listen", "127.0.0.1:0", "--token-file", token];
  const overseer = new Program("overseer", [...common, ...joining], environment, priority);
  programs.push(overseer);
  const [, url] = await overseer.says(/--overseer (http\S+)/);
  for (const { name, environment: own } of beacons) {
    const spool = join(folder, "spool");
    const args = ["--overseer", url as string, "--name", name, "--token-file", token, "--spool", spool];
    programs.push(new Program("beacon", args, own, priority));
  }
  return overseer;
}

interface Start {
  readonly t0WallMillis: number;
  /** When the last phase is over. */
  readonly endWallMillis: number;
}

interface Watched {
  readonly devnet: DevnetState;
  readonly machine: MachineNoise;
}

const silence: MachineNoise = { p50Micros: 0, p99Micros: 0, latestMicros: 0 };

/** From T0 to the end of the load: before and after it, signing and the report take the machine for themselves. */
async function watch(request: RunRequest, devnet: DevnetReady, start: Start): Promise<Watched> {
  const toMonotonic = (wallMillis: number): number => systemClock.nowMicros() + (wallMillis - Date.now()) * 1000;
  const noise = witnessMachine(toMonotonic(start.t0WallMillis), toMonotonic(start.endWallMillis), priority);
  await setFaultsAtT0(request, devnet, start);
  await until(start.t0WallMillis);
  // The devnet's lateness is counted from here on.
  const before = await inspect(devnet);
  const machine = await noise;
  return { devnet: withEarlier(await inspect(devnet), before.nodes), machine };
}

function until(wallMillis: number): Promise<void> {
  return waitUntil(() => Date.now() >= wallMillis, {
    timeoutMs: Math.max(0, wallMillis - Date.now()) + 1000,
    onTimeout: () => new Error("the clock stands still"),
  });
}

/** What the devnet tells of once only belongs to whichever state was asked for first. */
function withEarlier(state: DevnetState, earlier: readonly NodeState[]): DevnetState {
  const nodes = state.nodes.map((node, i) => ({
    ...node,
    holdsMicros: [...(earlier[i]?.holdsMicros ?? []), ...node.holdsMicros],
  }));
  return { ...state, nodes };
}

async function setFaultsAtT0({ atT0 }: RunRequest, devnet: DevnetReady, { t0WallMillis }: Start): Promise<void> {
  if (atT0 === undefined) return;
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

/** Null when the run ended before. */
async function waitForT0(reports: string, overseer: Program): Promise<Start | null> {
  let manifest: RunManifest | null = null;
  await waitUntil(
    async () => {
      manifest = await onlyRun(reports)
        .then((run) => readJson<RunManifest>(join(run, "evidence", "manifest.json")))
        .catch(() => null);
      return manifest?.t0WallMillis != null || overseer.child.exitCode !== null;
    },
    { timeoutMs: 60_000, onTimeout: () => new Error(`the run did not start:\n${overseer.out}\n${overseer.err}`) },
  );
  const { t0WallMillis, scenario } = (manifest ?? { t0WallMillis: null }) as RunManifest;
  if (t0WallMillis === null) return null;
  const ends = scenario.phases.map((phase) => phase.startMicros + phase.durationMicros);
  return { t0WallMillis, endWallMillis: t0WallMillis + Math.max(0, ...ends) / 1000 };
}

async function change(devnet: DevnetReady, body: unknown): Promise<void> {
  const response = await fetch(`${devnet.control}/behaviour`, { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`the devnet refuses ${JSON.stringify(body)}: ${await response.text()}`);
}

async function inspect(devnet: DevnetReady): Promise<DevnetState> {
  const response = await fetch(`${devnet.control}/state`, { signal: AbortSignal.timeout(endTimeoutMs) });
  return (await response.json()) as DevnetState;
}

async function read(
  run: string,
  finished: Awaited<Program["finished"]>,
): Promise<Omit<Observed, "devnet" | "machine" | "isFirst">> {
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
