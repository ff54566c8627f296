import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readManifest } from "../../overseer/ledger/read-evidence.ts";
import type { RunSummary } from "../../overseer/reporting/run-summary.ts";
import { type DevnetReady, devnetReadySchema } from "../../shared/devnet/config.ts";
import { exitCodes } from "../../shared/errors/exit-codes.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import { accountKeyVariable, calibrationChains } from "../calibration/chains.ts";
import { broadcastingFor, onlyRun, Program, processesWith, readJson, temporaryFolder } from "./programs.ts";
import { shortScenario, writeScenario } from "./scenarios.ts";
import { TcpProxy } from "./tcp-proxy.ts";

export interface BenchOptions {
  readonly scenario?: Record<string, unknown>;
  /** Beacons of their own, each behind a proxy, instead of ones that the overseer starts. */
  readonly remote?: boolean;
  /** A network that stands by itself, instead of one that dies with its overseer. */
  readonly endpoints?: boolean;
  /** Where the run's folder is made, if not in the bench's own. */
  readonly reports?: string;
  /** Where remote beacons spool, if not in the bench's own folder. */
  readonly spool?: string;
}

export interface Ended {
  readonly code: number | null;
  /** The exit code but for the verdict on the beacons' lateness, which is the machine's matter. */
  readonly codeOfCourse: number | null;
  readonly err: string;
  readonly summary: RunSummary | null;
  /** Files that were only for the time of the run. */
  readonly leftovers: readonly string[];
}

/** The stage in which something happens, by what the overseer says when it is reached. */
export const stages = {
  preparing: /"type":"preparing"/,
  armed: /"label":"Start"/i,
  broadcasting: broadcastingFor(3),
  "end of broadcasting": broadcastingFor(6),
  draining: /"stage":"draining"/,
  /** Where beacons are elsewhere: all is sent, and nothing of the second one's ledger comes through. */
  uploading: /"name":"beacon-1","state":"drained"/,
} as const;
export type Stage = keyof typeof stages;

const token = "a-token-of-some-length";
const embedded = { network: { embedded: { nodes: 2, blockInterval: "1s" } } };

/** One run with three beacons, and the means to do harm to its parts. */
export class ResilienceBench {
  readonly folder: string;
  readonly reports: string;
  readonly proxies: TcpProxy[] = [];
  readonly beacons: Program[] = [];
  readonly #options: BenchOptions;
  readonly #remove: () => Promise<void>;
  readonly #environment: Record<string, string> = {};
  #devnet: Program | null = null;
  #ready: DevnetReady | null = null;
  overseer!: Program;

  private constructor(folder: Awaited<ReturnType<typeof temporaryFolder>>, options: BenchOptions) {
    this.folder = folder.path;
    this.reports = options.reports ?? join(folder.path, "reports");
    this.#remove = () => folder.remove();
    this.#options = options;
  }

  static async start(options: BenchOptions = {}): Promise<ResilienceBench> {
    const bench = new ResilienceBench(await temporaryFolder(), options);
    const network = options.endpoints ? await bench.#startNetwork() : embedded;
    const scenario = await writeScenario(
      bench.folder,
      shortScenario({
        ...network,
        beacons: { count: 3, lease: "4s" },
        workload: { mix: { transfer: 1 } },
        phases: [{ name: "hold", rate: "60 tx/s", for: "8s" }],
        thresholds: {},
        ...options.scenario,
      }),
    );
    await writeFile(bench.tokenFile, token);
    const remote = ["--expect", "3", "--listen", "127.0.0.1:0", "--token-file", bench.tokenFile];
    const where = options.remote ? remote : [];
    const args = ["run", scenario, "--reports", bench.reports, "--json", ...where];
    bench.overseer = new Program("overseer", args, bench.#environment);
    if (options.remote) await bench.#startBeacons();
    return bench;
  }

  get tokenFile(): string {
    return join(this.folder, "token");
  }

  async reach(stage: Stage): Promise<void> {
    if (stage === "uploading") {
      await this.reach("end of broadcasting");
      this.proxies[1]?.block();
    }
    await this.overseer.says(stages[stage], 60_000);
  }

  startBeacon(index: number): void {
    const name = `beacon-${index + 1}`;
    const proxy = this.proxies[index] as TcpProxy;
    const spool = this.#options.spool ?? join(this.folder, "spools");
    const url = `http://127.0.0.1:${proxy.port}`;
    this.beacons[index] = new Program("beacon", [
      ...["--overseer", url, "--name", name, "--token-file", this.tokenFile, "--spool", spool],
    ]);
  }

  /** Process of a beacon on its own or started by the overseer, counted from 0. */
  async beaconPid(index: number): Promise<number> {
    if (this.#options.remote) return (this.beacons[index] as Program).pid;
    const ours = await processesWith(this.reports);
    const found = (await processesWith(join("spool", `local-${index + 1}`))).find((pid) => ours.includes(pid));
    if (found === undefined) throw new Error(`no process of beacon ${index + 1}`);
    return found;
  }

  async killBeacon(index: number): Promise<void> {
    process.kill(await this.beaconPid(index), "SIGKILL");
  }

  /** Returns what lets it go on. */
  async freezeBeacon(index: number): Promise<() => void> {
    const pid = await this.beaconPid(index);
    process.kill(pid, "SIGSTOP");
    return () => process.kill(pid, "SIGCONT");
  }

  async networkPid(): Promise<number> {
    const ours = await processesWith(this.reports);
    const found = (await processesWith("devnet.json")).find((pid) => ours.includes(pid));
    if (found === undefined) throw new Error("no process of the network");
    return found;
  }

  /** A node of a network of its own is gone for a while, from now on: no port, no connections, no blocks. */
  async loseNode(node: number, forMs: number): Promise<void> {
    const { control } = this.network;
    const body = JSON.stringify({ node, behaviour: { outages: [{ atMs: 0, forMs }] } });
    const response = await fetch(`${control}/behaviour`, { method: "POST", body });
    if (!response.ok) throw new Error(`the devnet refused an outage: ${await response.text()}`);
  }

  get network(): DevnetReady {
    if (this.#ready === null) throw new Error("there is no network of its own");
    return this.#ready;
  }

  async runFolder(): Promise<string> {
    return onlyRun(this.reports);
  }

  /** Takes the run up after its overseer was killed. */
  async resume(options: { readonly remote?: boolean; readonly wait?: number } = {}): Promise<Ended> {
    const listen = ["--expect", "3", "--listen", "127.0.0.1:0", "--token-file", this.tokenFile];
    const remote = options.remote ? [...listen, "--wait", String(options.wait ?? 60)] : [];
    this.overseer = new Program("overseer", ["resume", await this.runFolder(), "--json", ...remote], this.#environment);
    if (options.remote) {
      const [, port] = await this.overseer.says(/http:\/\/127\.0\.0\.1:(\d+)/);
      for (const proxy of this.proxies) proxy.leadTo(Number(port));
    }
    return this.end(60_000);
  }

  /** Waits for the overseer's end, which must come in time. */
  async end(withinMs: number): Promise<Ended> {
    await waitUntil(() => this.overseer.child.exitCode !== null || this.overseer.child.signalCode !== null, {
      timeoutMs: withinMs,
      onTimeout: () => new Error(`did not end within ${withinMs} ms:\n${this.overseer.err}\n${this.overseer.out}`),
    });
    const { code, err } = await this.overseer.finished;
    const summary = await this.runFolder()
      .then((folder) => readJson<RunSummary>(join(folder, "run.json")))
      .catch(() => null);
    const ending = await this.runFolder()
      .then(async (folder) => (await readManifest(folder)).ending)
      .catch(() => null);
    const isVoid = code === exitCodes["generator-bound"] && ending !== null;
    const codeOfCourse = isVoid ? exitCodes[ending.exitName] : code;
    return { code, codeOfCourse, err, summary, leftovers: await this.#leftovers() };
  }

  /** Ends what the test itself started, and fails when anything else of the run is left. */
  async close(): Promise<void> {
    for (const beacon of this.beacons) {
      beacon.signal("SIGCONT");
      beacon.signal("SIGTERM");
    }
    await Promise.all(this.beacons.map((beacon) => beacon.finished));
    this.#devnet?.signal("SIGTERM");
    await this.#devnet?.finished;
    await Promise.all(this.proxies.map((proxy) => proxy.close()));
    await waitUntil(async () => (await processesWith(this.folder)).length === 0, {
      timeoutMs: 20_000,
      onTimeout: () => new Error("processes were left running"),
    }).finally(async () => {
      for (const pid of await processesWith(this.folder)) process.kill(pid, "SIGKILL");
    });
    await this.#remove();
  }

  async #leftovers(): Promise<string[]> {
    const files = await readdir(this.reports, { recursive: true }).catch(() => []);
    return files.filter((file) => /\.(tmp|part)$|(included\.jsonl|overseer\.json)$|\/spool\/.*\.chunk$/.test(file));
  }

  async #startNetwork(): Promise<Record<string, unknown>> {
    const [chain] = calibrationChains;
    if (chain === undefined) throw new Error("there is no chain");
    const config = join(this.folder, "own-network.json");
    await writeFile(config, JSON.stringify({ ...chain.devnet, ports: [0, 0] }));
    this.#devnet = new Program("devnet", ["--config", config, "--watch-stdin"]);
    const [line] = await this.#devnet.says(/\{"event":"ready".*\}/);
    this.#ready = devnetReadySchema.parse(JSON.parse(line));
    this.#environment[accountKeyVariable] = chain.accountKey;
    return {
      network: { endpoints: this.#ready.nodes.map(({ url }) => url), chainId: this.#ready.chainId },
      accounts: chain.scenario.accounts,
    };
  }

  async #startBeacons(): Promise<void> {
    const [, port] = await this.overseer.says(/--overseer http:\/\/127\.0\.0\.1:(\d+)/, 60_000);
    for (let index = 0; index < 3; index++) {
      this.proxies.push(await TcpProxy.to(Number(port)));
      this.startBeacon(index);
    }
  }
}
