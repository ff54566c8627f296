import { randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import { rm } from "node:fs/promises";
import { cpus, hostname, totalmem } from "node:os";
import type { ChainDriver, TransactionReference } from "../../shared/chains/driver.ts";
import { AppError, exitNameOf, isAppError, messageOf } from "../../shared/errors/app-error.ts";
import type { ExitName } from "../../shared/errors/exit-codes.ts";
import type { Configure, PhaseCounters } from "../../shared/protocol/messages.ts";
import { planRun } from "../../shared/scenario/plan.ts";
import type { PlanSummary } from "../../shared/scenario/plan-summary.ts";
import type { Phase, Scenario } from "../../shared/scenario/scenario.ts";
import { countInShare, equalShares, type Share } from "../../shared/scenario/share.ts";
import type { Clock } from "../../shared/time/clock.ts";
import { Teardown } from "../../shared/time/teardown.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import { adoptSpools } from "../ledger/adopt-spools.ts";
import type { StoreResult } from "../ledger/chunk-store.ts";
import type { EventRecord, RunEnding, RunManifest, TakeoverRecord } from "../ledger/evidence.ts";
import { evidencePaths } from "../ledger/evidence-files.ts";
import { encodeSequences } from "../ledger/included.ts";
import { type EvidenceWriter, openEvidenceWriter } from "../ledger/write-evidence.ts";
import { BeaconGateway, isLoopback } from "../server/beacon-gateway.ts";
import type { BeaconSession } from "../server/beacon-session.ts";
import { failedAbortThreshold } from "./abort-policy.ts";
import { BeaconFleet, type FleetEvents, type FleetMember } from "./beacon-fleet.ts";
import { LocalBeacons } from "./local-beacons.ts";
import type { RunProgress } from "./progress.ts";
import { RunMonitor } from "./run-monitor.ts";
import { createSetting, type RunSetting } from "./run-setting.ts";
import { firstSequenceDueAfter, splitShare } from "./takeover.ts";

export interface RunRequest {
  readonly scenario: Scenario;
  readonly scenarioPath: string;
  readonly scenarioText: string;
  /** As typed. */
  readonly command: readonly string[];
  readonly runId: string;
  readonly runFolder: string;
  readonly beacons: BeaconsRequest;
  readonly allowedMainNetwork: string | null;
  readonly tool: RunManifest["tool"];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** First Ctrl-C: ends the sending, not the run. Aborted with the AppError STOPPED. */
  readonly stop: AbortSignal;
  /** Second Ctrl-C: ends everything at once. */
  readonly kill: AbortSignal;
}

export type BeaconsRequest =
  | { readonly kind: "local"; readonly count: number }
  | {
      readonly kind: "remote";
      readonly count: number;
      readonly host: string;
      readonly port: number;
      readonly token: string;
      readonly waitMs: number;
    };

export interface RunDependencies {
  readonly driver: ChainDriver;
  readonly progress: RunProgress;
  readonly clock: Clock;
}

/** How a run ended, before its report. */
export interface RunResult {
  readonly exitName: ExitName;
  /** What ended it early, for the user. */
  readonly error: unknown;
  /** False when it ended so early that there is nothing to report. */
  readonly reportable: boolean;
  /** Steps of the clearing up that failed. */
  readonly leftovers: readonly string[];
}

const epoch = 1;
const localBeaconTimeoutMs = 30_000;
const configureTimeoutMs = 30_000;
/** From the barrier to T0: long enough for the slowest clock measurement, short enough not to be waited for. */
const leadMicros = 3e6;
const armTimeoutMs = 2500;
/** Beyond the answer time-out, for the last statuses to come in. */
const settleMs = 10_000;
const collectTimeoutMs = 120_000;
const handInTimeoutMs = 30_000;
/** Reaching the nodes anew, handing over the list, the barrier: from the loss to the first transaction taken over. */
const takeoverMicros = 5e6;
const stepMs = 1000;
const counterNames = ["due", "sent", "accepted", "rejected", "unanswered", "shed", "cancelled"] as const;
const consequences = {
  fail: "all sending ends",
  continue: "what it had left is cancelled",
  redistribute: "the others take over what it had left",
} as const;
/**
 * Signing is planned at this rate for each thread: a third of what one core does, since a beacon may be slower or
 * busier. It only decides how much longer than asked for a transaction stays valid.
 */
const pessimisticSigningPerSecond = 3000;

/** Conducts one run from the scenario to the last byte of evidence. Never throws; the report is made by the caller. */
export async function conductRun(request: RunRequest, dependencies: RunDependencies): Promise<RunResult> {
  const conductor = new Conductor(request, dependencies);
  return conductor.run();
}

/** What all beacons were told, to tell it again to those that take over. */
interface ConfiguredRun {
  readonly message: Omit<Configure, "share">;
  readonly reference: TransactionReference;
}

class Conductor {
  readonly #request: RunRequest;
  readonly #dependencies: RunDependencies;
  readonly #teardown = new Teardown();
  /** Until T0 the first Ctrl-C ends the run, since there is nothing yet that it could end gracefully. */
  readonly #signal: AbortSignal;
  /** The disk does not take what the report would be made of. */
  readonly #evidenceFailed = new AbortController();
  readonly #poolNeeds: readonly number[];
  readonly #plan: PlanSummary;
  readonly #startedAt: string;
  #evidence: EvidenceWriter | null = null;
  #setting: RunSetting | null = null;
  #fleet: BeaconFleet | null = null;
  #monitor: RunMonitor | null = null;
  #local: LocalBeacons | null = null;
  readonly #takeovers: BeaconFleet[] = [];
  readonly #takeoverRecords: TakeoverRecord[] = [];
  readonly #handIns: Promise<void>[] = [];
  #takingOver = 0;
  #lastEpoch = epoch;
  #configured: ConfiguredRun | null = null;
  #reference: TransactionReference | null = null;
  #baseExpirationSeconds: number | null = null;
  #t0Micros: number | null = null;
  #t0WallMillis: number | null = null;
  #broadcastEndedMicros: number | null = null;
  #drainEndedMicros: number | null = null;
  #drainComplete = false;

  constructor(request: RunRequest, dependencies: RunDependencies) {
    this.#request = request;
    this.#dependencies = dependencies;
    this.#signal = AbortSignal.any([request.stop, request.kill, this.#evidenceFailed.signal]);
    for (const signal of [request.stop, request.kill, this.#signal]) setMaxListeners(0, signal);
    this.#startedAt = new Date(dependencies.clock.wallMillis()).toISOString();
    const planned = planRun(request.scenario, {
      nodeNames: nodeNamesOf(request.scenario),
      beaconNames: beaconNamesOf(request.beacons),
    });
    this.#plan = planned.summary;
    this.#poolNeeds = planned.poolNeeds;
  }

  async run(): Promise<RunResult> {
    let error: unknown = null;
    try {
      this.#evidence = await openEvidenceWriter(this.#request.runFolder);
      await this.#conduct();
    } catch (caught) {
      error = caught;
      this.#tell("run", "error", null, messageOf(caught));
    }
    const reportable = this.#setting !== null && this.#fleet !== null;
    if (reportable) error = (await this.#closeEvidence(error)) ?? error;
    const leftovers = await this.#teardown.run();
    if (reportable) leftovers.push(...(await this.#adoptSpools()));
    if (!reportable) await rm(this.#request.runFolder, { recursive: true, force: true }).catch(() => undefined);
    return { exitName: error === null ? "passed" : exitNameOf(error), error, reportable, leftovers };
  }

  async #conduct(): Promise<void> {
    const { scenario, runFolder, environment, allowedMainNetwork } = this.#request;
    this.#setting = await createSetting(
      {
        scenario,
        driver: this.#dependencies.driver,
        plan: this.#plan,
        poolNeeds: this.#poolNeeds,
        allowedMainNetwork,
        folder: evidencePaths(runFolder).folder,
        environment,
        signal: this.#signal,
      },
      this.#dependencies.progress,
      this.#teardown,
    );
    const embedded = this.#setting.embedded;
    this.#request.kill.addEventListener("abort", () => embedded?.child.kill(), { once: true });
    const networkDied = new AbortController();
    void embedded?.child.exited.then(() => {
      networkDied.abort(new AppError("NETWORK_UNREACHABLE", `the embedded network ${embedded.child.describeExit()}`));
    });
    await this.#gatherBeacons();
    await this.#writeManifest(null);
    await this.#prepare();
    await this.#start();
    const hard = AbortSignal.any([this.#request.kill, networkDied.signal, this.#evidenceFailed.signal]);
    await this.#broadcast(hard);
    await this.#collectAndDrain(hard);
    const fleet = this.#fleet as BeaconFleet;
    if (this.#request.stop.aborted) throw this.#request.stop.reason;
    const loss = fleet.loss;
    if (loss !== null && (scenario.onBeaconLost === "fail" || fleet.alive === 0)) throw loss;
  }

  #onLost(name: string, text: string): void {
    const policy = this.#request.scenario.onBeaconLost;
    const consequence = this.#isBroadcasting ? `; ${consequences[policy]}` : "";
    this.#tell("beacon", "error", name, `is lost: ${text}${consequence}`);
    for (const takeover of this.#takeovers) takeover.lose(name, text);
    if (!this.#isBroadcasting) return;
    if (policy === "fail") this.#everyFleet((fleet) => fleet.stop("aborted", 5000)).catch(() => undefined);
    if (policy !== "redistribute" || this.#request.stop.aborted) return;
    for (const fleet of [...this.#fleets]) {
      if (fleet.memberOf(name) !== undefined) this.#redistribute(fleet, name);
    }
  }

  /** The first assignments and all that came to be taken over. */
  get #fleets(): readonly BeaconFleet[] {
    return this.#fleet === null ? [] : [this.#fleet, ...this.#takeovers];
  }

  async #everyFleet(work: (fleet: BeaconFleet) => Promise<unknown>): Promise<void> {
    await Promise.all(this.#fleets.map(work));
  }

  /** A beacon that was started again has no part in the run any more, but may have rows of its predecessor on disk. */
  async #takeLate(session: BeaconSession): Promise<void> {
    for (const fleet of this.#fleets) fleet.replace(session);
    try {
      const { runId, kill } = this.#request;
      await session.request("handIn", { runId }, handInTimeoutMs, kill);
      this.#tell("beacon", "info", session.name, "was started again and has handed in what it had on disk");
    } catch (error) {
      this.#tell("beacon", "warning", session.name, `has not handed in what it had on disk: ${messageOf(error)}`);
    }
  }

  /** Gives what `name` had left of its assignment in `fleet` to the others. A failure is told and leaves it cancelled. */
  #redistribute(fleet: BeaconFleet, name: string): void {
    this.#takingOver++;
    this.#takeOver(fleet, name)
      .catch((error: unknown) => this.#tell("beacon", "error", name, `nobody could take over: ${messageOf(error)}`))
      .finally(() => {
        this.#takingOver--;
      });
  }

  async #takeOver(lostFrom: BeaconFleet, name: string): Promise<void> {
    const { scenario, runId } = this.#request;
    const { clock } = this.#dependencies;
    const lost = lostFrom.memberOf(name) as FleetMember;
    const t0Micros = this.#t0Micros as number;
    for (;;) {
      const survivors = (this.#fleet as BeaconFleet).present;
      if (survivors.length === 0) throw new AppError("BEACON_LOST", "no beacon is left");
      const planned = this.#plan.transactions;
      const elapsed = clock.nowMicros() - t0Micros;
      const leftAtOnce = countIn(lost.share, firstSequenceDueAfter(scenario.phases, elapsed), planned);
      const signingMicros = (leftAtOnce / survivors.length / pessimisticSigningPerSecond) * 1e6;
      const firstSequence = Math.max(
        lostFrom.firstSequence,
        firstSequenceDueAfter(scenario.phases, elapsed + takeoverMicros + signingMicros),
      );
      const transactions = countIn(lost.share, firstSequence, planned);
      if (transactions === 0) {
        this.#tell("beacon", "info", name, "had nothing left that others could still take over");
        return;
      }
      const shares = splitShare(lost.share, survivors.length);
      const members = survivors.map(({ session }, i) => {
        const share = shares[i] as Share;
        return { session, share, planned: countIn(share, firstSequence, planned) };
      });
      const takeover = new BeaconFleet(
        {
          runId,
          epoch: ++this.#lastEpoch,
          firstSequence,
          leaseMs: scenario.beacons.leaseMicros / 1000,
          members,
          signal: this.#request.kill,
        },
        { clock, events: this.#fleetEvents("takeover") },
      );
      try {
        await this.#armTakeover(takeover, t0Micros);
      } catch (error) {
        await takeover.stop("aborted", 2000);
        await takeover.release(2000);
        takeover.close();
        // One of those that were to take over was lost as well: the rest try again.
        if ((this.#fleet as BeaconFleet).alive < survivors.length && !this.#request.stop.aborted) continue;
        throw error;
      }
      this.#takeovers.push(takeover);
      this.#takeoverRecords.push({
        epoch: takeover.epoch,
        from: { beacon: name, epoch: lostFrom.epoch },
        firstSequence,
        transactions,
        members: members.map(({ session, share }) => ({ beacon: session.name, share })),
      });
      const who = members.map(({ session }) => session.name).join(", ");
      this.#tell(
        "beacon",
        "info",
        name,
        `${transactions} transactions from number ${firstSequence} on are taken over by ${who}`,
      );
      await this.#writeManifest(null);
      // Lost between its promise and now: what it had taken over needs somebody else.
      for (const { session } of members) {
        if (!(this.#fleet as BeaconFleet).present.some((one) => one.session === session)) {
          takeover.lose(session.name, "it is lost");
          this.#redistribute(takeover, session.name);
        }
      }
      return;
    }
  }

  /** The same transactions, to the last byte: should two beacons ever send one, the chain takes it once. */
  async #armTakeover(takeover: BeaconFleet, t0Micros: number): Promise<void> {
    const { reference, message } = this.#configured as ConfiguredRun;
    const { firstSequence, epoch: takeoverEpoch } = takeover;
    await takeover.configure(
      ({ cycle, slots }) => ({
        ...message,
        epoch: takeoverEpoch,
        firstSequence,
        share: { cycle, slots: [...slots] },
        // The others' cores are busy sending.
        signingThreads: 1,
      }),
      configureTimeoutMs,
      this.#signal,
    );
    const baseExpirationSeconds = this.#baseExpirationSeconds as number;
    await takeover.prepare({ reference, baseExpirationSeconds }, configureTimeoutMs, this.#signal);
    await takeover.waitFor(() => takeover.allPrepared, {
      needAll: true,
      timeoutMs: 60_000,
      signal: this.#signal,
      what: "what is taken over was not signed",
    });
    await takeover.arm(t0Micros, armTimeoutMs);
  }

  /** What beacons of this machine had on disk when they died: all have ended by now. */
  async #adoptSpools(): Promise<string[]> {
    try {
      await adoptSpools(this.#request.runFolder);
      return [];
    } catch (error) {
      return [`take over what beacons had on disk: ${messageOf(error)}`];
    }
  }

  /** So that a run whose overseer dies keeps what was seen until then. */
  #noteBlock(position: number, ours: Uint32Array): void {
    const evidence = this.#evidence as EvidenceWriter;
    const record = (this.#monitor as RunMonitor).view.blockRecord(position, this.#t0Micros as number);
    evidence.appendBlock(record);
    if (ours.length > 0) evidence.appendIncluded({ block: record.id, sequences: encodeSequences(ours) });
  }

  /** A chunk that could not be kept is not acknowledged: the beacon keeps it, and the run has no use going on. */
  async #storeChunk(name: string, bytes: Uint8Array): Promise<StoreResult> {
    try {
      return await (this.#evidence as EvidenceWriter).storeChunk(name, bytes);
    } catch (error) {
      if (isAppError(error) && error.code === "REPORT_FAILED") this.#evidenceFailed.abort(error);
      throw error;
    }
  }

  get #isBroadcasting(): boolean {
    return (
      this.#t0Micros !== null &&
      this.#broadcastEndedMicros === null &&
      this.#dependencies.clock.nowMicros() >= this.#t0Micros
    );
  }

  async #gatherBeacons(): Promise<void> {
    const { beacons, runFolder, scenario } = this.#request;
    const { clock, progress } = this.#dependencies;
    const remote = beacons.kind === "remote" ? beacons : null;
    const token = remote?.token ?? randomBytes(24).toString("base64url");
    const gateway = new BeaconGateway(
      { host: remote?.host ?? "127.0.0.1", port: remote?.port ?? 0, token },
      {
        clock,
        onArrival: (session) => {
          this.#tell("beacon", "info", session.name, `joined from ${session.hello.host.hostname}`);
          if (this.#fleet?.memberOf(session.name) !== undefined) this.#handIns.push(this.#takeLate(session));
        },
        onRefusal: (name, cause) => this.#tell("beacon", "warning", name, `was refused: ${cause}`),
      },
    );
    const url = await gateway.listen();
    this.#teardown.defer("close the door for beacons", () => gateway.close());
    const exits: string[] = [];
    if (remote === null) {
      const names = beaconNamesOf(beacons);
      this.#local = new LocalBeacons(
        { names, overseerUrl: url, token, folder: evidencePaths(runFolder).folder },
        (name, how) => {
          exits.push(`${name} ${how}`);
          this.#fleet?.lose(name, `its process ${how}`);
        },
      );
      this.#teardown.defer("end the local beacons", () => this.#local?.stop(5000));
      this.#request.kill.addEventListener("abort", () => this.#local?.kill(), { once: true });
    } else {
      progress.fact("Waiting", `for ${beacons.count} beacons; join one with: ${joinCommand(url, remote.host)}`);
    }
    await waitUntil(
      () => {
        if (exits.length > 0) throw new AppError("BEACON_LOST", `beacon ${exits[0]}`);
        return gateway.sessions.size >= beacons.count;
      },
      {
        timeoutMs: remote?.waitMs ?? localBeaconTimeoutMs,
        signal: this.#signal,
        onTimeout: () =>
          new AppError("BEACON_LOST", `${gateway.sessions.size} of ${beacons.count} beacons came within the time`),
      },
    );
    const sessions = [...gateway.sessions.values()]
      .slice(0, beacons.count)
      .sort((a, b) => a.name.localeCompare(b.name));
    const shares = equalShares(sessions.length);
    this.#fleet = new BeaconFleet(
      {
        runId: this.#request.runId,
        epoch,
        firstSequence: 0,
        leaseMs: scenario.beacons.leaseMicros / 1000,
        members: sessions.map((session, i) => {
          const share = shares[i] as Share;
          return { session, share, planned: countInShare(share, 0, this.#plan.transactions) };
        }),
        signal: this.#request.kill,
      },
      {
        clock,
        events: this.#fleetEvents(null),
      },
    );
    this.#teardown.defer("part from the beacons", () => {
      for (const fleet of this.#fleets) fleet.close();
    });
    progress.fact(
      "Beacons",
      `${sessions.length} of ${beacons.count} ready (${sessions.map((s) => s.name).join(", ")})`,
    );
    this.#monitor = new RunMonitor(
      {
        driver: this.#dependencies.driver,
        network: (this.#setting as RunSetting).network,
        phases: scenario.phases,
        transactions: this.#plan.transactions,
        afterBlock: (this.#setting as RunSetting).network.headNumber,
        signal: this.#request.kill,
      },
      {
        clock,
        onNodeTrouble: (node, message) => this.#tell("node", "warning", node, message),
        onBlock: (position, ours) => this.#noteBlock(position, ours),
        onFork: (number, orphaned) => {
          this.#tell(
            "fork",
            "warning",
            null,
            `${orphaned} ${orphaned === 1 ? "block" : "blocks"} from #${number} on were orphaned`,
          );
        },
      },
    );
    this.#teardown.defer("close the observers", () => this.#monitor?.observers.close());
  }

  /** A beacon that is lost to what it has taken over is lost altogether. */
  #fleetEvents(takeover: "takeover" | null): FleetEvents {
    const evidence = this.#evidence as EvidenceWriter;
    return {
      onStatus: (name, status) => {
        this.#monitor?.figures.addStatus(name, status);
        if (status.sample !== null) {
          evidence.appendSample({
            beacon: name,
            ...status.sample,
            atMicros: status.sample.atMicros - (this.#t0Micros ?? 0),
          });
        }
      },
      onLateStatus: (_, status) => this.#monitor?.figures.addHistograms(status),
      onTrouble: (name, trouble) => {
        this.#tell(
          "beacon",
          "warning",
          name,
          trouble.node === null ? trouble.text : `${trouble.node}: ${trouble.text}`,
        );
      },
      onReasonSample: (name, { node, reason, message }) => {
        evidence.appendReason({ beacon: name, node, reason, message });
      },
      onPreparedRows: (columns) => this.#monitor?.view.addPrepared(columns),
      onOutcomeRows: (columns) => this.#monitor?.board.add(columns),
      onLost: (name, text) => (takeover ? this.#fleet?.lose(name, text) : this.#onLost(name, text)),
      storeChunk: (name, bytes) => this.#storeChunk(name, bytes),
    };
  }

  async #prepare(): Promise<void> {
    const { scenario, runId } = this.#request;
    const { driver, clock, progress } = this.#dependencies;
    const fleet = this.#fleet as BeaconFleet;
    const { network, resolved } = this.#setting as RunSetting;
    const threads = scenario.beacons.signingThreads ?? this.#threadsPerBeacon();
    const message: Omit<Configure, "share"> = {
      runId,
      epoch,
      firstSequence: 0,
      chain: scenario.chain,
      seed: scenario.seed,
      network,
      workload: scenario.workload,
      resolved,
      phases: [...scenario.phases],
      sending: scenario.sending,
      connectionsPerNode: scenario.beacons.connectionsPerNode ?? driver.defaultConnectionsPerNode,
      signingThreads: threads,
      answerGraceMicros: scenario.sending.answerTimeoutMicros,
    };
    await fleet.configure(
      (share) => ({ ...message, share: { cycle: share.cycle, slots: [...share.slots] } }),
      configureTimeoutMs,
      this.#signal,
    );
    this.#reference = await driver.reference(network.nodes[0]?.endpoint as string, this.#signal);
    this.#configured = { message, reference: this.#reference };
    const signingSeconds = fleet.planned / fleet.alive / threads / pessimisticSigningPerSecond;
    this.#baseExpirationSeconds =
      Math.ceil(this.#reference.chainTimeMs / 1000 + signingSeconds + (leadMicros + settleMs * 1e3) / 1e6) +
      scenario.lifetimeSeconds;
    if (this.#baseExpirationSeconds - this.#reference.chainTimeMs / 1000 > network.maximumLifetimeSeconds) {
      throw new AppError(
        "PLAN_IMPOSSIBLE",
        "transactions would have to stay valid for longer than the network allows",
        {
          hint: `shorten the lifetime (the network takes at most ${network.maximumLifetimeSeconds} s) or use more beacons`,
        },
      );
    }
    await fleet.prepare(
      { reference: this.#reference, baseExpirationSeconds: this.#baseExpirationSeconds },
      configureTimeoutMs,
      this.#signal,
    );
    const began = clock.nowMicros();
    const show = (): void => {
      const prepared = fleet.preparedTransactions;
      const seconds = (clock.nowMicros() - began) / 1e6;
      progress.preparing({ prepared, planned: fleet.planned, perSecond: seconds > 0 ? prepared / seconds : 0 });
    };
    const ticker = setInterval(show, stepMs);
    try {
      await fleet.waitFor(() => fleet.allPrepared, {
        needAll: true,
        timeoutMs: 60_000 + signingSeconds * 10_000,
        signal: this.#signal,
        what: "not every beacon had signed its share",
      });
    } finally {
      clearInterval(ticker);
    }
    const seconds = (clock.nowMicros() - began) / 1e6;
    progress.preparing({ prepared: fleet.planned, planned: fleet.planned, perSecond: fleet.planned / seconds });
  }

  async #start(): Promise<void> {
    const { clock } = this.#dependencies;
    const fleet = this.#fleet as BeaconFleet;
    const monitor = this.#monitor as RunMonitor;
    await waitUntil(() => monitor.observers.nodes.some((node) => node.connected), {
      timeoutMs: 15_000,
      signal: this.#signal,
      onTimeout: () => new AppError("NETWORK_UNREACHABLE", "no node could be observed"),
    });
    const t0Micros = clock.nowMicros() + leadMicros;
    this.#t0Micros = t0Micros;
    this.#t0WallMillis = clock.wallMillis() + leadMicros / 1000;
    // Before any beacon may send: without T0 nobody could make anything of what was sent.
    await this.#writeManifest(null);
    try {
      await fleet.arm(t0Micros, armTimeoutMs);
    } catch (error) {
      this.#t0Micros = null;
      this.#t0WallMillis = null;
      // All or none: whoever is armed already must not start alone.
      await fleet.stop("aborted", 2000);
      throw error;
    }
    monitor.start(t0Micros);
    const uncertainty = Math.max(0, ...fleet.records(null, null).map((record) => record.clock?.uncertaintyMicros ?? 0));
    this.#dependencies.progress.fact(
      "Start",
      `in ${(leadMicros / 1e6).toFixed(1)} s, all beacons armed, clocks within ±${(uncertainty / 1000).toFixed(2)} ms`,
    );
    await this.#writeManifest(null);
  }

  async #broadcast(hard: AbortSignal): Promise<void> {
    const { scenario, stop } = this.#request;
    const { clock, progress } = this.#dependencies;
    const fleet = this.#fleet as BeaconFleet;
    const monitor = this.#monitor as RunMonitor;
    const t0Micros = this.#t0Micros as number;
    const last = scenario.phases.at(-1);
    const endMicros = last === undefined ? 0 : last.startMicros + last.durationMicros;
    const onStop = (): void => void this.#everyFleet((one) => one.stop("stopped", 5000));
    if (stop.aborted) onStop();
    stop.addEventListener("abort", onStop, { once: true });
    let phaseName: string | null = null;
    let aborted = false;
    const ticker = setInterval(() => {
      const view = monitor.live(clock.nowMicros() < t0Micros ? "waiting" : "broadcasting", fleet, 0);
      if (view.phase !== null && view.phase.name !== phaseName) {
        phaseName = view.phase.name;
        this.#tell("phase", "info", phaseName, "began");
      }
      progress.live(view);
      const unwritten = (this.#evidence as EvidenceWriter).failure;
      if (unwritten !== null) this.#evidenceFailed.abort(unwritten);
      if (aborted) return;
      const failed = failedAbortThreshold(
        scenario.thresholds,
        scenario.phases,
        monitor.figures.counters,
        view.elapsedMicros,
      );
      if (failed === null) return;
      aborted = true;
      this.#tell("phase", "error", view.phase?.name ?? null, `sending is ended: ${failed}`);
      void this.#everyFleet((one) => one.stop("aborted", 5000));
    }, stepMs);
    try {
      // All or none holds until the first transaction is due.
      const barrierHolds = (): boolean => {
        if (clock.nowMicros() >= t0Micros) return true;
        if (fleet.loss !== null) throw fleet.loss;
        return false;
      };
      const allDrained = (): boolean => this.#takingOver === 0 && this.#fleets.every((one) => one.allDrained);
      const { leaseMicros } = scenario.beacons;
      const { answerTimeoutMicros } = scenario.sending;
      // Nothing may be due at the end, and yet the time that the scenario asks for is to pass: a transaction may expire
      // in it. A closed loop is over when its transactions are.
      const pacedEndMicros = Math.max(0, ...scenario.phases.filter(isPaced).map(endOfPhase));
      const allPassed = (): boolean =>
        stop.aborted || aborted || fleet.loss !== null || clock.nowMicros() >= t0Micros + pacedEndMicros;
      await waitUntil(() => barrierHolds() && (fleet.alive === 0 || (allDrained() && allPassed())), {
        // A beacon that falls silent at the very end is only known to be lost when its lease is over.
        timeoutMs: (t0Micros - clock.nowMicros() + endMicros + answerTimeoutMicros + leaseMicros) / 1000 + settleMs,
        signal: hard,
        onTimeout: () => new AppError("BEACON_LOST", "the beacons did not come to an end in time"),
      });
    } finally {
      clearInterval(ticker);
      stop.removeEventListener("abort", onStop);
    }
    this.#broadcastEndedMicros = clock.nowMicros() - t0Micros;
  }

  async #collectAndDrain(hard: AbortSignal): Promise<void> {
    const { scenario } = this.#request;
    const { clock, progress } = this.#dependencies;
    const fleet = this.#fleet as BeaconFleet;
    const monitor = this.#monitor as RunMonitor;
    await this.#everyFleet((one) => one.collect(collectTimeoutMs));
    await Promise.all(this.#handIns);
    const deadline = clock.nowMicros() + scenario.drainMicros;
    let shown = 0;
    await waitUntil(
      () => {
        const { waiting } = monitor.board.outstanding(
          (sequence) => monitor.view.isIncluded(sequence),
          this.#baseExpirationSeconds as number,
          monitor.view.headTimeMs,
        );
        if (clock.nowMicros() - shown > stepMs * 1000) {
          shown = clock.nowMicros();
          progress.live(monitor.live("draining", fleet, waiting));
        }
        this.#drainComplete = waiting === 0;
        return this.#drainComplete || clock.nowMicros() > deadline;
      },
      {
        everyMs: 250,
        timeoutMs: scenario.drainMicros / 1000 + settleMs,
        signal: hard,
        onTimeout: () => new AppError("INTERNAL", "the drain did not end at its deadline"),
      },
    );
    this.#drainEndedMicros = clock.nowMicros() - (this.#t0Micros as number);
    progress.live(monitor.live("draining", fleet, 0));
  }

  /** Writes what is known, whatever happened before. Returns an error only when the evidence itself failed. */
  async #closeEvidence(error: unknown): Promise<unknown> {
    const fleet = this.#fleet as BeaconFleet;
    const monitor = this.#monitor;
    const evidence = this.#evidence as EvidenceWriter;
    try {
      // A run that failed after T0 may have beacons that still send or hold rows.
      if (error !== null && this.#t0Micros !== null && this.#drainEndedMicros === null && !this.#request.kill.aborted) {
        await this.#everyFleet((one) => one.stop("aborted", 5000));
        if (!this.#evidenceFailed.signal.aborted) await this.#everyFleet((one) => one.collect(collectTimeoutMs / 4));
      }
      const t0Micros = this.#t0Micros ?? this.#dependencies.clock.nowMicros();
      await monitor?.observers.close();
      for (const block of monitor?.view.blockRecords(t0Micros) ?? []) evidence.appendBlock(block);
      const inclusions = monitor?.view.inclusionColumns(t0Micros);
      if (inclusions !== undefined) await evidence.writeInclusions(inclusions, inclusions.sequence.length);
      await this.#writeManifest({
        exitName: error === null ? "passed" : exitNameOf(error),
        text: error === null ? "the run came to its end" : messageOf(error),
        broadcastEndedMicros: this.#broadcastEndedMicros,
        drainEndedMicros: this.#drainEndedMicros,
        drainComplete: this.#drainComplete,
        lastBlockNumber: monitor?.view.headNumber ?? null,
        lastBlockTimeMs: monitor === null ? null : monitor.view.headTimeMs,
      });
      await evidence.flush();
      await evidence.finish();
      if (!this.#request.kill.aborted) {
        await this.#everyFleet((one) => one.release(5000));
        for (const one of this.#fleets) one.close();
        if (this.#local !== null) await fleet.shutdown(5000);
      }
      return null;
    } catch (failed) {
      return isAppError(failed) ? failed : new AppError("REPORT_FAILED", messageOf(failed), { cause: failed });
    }
  }

  async #writeManifest(ending: RunEnding | null): Promise<void> {
    const { scenario, scenarioPath, scenarioText, command, runId, tool } = this.#request;
    const setting = this.#setting as RunSetting;
    await (this.#evidence as EvidenceWriter).writeManifest({
      schemaVersion: 1,
      runId,
      tool,
      command,
      scenarioPath,
      scenarioText,
      scenario,
      vocabulary: this.#dependencies.driver.vocabulary,
      network: setting.network,
      plan: this.#plan,
      cost: setting.cost,
      startedAt: this.#startedAt,
      t0WallMillis: this.#t0WallMillis,
      host: {
        hostname: hostname(),
        cpuModel: cpus()[0]?.model ?? "unknown",
        cpus: cpus().length,
        memoryBytes: totalmem(),
      },
      beacons: (this.#fleet as BeaconFleet).records(this.#t0Micros, this.#baseExpirationSeconds).map((record) => ({
        ...record,
        counters: sumOfCounters(this.#fleets.map((fleet) => fleet.countersOf(record.name))),
      })),
      takeovers: this.#takeoverRecords,
      ending,
    });
  }

  /** Cores are shared by the beacons of this machine, of which the network and the overseer need one as well. */
  #threadsPerBeacon(): number {
    if (this.#request.beacons.kind === "remote") return Math.max(1, cpus().length - 1);
    return Math.max(1, Math.floor(cpus().length / this.#request.beacons.count));
  }

  #tell(kind: EventRecord["kind"], severity: EventRecord["severity"], subject: string | null, text: string): void {
    const { clock, progress } = this.#dependencies;
    const event: EventRecord = {
      atMicros: this.#t0Micros === null ? null : clock.nowMicros() - this.#t0Micros,
      wallMillis: clock.wallMillis(),
      kind,
      severity,
      subject,
      text,
    };
    this.#evidence?.appendEvent(event);
    // How the run itself ended is told by whoever asked for it.
    if (kind !== "run") progress.event(event);
  }
}

function isPaced({ load }: Phase): boolean {
  return load.kind === "paced";
}

function endOfPhase({ startMicros, durationMicros }: Phase): number {
  return startMicros + durationMicros;
}

/** Of the share's sequence numbers below `end`, those from `first` on. */
function countIn(share: Share, first: number, end: number): number {
  return countInShare(share, first, Math.max(0, end - first));
}

/** Of one beacon, over its assignments. */
function sumOfCounters(all: readonly (readonly PhaseCounters[])[]): PhaseCounters[] {
  const sums = new Map<number, PhaseCounters>();
  for (const counters of all.flat()) {
    const sum = sums.get(counters.phase);
    if (sum === undefined) sums.set(counters.phase, { ...counters });
    else for (const key of counterNames) sum[key] += counters[key];
  }
  return [...sums.values()];
}

function nodeNamesOf(scenario: Scenario): string[] {
  const count = scenario.network.kind === "embedded" ? scenario.network.nodes : scenario.network.endpoints.length;
  return Array.from({ length: count }, (_, i) => `node-${i + 1}`);
}

function beaconNamesOf(beacons: BeaconsRequest): string[] {
  const prefix = beacons.kind === "local" ? "local" : "beacon";
  return Array.from({ length: beacons.count }, (_, i) => `${prefix}-${i + 1}`);
}

function joinCommand(url: string, host: string): string {
  const where = isLoopback(host) ? url : url.replace(/^(http:\/\/)[^:]+/, `$1${hostname()}`);
  return `beacon --overseer ${where} --name NAME --token-file FILE`;
}
