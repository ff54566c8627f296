import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, chown, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";
import type { RunSummary } from "../../overseer/reporting/run-summary.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import { onlyRun, Program, readJson } from "../support/programs.ts";

const execute = promisify(execFile);

/** The engine's own client, so that what the program says of the engine is checked by another. */
export async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await execute("docker", [...args], { maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export async function overseer(...args: readonly string[]): Promise<Ended> {
  return new Program("overseer", args).finished;
}

/** What a run or a search calls its deployment, once it has said so. */
export async function deploymentOf(program: Program): Promise<string> {
  const [, name] = await program.says(/as (run-\d{8}-\d{6}-[0-9a-f]{6})/);
  return name as string;
}

/** Everything in the engine that has a label of ours, for one deployment. */
export async function remainsOf(deployment: string): Promise<string[]> {
  const filter = `label=loadstone.deployment=${deployment}`;
  const lists = await Promise.all([
    docker("ps", "--all", "--filter", filter, "--format", "container {{.Names}}"),
    docker("network", "ls", "--filter", filter, "--format", "network {{.Name}}"),
    docker("volume", "ls", "--filter", filter, "--format", "volume {{.Name}}"),
    ...((await isSwarmManager())
      ? [
          docker("service", "ls", "--filter", filter, "--format", "service {{.Name}}"),
          docker("secret", "ls", "--filter", filter, "--format", "secret {{.Name}}"),
        ]
      : []),
  ]);
  return lists.flatMap((list) => list.split("\n")).filter((line) => line !== "");
}

export async function isSwarmManager(): Promise<boolean> {
  return (await docker("info", "--format", "{{.Swarm.ControlAvailable}}")) === "true";
}

/** Makes the engine the manager of a swarm where it is none; what is returned puts that back. */
export async function ensureSwarm(): Promise<() => Promise<void>> {
  if (await isSwarmManager()) return () => Promise.resolve();
  await docker("swarm", "init", "--advertise-addr", "127.0.0.1");
  return async () => {
    await docker("swarm", "leave", "--force");
  };
}

export async function volumeNames(): Promise<string[]> {
  return (await docker("volume", "ls", "--quiet")).split("\n").filter((name) => name !== "");
}

export const token = "a-token-for-the-tests-of-containers";
/** Number of the images' user. */
const imageUser = 1000;

/** Files of a deployment in a folder; returns the path of the deployment's own. */
export async function writeDeployment(folder: string, deployment: Record<string, unknown>): Promise<string> {
  await writeFile(join(folder, "token"), token);
  const path = join(folder, `${String(deployment.name)}.yaml`);
  await writeFile(path, stringify(deployment));
  return path;
}

/** Transfers between the accounts of the devnet's image, to all three of its nodes. */
export function containerScenario(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: "containers",
    question: "Does a run work when every part is in a container?",
    chain: "bitshares",
    network: { endpoints: [8090, 8091, 8092].map((port) => `ws://devnet:${port}`) },
    accounts: { names: { prefix: "stress-", count: 50, first: 0 }, keys: { file: "key" } },
    workload: { mix: { transfer: 1 } },
    phases: [{ name: "hold", rate: "60 tx/s", for: "5s" }],
    drain: "20s",
    ...changes,
  };
}

/** The published development key of Graphene's genesis examples, which the image's accounts have. */
export const developmentKey = "5KQwrPbwdL6PhXujxW37FSSQZ1JiwsST4cqQzDeyXtP79zkvFD3";

/** Runs a scenario in a container of the overseer's image that is called `overseer` in `network`. */
export async function runInContainer(
  folder: string,
  options: { readonly network: string; readonly expect: number; readonly scenario: Record<string, unknown> },
): Promise<{ readonly code: number; readonly log: string; readonly summary: RunSummary; readonly runFolder: string }> {
  const files = join(folder, "files");
  const reports = join(folder, `reports-${performance.now()}`);
  for (const path of [files, reports]) await mkdir(path, { recursive: true });
  await writeFile(join(files, "scenario.yaml"), stringify(options.scenario));
  await writeFile(join(files, "key"), developmentKey);
  await writeFile(join(files, "token"), token);
  // The image's user writes there; root's tests may give the folder away, others must open it.
  if (process.getuid?.() === 0) await chown(reports, imageUser, imageUser);
  else await chmod(reports, 0o777);
  const name = `loadstone-test-overseer-${process.pid}`;
  const { code, log } = await execute(
    "docker",
    [
      ...["run", "--rm", "--name", name, "--network", options.network, "--network-alias", "overseer"],
      ...["--read-only", "--cap-drop", "ALL", "--init"],
      ...["--volume", `${files}:/files:ro`, "--volume", `${reports}:/app/reports`],
      ...[await imageOf("overseer"), "run", "/files/scenario.yaml"],
      ...["--expect", String(options.expect), "--token-file", "/files/token"],
      ...["--listen", "0.0.0.0:7411", "--without-tls"],
    ],
    { maxBuffer: 64 * 1024 * 1024 },
  ).then(
    ({ stdout, stderr }) => ({ code: 0, log: stdout + stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      log: error.stdout + error.stderr,
    }),
  );
  const runFolder = await onlyRun(reports).catch((cause: unknown) => {
    throw new Error(`no report: exit ${code}\n${log}`, { cause });
  });
  return { code, log, summary: await readJson<RunSummary>(join(runFolder, "run.json")), runFolder };
}

export async function imageOf(program: "overseer" | "beacon" | "devnet"): Promise<string> {
  const manifest = await readJson<{ version: string }>(new URL("../../package.json", import.meta.url).pathname);
  return `loadstone-${program}:${manifest.version}`;
}

/** Until the engine's client shows what is waited for. */
export async function dockerShows(args: readonly string[], expected: (text: string) => boolean): Promise<void> {
  let text = "";
  await waitUntil(
    async () => {
      text = await docker(...args).catch(String);
      return expected(text);
    },
    { timeoutMs: 90_000, everyMs: 200, onTimeout: () => new Error(`docker ${args.join(" ")} shows:\n${text}`) },
  );
}

/** Cuts a beacon off from its network, and kills it once it has kept something; returns the digests of what it has. */
export async function loseForGood(beacon: string, network: string): Promise<readonly string[]> {
  await docker("network", "disconnect", "--force", network, beacon);
  let digests: readonly string[] = [];
  await waitUntil(
    async () => {
      const sums = await docker("exec", beacon, "sh", "-c", "find /spool -name '*.chunk' -exec sha256sum {} +");
      digests = sums.split("\n").flatMap((line) => line.match(/^[0-9a-f]{64}/)?.[0] ?? []);
      return digests.length > 0;
    },
    { timeoutMs: 30_000, everyMs: 200, onTimeout: () => new Error("a beacon that is cut off keeps nothing") },
  );
  await docker("kill", beacon);
  return digests;
}

/** Of all chunks that a run has of a beacon. */
export async function ledgerDigests(runFolder: string, beacon: string): Promise<readonly string[]> {
  const chunks = join(runFolder, "evidence", "chunks", beacon);
  const kept = await Promise.all((await readdir(chunks)).map((file) => readFile(join(chunks, file))));
  return kept.map((bytes) => createHash("sha256").update(bytes).digest("hex"));
}
