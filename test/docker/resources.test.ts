import { readFile, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { stringify } from "yaml";
import type { ResourceSummary, RunSummary, Spread } from "../../overseer/reporting/run-summary.ts";
import { broadcastingFor, onlyRun, Program, readJson, temporaryFolder } from "../support/programs.ts";
import { type Monitoring, monitoringPrograms, startMonitoring } from "./monitoring.ts";
import { docker, imageOf } from "./support.ts";

const burner = `loadstone-test-burner-${process.pid}`;
const ender = `loadstone-test-ender-${process.pid}`;
const burntCores = 0.3;
const heldBytes = 150e6;
/** Holds the memory, keeps a processor busy, and keeps account of it in its log. */
const burning = `
const held = Buffer.alloc(${heldBytes}, 1);
for (let next = 0; ; held[0]++) {
  if (held[0] !== 0 || Date.now() < next) continue;
  next = Date.now() + 250;
  const { user, system } = process.cpuUsage();
  require("node:fs").writeSync(1, JSON.stringify({ atMs: Date.now(), cpuMicros: user + system }) + "\\n");
}`;

const programs = await monitoringPrograms();
if (programs === null) process.stderr.write("There is no Prometheus here: what is observed with it is left out.\n");
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let monitoring: Monitoring | null = null;

beforeAll(async () => {
  folder = await temporaryFolder();
  if (programs !== null) monitoring = await startMonitoring(programs, folder.path);
});

afterAll(async () => {
  await docker("rm", "--force", burner, ender);
  await monitoring?.stop();
  await folder.remove();
});

async function observed(
  observe: Record<string, unknown>,
  { inTheMiddle }: { readonly inTheMiddle?: () => Promise<void> } = {},
): Promise<{ summary: RunSummary; report: string }> {
  const reports = join(folder.path, `reports-${performance.now()}`);
  const scenario = join(folder.path, "scenario.yaml");
  await writeFile(
    scenario,
    stringify({
      name: "observed",
      question: "What do the machines do?",
      chain: "bitshares",
      network: { embedded: { nodes: 1 } },
      accounts: { count: 20, balance: "100000 BTS" },
      workload: { mix: { transfer: 1 } },
      phases: [{ name: "hold", rate: "20 tx/s", for: "12s" }],
      drain: "10s",
      observe,
    }),
  );
  const started = new Program("overseer", ["run", scenario, "--reports", reports, "--json"]);
  if (inTheMiddle !== undefined) {
    await started.says(broadcastingFor(5), 180_000);
    await inTheMiddle();
  }
  const { code, err } = await started.finished;
  // A machine that is busy with other things may void the run's timing: what was observed stands all the same.
  expect({ code, err }).toEqual({ code: code === 110 ? 110 : 0, err });
  const run = await onlyRun(reports);
  return { summary: await readJson<RunSummary>(join(run, "run.json")), report: join(run, "report.md") };
}

function sourceIn(summary: RunSummary, name: string): ResourceSummary {
  const source = summary.resources?.find((one) => one.name === name);
  if (source === undefined) throw new Error(`${name} is not among ${summary.resources?.map((one) => one.name)}`);
  return source;
}

function spreadIn(source: ResourceSummary, key: string): Spread {
  const spread = source.measures.find((measure) => measure.key === key)?.spread;
  if (spread === undefined || spread === null) throw new Error(`nothing was seen of ${key} of ${source.name}`);
  return spread;
}

/** By the burner's own account, over the time in which it was looked at under load. */
async function coresBurnt({ t0WallMillis, phases }: RunSummary, { seconds }: ResourceSummary): Promise<number> {
  const loadSeconds = phases.reduce((sum, phase) => sum + phase.seconds, 0);
  const looked = seconds.filter((second) => second <= loadSeconds).map((second) => (t0WallMillis ?? 0) + second * 1e3);
  const lines = (await docker("logs", burner)).split("\n");
  const accounts = lines.map((line) => JSON.parse(line) as { readonly atMs: number; readonly cpuMicros: number });
  const [first, ...rest] = accounts.filter(({ atMs }) => atMs >= Math.min(...looked) && atMs <= Math.max(...looked));
  const last = rest.at(-1);
  if (first === undefined || last === undefined) throw new Error(`nothing of these seconds in ${lines.length} lines`);
  return (last.cpuMicros - first.cpuMicros) / 1e3 / (last.atMs - first.atMs);
}

describe("what is observed besides the beacons", () => {
  test("the engine's statistics of a container show the processor time and the memory that it is known to take", async () => {
    const image = await imageOf("devnet");
    const node = ["--entrypoint", "node", "--read-only", "--cap-drop", "ALL", image, "-e"];
    await docker("run", "--detach", "--name", burner, "--cpus", String(burntCores), ...node, burning);
    await docker("run", "--detach", "--name", ender, ...node, "setInterval(() => undefined, 1e6)");
    // From the middle of the run on there is a gap and no zero.
    const { summary } = await observed(
      { containers: [{ name: burner }, { name: ender }, { name: "nobody" }] },
      { inTheMiddle: async () => void (await docker("kill", ender)) },
    );
    const source = sourceIn(summary, burner);
    const cores = spreadIn(source, "cpu");
    const truth = await coresBurnt(summary, source);
    process.stderr.write(
      `a container limited to ${burntCores} cores: ${cores.mean.toFixed(3)} measured, ${truth.toFixed(3)} used by its own account\n`,
    );
    // A machine that is short of processors gives less than the limit; the two are of the same seconds but for the ends.
    expect(cores.mean).toBeGreaterThan(truth * 0.7);
    expect(cores.mean).toBeLessThan(truth * 1.3);
    const memory = spreadIn(source, "memory");
    expect(memory.median).toBeGreaterThan(heldBytes);
    expect(memory.median).toBeLessThan(heldBytes + 100e6);

    const gone = sourceIn(summary, ender).measures.find(({ key }) => key === "memory")?.values ?? [];
    expect(gone.filter((value) => value !== null && value > 0).length).toBeGreaterThan(0);
    expect(gone).not.toContain(0);
    expect(gone.at(-1)).toBeNull();
    expect(sourceIn(summary, "nobody").gaps?.reason).toBe("the engine has no such container");
    // The overseer and the embedded network are processes of this machine.
    expect(spreadIn(sourceIn(summary, "devnet"), "memory").median).toBeGreaterThan(20e6);
    expect(spreadIn(sourceIn(summary, "overseer"), "cpu").maximum).toBeLessThanOrEqual(cpus().length * 1.05);
  });

  (programs === null ? test.skip : test)(
    "a node exporter and a Prometheus server tell the same of this host",
    async () => {
      const { exporterUrl, serverUrl } = monitoring as Monitoring;
      const busy = 'sum(rate(node_cpu_seconds_total{mode!~"idle|iowait|steal"}[4s]))';
      const { summary, report } = await observed({
        prometheus: [
          { name: "this host", url: exporterUrl, metrics: "host", interval: "1s" },
          { name: "the server", url: `${serverUrl}/metrics`, metrics: "process", interval: "1s" },
          {
            name: "queries",
            server: serverUrl,
            interval: "1s",
            metrics: [{ name: "busy", query: busy, unit: "cores" }],
          },
          { name: "nobody", url: "http://127.0.0.1:9/metrics", metrics: "antelope" },
        ],
      });
      const host = sourceIn(summary, "this host");
      const own = spreadIn(host, "cpu");
      const queried = spreadIn(sourceIn(summary, "queries"), "busy");
      process.stderr.write(`this host: ${own.mean.toFixed(2)} cores scraped, ${queried.mean.toFixed(2)} queried\n`);
      expect(own.mean).toBeGreaterThan(0);
      expect(own.maximum).toBeLessThanOrEqual(cpus().length * 1.05);
      // Both are of the same counters, over windows that are shifted by at most the 4 s of the query, of 12 s.
      expect(Math.abs(own.mean - queried.mean)).toBeLessThan(0.35 * cpus().length);
      expect(spreadIn(host, "memory").maximum).toBeLessThan(totalmem());
      expect(host.gaps).toBeNull();
      expect(spreadIn(sourceIn(summary, "the server"), "memory").median).toBeGreaterThan(1e6);
      const nobody = sourceIn(summary, "nobody");
      expect(nobody.gaps?.count).toBe(nobody.seconds.length);
      expect(nobody.measures.flatMap(({ values }) => values).filter((value) => value !== null)).toEqual([]);
      expect(await readFile(report, "utf8")).toContain("What containers, processes and machines used");
    },
  );
});
