import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { BlockFollower, ChainDriver } from "../../shared/chains/driver.ts";
import { codeOfOutcome, codeOfReason } from "../../shared/chains/outcome.ts";
import { AppError, exitNameOf, messageOf } from "../../shared/errors/app-error.ts";
import type { Clock } from "../../shared/time/clock.ts";
import { Teardown } from "../../shared/time/teardown.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import { adoptSpools } from "../ledger/adopt-spools.ts";
import { listChunks, readChunk } from "../ledger/chunk-store.ts";
import type { EventRecord, IncludedRecord, OverseerRecord, RunEnding, RunManifest } from "../ledger/evidence.ts";
import { evidencePaths } from "../ledger/evidence-files.ts";
import { decodeSequences } from "../ledger/included.ts";
import { readJsonLines } from "../ledger/json-lines.ts";
import { readEvidence } from "../ledger/read-evidence.ts";
import { windowsOf } from "../ledger/windows.ts";
import { type EvidenceWriter, openEvidenceWriter } from "../ledger/write-evidence.ts";
import { ChainView } from "../observe/chain-view.ts";
import { BeaconGateway } from "../server/beacon-gateway.ts";
import type { BeaconSession } from "../server/beacon-session.ts";
import { OutcomeBoard } from "./outcome-board.ts";
import type { RunProgress } from "./progress.ts";
import type { RemoteBeacons } from "./run-request.ts";

export interface ResumeRequest {
  readonly runFolder: string;
  /** Beacons on other machines that are to hand in what they have; null: only those of this machine. */
  readonly remote: RemoteBeacons | null;
  readonly signal: AbortSignal;
}

export interface ResumeDependencies {
  readonly driverOf: (chain: string) => ChainDriver;
  readonly progress: RunProgress;
  readonly clock: Clock;
}

/** Local beacons end with their overseer: they settle what is in flight and write it to disk, which takes a moment. */
const localEndTimeoutMs = 20_000;
const killTimeoutMs = 5000;
const handInTimeoutMs = 120_000;
/** Blocks may have been replaced by others as far back as this when the overseer died. */
const rereadBlocks = 100;
const stallMs = 30_000;

/**
 * Finishes a run whose overseer died: takes what beacons of this machine left on disk and what those elsewhere hand in,
 * reads the blocks that nobody saw where the network still exists, and writes the ending. Nothing is sent any more.
 * A run that has its ending already is left as it is. Throws USAGE while its overseer is still there.
 */
export async function resumeRun(request: ResumeRequest, dependencies: ResumeDependencies): Promise<void> {
  const evidence = await readEvidence(request.runFolder);
  await refuseWhileConducted(request.runFolder);
  if (evidence.manifest.ending !== null) return;
  const teardown = new Teardown();
  try {
    await new Resumption(request, dependencies, evidence.manifest, teardown).run();
  } finally {
    for (const failure of await teardown.run()) dependencies.progress.fact("Warning", `not undone: ${failure}`);
  }
}

class Resumption {
  readonly #request: ResumeRequest;
  readonly #dependencies: ResumeDependencies;
  readonly #manifest: RunManifest;
  readonly #teardown: Teardown;
  readonly #view: ChainView;
  readonly #board: OutcomeBoard;
  /** T0 on this process's monotonic clock, by way of the wall clock. */
  readonly #t0Micros: number;
  #cutOff = 0;
  #latestMicros = 0;

  constructor(request: ResumeRequest, dependencies: ResumeDependencies, manifest: RunManifest, teardown: Teardown) {
    this.#request = request;
    this.#dependencies = dependencies;
    this.#manifest = manifest;
    this.#teardown = teardown;
    const { clock } = dependencies;
    const { transactions } = manifest.plan;
    const t0WallMillis = manifest.t0WallMillis ?? clock.wallMillis();
    this.#t0Micros = clock.nowMicros() - (clock.wallMillis() - t0WallMillis) * 1000;
    this.#board = new OutcomeBoard(transactions, manifest.scenario.phases);
    this.#view = new ChainView(
      { transactions, afterBlock: manifest.network.headNumber },
      { onBlock: () => undefined, onFork: () => undefined, onIncluded: () => undefined },
    );
  }

  async run(): Promise<void> {
    const { runFolder, remote } = this.#request;
    const { progress } = this.#dependencies;
    const evidence = await openEvidenceWriter(runFolder);
    this.#tell(evidence, "info", "the overseer had gone; the run is finished without it");
    await this.#endLocalBeacons(evidence);
    const adopted = await adoptSpools(runFolder);
    progress.fact(
      "Spools",
      `${adopted} ${adopted === 1 ? "chunk" : "chunks"} of this machine's beacons taken from disk`,
    );
    const missing = remote === null ? [] : await this.#gatherRemote(evidence, remote);
    await this.#readLedger();
    await this.#restoreBlocks();
    await this.#readMissedBlocks(evidence);
    await this.#writeEnding(evidence, missing);
  }

  /** A frozen one would never end by itself; its command line proves that the number is still its own. */
  async #endLocalBeacons(evidence: EvidenceWriter): Promise<void> {
    const { spool } = evidencePaths(this.#request.runFolder);
    const { signal } = this.#request;
    const own = this.#manifest.beacons.filter((beacon) => beacon.host.hostname === hostname());
    const alive = async (): Promise<number[]> => {
      const found = [];
      for (const { name, host } of own) if (await hasInCommandLine(host.pid, join(spool, name))) found.push(host.pid);
      return found;
    };
    const onTimeout = (): AppError => new AppError("INTERNAL", "the run's beacons on this machine do not end");
    const ended = async (): Promise<boolean> => (await alive()).length === 0;
    try {
      await waitUntil(ended, { timeoutMs: localEndTimeoutMs, everyMs: 100, signal, onTimeout });
    } catch (error) {
      signal.throwIfAborted();
      this.#tell(evidence, "warning", `${messageOf(error)}: they are ended by force`);
      for (const pid of await alive()) process.kill(pid, "SIGKILL");
      await waitUntil(ended, { timeoutMs: killTimeoutMs, everyMs: 50, signal, onTimeout });
    }
  }

  /** Returns the names of those that did not come. */
  async #gatherRemote(evidence: EvidenceWriter, remote: RemoteBeacons): Promise<string[]> {
    const { clock, progress } = this.#dependencies;
    const { signal } = this.#request;
    const { runId, beacons } = this.#manifest;
    const handed = new Set<string>();
    const failed = new Map<string, string>();
    const known = new Set(beacons.map((beacon) => beacon.name));
    const take = async (session: BeaconSession): Promise<void> => {
      const { windows = [], takeovers = [] } = this.#manifest;
      const epochs = [...beacons, ...windows, ...takeovers].flatMap((assignment) => assignment.epoch ?? []);
      for (const epoch of new Set(epochs)) {
        session.listen({
          runId,
          epoch,
          onStatus: () => 0,
          onPrepared: () => undefined,
          onFailed: () => undefined,
          onTrouble: () => undefined,
          onReasonSample: (_, { node, reason, message }) =>
            evidence.appendReason({ beacon: session.name, node, reason, message }),
          onConnection: () => undefined,
          onChunk: async (_, bytes) => {
            await evidence.storeChunk(session.name, bytes);
          },
        });
      }
      try {
        const { leftoverChunks } = await session.request("handIn", { runId }, handInTimeoutMs);
        this.#tell(
          evidence,
          "info",
          `handed in what it had, ${leftoverChunks} chunks of earlier processes`,
          session.name,
        );
        handed.add(session.name);
      } catch (error) {
        failed.set(session.name, messageOf(error));
      }
    };
    const gateway = new BeaconGateway(remote.door, {
      clock,
      onArrival: (session) => {
        if (known.has(session.name)) void take(session);
      },
      onRefusal: (name, cause) => progress.fact("Refused", `${name}: ${cause}`),
    });
    const url = await gateway.listen();
    this.#teardown.defer("close the door for beacons", () => gateway.close());
    progress.fact("Waiting", `for ${remote.count} beacons at ${url}`);
    await waitUntil(() => handed.size + failed.size >= remote.count, {
      timeoutMs: remote.waitMs,
      signal,
      onTimeout: () => new AppError("BEACON_LOST", "not every beacon came"),
    }).catch((error: unknown) => {
      signal.throwIfAborted();
      this.#tell(evidence, "warning", messageOf(error));
    });
    for (const [name, why] of failed) this.#tell(evidence, "error", `could not hand in what it had: ${why}`, name);
    progress.fact("Beacons", `${handed.size} of ${remote.count} handed in what they had`);
    return [...known].filter((name) => !handed.has(name));
  }

  async #readLedger(): Promise<void> {
    for (const stored of await listChunks(evidencePaths(this.#request.runFolder).chunks)) {
      const chunk = await readChunk(stored);
      if (chunk.table === "prepared") {
        this.#view.addPrepared(chunk.columns);
        continue;
      }
      this.#board.add(chunk.columns);
      const { outcome, reason, sent, answered } = chunk.columns;
      for (let row = 0; row < chunk.rows; row++) {
        if (outcome[row] === codeOfOutcome("cancelled") && reason[row] !== codeOfReason("phase-over")) this.#cutOff++;
        this.#seenAt(sent[row] as number);
        this.#seenAt(answered[row] as number);
      }
    }
  }

  async #restoreBlocks(): Promise<void> {
    const paths = evidencePaths(this.#request.runFolder);
    const { blocks } = await readEvidence(this.#request.runFolder);
    const included = await readJsonLines<IncludedRecord>(paths.included);
    const ours = new Map(included.map((record) => [record.block, decodeSequences(record.sequences)]));
    for (const block of blocks) {
      this.#view.restoreBlock(block, ours.get(block.id) ?? new Uint32Array(), this.#t0Micros);
      for (const arrival of Object.values(block.arrivals)) this.#seenAt(arrival);
    }
  }

  /** An embedded network has gone with its overseer; of others the chain's own time stands in for a block's arrival. */
  async #readMissedBlocks(evidence: EvidenceWriter): Promise<void> {
    const { network, scenario, t0WallMillis } = this.#manifest;
    if (scenario.network.kind !== "endpoints" || t0WallMillis === null) return;
    const { clock, progress } = this.#dependencies;
    const { signal } = this.#request;
    const from = Math.max(network.headNumber, this.#view.headNumber - rereadBlocks);
    let head = 0;
    let trouble = "no node answered";
    const driver = this.#dependencies.driverOf(scenario.chain);
    const followers = network.nodes.map(({ endpoint }) =>
      driver.follow({
        endpoint,
        afterBlock: from,
        signal,
        handlers: {
          onHead: ({ number }) => {
            head = Math.max(head, number);
          },
          onIrreversible: (number) => this.#view.settle(number, clock.nowMicros()),
          onTrouble: (message) => {
            trouble = message;
          },
          onConnected: () => undefined,
        },
      }),
    );
    this.#teardown.defer("close the observers", async () => {
      await Promise.allSettled(followers.map((follower) => follower.close()));
    });
    const deadline = clock.nowMicros() + scenario.drainMicros + stallMs * 1000;
    let next = from + 1;
    let read = 0;
    let progressed = clock.nowMicros();
    try {
      await waitUntil(
        async () => {
          for (; next <= head; next++) {
            const block = await fetchFromAny(followers, next);
            if (block === null) break;
            const atMicros = this.#t0Micros + (block.timestampMs - t0WallMillis) * 1000;
            this.#view.addBlock(block, atMicros);
            this.#seenAt(atMicros - this.#t0Micros);
            progressed = clock.nowMicros();
            read++;
          }
          const now = clock.nowMicros();
          if (now - progressed > stallMs * 1000) throw new AppError("NETWORK_UNREACHABLE", trouble);
          return head > 0 && next > head && (this.#waiting() === 0 || now > deadline);
        },
        {
          timeoutMs: Number.MAX_SAFE_INTEGER,
          everyMs: 100,
          signal,
          onTimeout: () => new AppError("NETWORK_UNREACHABLE", trouble),
        },
      );
    } catch (error) {
      signal.throwIfAborted();
      this.#tell(evidence, "warning", `not all blocks could be read afterwards: ${messageOf(error)}`);
    }
    progress.fact("Blocks", `${read} read afterwards, up to #${this.#view.headNumber}`);
    this.#tell(evidence, "info", `${read} blocks were read afterwards: the chain's own time stands for when they came`);
  }

  #waiting(): number {
    const windows = windowsOf(this.#manifest);
    return this.#board.outstanding((sequence) => this.#view.isIncluded(sequence), windows, this.#view.headTimeMs)
      .waiting;
  }

  async #writeEnding(evidence: EvidenceWriter, missing: readonly string[]): Promise<void> {
    const { plan, scenario, t0WallMillis, beacons } = this.#manifest;
    const last = scenario.phases.at(-1);
    const planned = last === undefined ? 0 : last.startMicros + last.durationMicros;
    const waiting = this.#waiting();
    // Whoever has watched for as long as the scenario asks for may call what did not come lost.
    const drained = waiting === 0 || this.#latestMicros >= planned + scenario.drainMicros;
    const sent = t0WallMillis !== null && this.#board.reported === plan.transactions && this.#cutOff === 0;
    const ending: RunEnding = {
      exitName: sent && drained ? "passed" : exitNameOf(new AppError("STOPPED", "")),
      text: endingText(sent, drained ? 0 : waiting),
      broadcastEndedMicros: t0WallMillis === null ? null : Math.min(planned, this.#latestMicros),
      drainEndedMicros: t0WallMillis === null ? null : this.#latestMicros,
      drainComplete: waiting === 0,
      lastBlockNumber: this.#view.headNumber === 0 ? null : this.#view.headNumber,
      lastBlockTimeMs: this.#view.headNumber === 0 ? null : this.#view.headTimeMs,
    };
    for (const block of this.#view.blockRecords(this.#t0Micros)) evidence.appendBlock(block);
    const inclusions = this.#view.inclusionColumns(this.#t0Micros);
    await evidence.writeInclusions(inclusions, inclusions.sequence.length);
    await evidence.flush();
    await evidence.writeManifest({
      ...this.#manifest,
      // Its running totals are those of when the manifest was written last.
      beacons: beacons.map((beacon) => ({
        ...beacon,
        counters: [],
        lost: missing.includes(beacon.name)
          ? (beacon.lost ?? { atMicros: null, text: "it did not come back to hand in what it had" })
          : beacon.lost,
      })),
      ending,
    });
    await evidence.finish();
  }

  #seenAt(micros: number): void {
    if (micros > this.#latestMicros) this.#latestMicros = micros;
  }

  #tell(evidence: EvidenceWriter, severity: EventRecord["severity"], text: string, beacon: string | null = null): void {
    const { clock, progress } = this.#dependencies;
    const event: EventRecord = {
      atMicros: this.#manifest.t0WallMillis === null ? null : clock.nowMicros() - this.#t0Micros,
      wallMillis: clock.wallMillis(),
      kind: beacon === null ? "run" : "beacon",
      severity,
      subject: beacon,
      text,
    };
    evidence.appendEvent(event);
    progress.event(event);
  }
}

/** `unknown` transactions were accepted and may have come into a block that nobody saw. */
function endingText(sent: boolean, unknown: number): string {
  if (!sent) return "the overseer died before the run was over; what beacons had recorded was collected afterwards";
  if (unknown > 0) {
    return `the overseer died while blocks were waited for: what became of ${unknown} accepted transactions is not known`;
  }
  return "the overseer died after the last transaction; what it had not collected was collected afterwards";
}

async function fetchFromAny(followers: readonly BlockFollower[], number: number) {
  for (const follower of followers) {
    if (!follower.connected) continue;
    const block = await follower.fetchBlock(number).catch(() => null);
    if (block !== null) return block;
  }
  return null;
}

async function refuseWhileConducted(runFolder: string): Promise<void> {
  const path = evidencePaths(runFolder).overseer;
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) return;
  const overseer = JSON.parse(text) as OverseerRecord;
  if (overseer.hostname !== hostname() || overseer.pid === process.pid || !isAlive(overseer.pid)) return;
  throw new AppError("USAGE", `the run is conducted by process ${overseer.pid}`, {
    hint: `wait for its end; if that process is no overseer, remove ${path}`,
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Numbers of processes are used again: without a look at the command line, a process may be somebody else's. */
async function hasInCommandLine(pid: number, text: string): Promise<boolean> {
  if (process.platform !== "linux") return false;
  return (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).includes(text);
}
