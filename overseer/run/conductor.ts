import { rm } from "node:fs/promises";
import { AppError, exitNameOf, messageOf, type Problem } from "../../shared/errors/app-error.ts";
import { dealShares } from "../../shared/scenario/deal-shares.ts";
import { countInShare, type Share } from "../../shared/scenario/share.ts";
import type { RunDeployment } from "../deploy/run-deployment.ts";
import { adoptSpools } from "../ledger/adopt-spools.ts";
import type { RunEnding } from "../ledger/evidence.ts";
import { evidencePaths } from "../ledger/evidence-files.ts";
import { encodeSequences } from "../ledger/included.ts";
import { openEvidenceWriter } from "../ledger/write-evidence.ts";
import type { BeaconSession } from "../server/beacon-session.ts";
import { Assignments } from "./assignments.ts";
import { BeaconFleet, type FleetEvents } from "./beacon-fleet.ts";
import { broadcast } from "./broadcast.ts";
import { closeEvidence, type RunCourse } from "./close-evidence.ts";
import { collectAndDrain } from "./collect-and-drain.ts";
import { fetchSpools, keeperOfSpools } from "./fetch-spools.ts";
import type { FleetMember } from "./fleet-member.ts";
import { gatherBeacons } from "./gather-beacons.ts";
import { LaterWindows } from "./later-windows.ts";
import { openDeployment } from "./open-deployment.ts";
import { prepareFirstWindow } from "./prepare-window.ts";
import { readRun } from "./read-run.ts";
import { RunContext } from "./run-context.ts";
import { RunMonitor } from "./run-monitor.ts";
import type { KeepSpools, RunDependencies, RunRequest, RunResult } from "./run-request.ts";
import { createSetting, type RunSetting } from "./run-setting.ts";
import type { RunReading } from "./run-watch.ts";
import { foreseeProcessors, shareProcessors } from "./share-processors.ts";
import { planWindows, type Signer, type SigningWindow, signingSpeedOf } from "./signing-windows.ts";
import { startRun } from "./start-run.ts";
import { Takeovers } from "./take-over.ts";
import { loadTargetSecrets, watchResources } from "./watch-resources.ts";
import { writeManifest } from "./write-manifest.ts";

const handInTimeoutMs = 30_000;
const consequences = {
  fail: "all sending ends",
  continue: "what it had left is cancelled",
  redistribute: "the others take over what it had left",
} as const;

/** Conducts one run from the scenario to the last byte of evidence. Never throws; the report is made by the caller. */
export async function conductRun(request: RunRequest, dependencies: RunDependencies): Promise<RunResult> {
  try {
    const evidence = await openEvidenceWriter(request.runFolder);
    const conductor = new Conductor(new RunContext(request, dependencies, evidence));
    dependencies.watch.begin(() => conductor.reading);
    return await conductor.run();
  } catch (error) {
    await forget(request.runFolder);
    return { exitName: exitNameOf(error), error, reportable: false, leftovers: [] };
  } finally {
    dependencies.watch.end();
  }
}

/** All that exists once beacons are there. */
interface Cast {
  readonly setting: RunSetting;
  readonly assignments: Assignments;
  readonly windows: LaterWindows;
  readonly takeovers: Takeovers;
  readonly monitor: RunMonitor;
}

type DealtMember = Pick<FleetMember, "session" | "share">;

class Conductor {
  readonly #context: RunContext;
  readonly #course: RunCourse = { broadcastEndedMicros: null, drainEndedMicros: null, drainComplete: false };
  readonly #handIns: Promise<void>[] = [];
  #cast: Cast | null = null;
  #keepSpools: KeepSpools | null = null;
  #endWatch: (() => Promise<void>) | null = null;

  constructor(context: RunContext) {
    this.#context = context;
  }

  get reading(): RunReading {
    return readRun({ context: this.#context, course: this.#course, cast: this.#cast });
  }

  async run(): Promise<RunResult> {
    const { request, teardown } = this.#context;
    let error: unknown = null;
    try {
      await this.#conduct();
    } catch (caught) {
      error = caught;
      this.#context.tell("run", "error", null, messageOf(caught));
    }
    const cast = this.#cast;
    await this.#endWatch?.();
    if (cast !== null) error = (await this.#close(cast, error)) ?? error;
    const leftovers = await teardown.run();
    if (cast === null) await forget(request.runFolder);
    else leftovers.push(...(await this.#adoptSpools()));
    return { exitName: error === null ? "passed" : exitNameOf(error), error, reportable: cast !== null, leftovers };
  }

  async #conduct(): Promise<void> {
    const context = this.#context;
    const { request, scenario, evidenceFailed } = context;
    // Those of this machine are as planned; others show when they come.
    if (request.beacons.kind === "local") refuseDeal(context.planProblems);
    const secrets = await loadTargetSecrets(context);
    const { beacons, engine } = request;
    const deployment = await openDeployment(
      {
        engine,
        scenario,
        beacons,
        logs: evidencePaths(request.runFolder).folder,
        progress: context.progress,
        signal: context.beforeStart,
      },
      context.teardown,
    );
    this.#keepSpools = keeperOfSpools(context, deployment);
    const { setting, networkDied } = await this.#createSetting(deployment);
    // Before anybody is waited for, and once more when it is known who has come.
    const { signingThreads: wanted } = scenario.beacons;
    this.#planWindows(setting, [{ part: 1 / context.beaconsWorth, ...foreseeProcessors(beacons, wanted) }]);
    const members = this.#deal(await this.#gather(deployment));
    const hosts = members.map(({ session }) => session.hello.host);
    const signers = shareProcessors(beacons, hosts, wanted).map((processors, i): Signer => {
      const { slots, cycle } = (members[i] as DealtMember).share;
      return { ...processors, part: slots.length / cycle };
    });
    const plan = this.#planWindows(setting, signers);
    if (plan.length > 1) {
      context.progress.fact("Signing", `in ${plan.length} windows, each while the one before it is sent`);
    }
    const cast = this.#assemble(setting, plan, members);
    await this.#writeManifest(null);
    const { assignments, windows, takeovers, monitor } = cast;
    this.#endWatch = watchResources(context, {
      secrets,
      networkPid: setting.embedded?.pid ?? null,
      containers: deployment === null ? [] : [{ kind: "deployment", deployment: deployment.name }],
    });
    const window = plan[0] as SigningWindow;
    const signingThreads = new Map(members.map(({ session }, i) => [session.name, signers[i]?.threads ?? 1]));
    await prepareFirstWindow(context, { fleet: assignments.first, window, setting, signingThreads });
    await startRun(context, assignments.first, monitor, () => this.#writeManifest(null));
    const hard = AbortSignal.any([request.kill, networkDied, evidenceFailed]);
    await broadcast(context, { assignments, monitor, takeovers, windows, hard });
    this.#course.broadcastEndedMicros = context.elapsedMicros();
    this.#course.drainComplete = await collectAndDrain(context, {
      assignments,
      monitor,
      windows,
      takeovers,
      handIns: this.#handIns,
      hard,
    });
    this.#course.drainEndedMicros = context.elapsedMicros();
    if (request.stop.aborted) throw request.stop.reason;
    const { loss, alive } = assignments.first;
    if (loss !== null && (scenario.onBeaconLost === "fail" || alive === 0)) throw loss;
    if (windows.failure !== null) throw windows.failure;
  }

  async #createSetting(deployment: RunDeployment | null): Promise<{ setting: RunSetting; networkDied: AbortSignal }> {
    const { request, scenario, driver, plan, poolNeeds, progress, teardown, beforeStart } = this.#context;
    const setting = await createSetting(
      {
        scenario,
        driver,
        plan,
        poolNeeds,
        allowedMainNetwork: request.allowedMainNetwork,
        folder: evidencePaths(request.runFolder).folder,
        deployment,
        environment: request.environment,
        signal: beforeStart,
        scenarioPath: request.scenarioPath,
        stop: request.stop,
        kill: request.kill,
      },
      progress,
      teardown,
    );
    const { embedded } = setting;
    request.kill.addEventListener("abort", () => embedded?.kill(), { once: true });
    const networkDied = new AbortController();
    void embedded?.exited.then((how) => {
      networkDied.abort(new AppError("NETWORK_UNREACHABLE", `the embedded network ${how}`));
    });
    return { setting, networkDied: networkDied.signal };
  }

  /** Throws PLAN_IMPOSSIBLE, before anything is sent. */
  #planWindows({ network }: RunSetting, signers: readonly Signer[]): readonly SigningWindow[] {
    const { windows, problems } = planWindows(this.#context.scenario, network, signingSpeedOf(signers));
    if (problems.length > 0) {
      throw new AppError("PLAN_IMPOSSIBLE", "the run cannot be signed in time, or not for as long as it takes", {
        problems,
      });
    }
    return windows;
  }

  async #gather(deployment: RunDeployment | null): Promise<readonly BeaconSession[]> {
    return gatherBeacons(this.#context, deployment, {
      onArrival: (session) => {
        if (this.#cast?.assignments.first.memberOf(session.name) !== undefined) {
          this.#handIns.push(this.#takeLate(this.#cast.assignments, session));
        }
      },
      onExit: (name, how) => this.#cast?.assignments.first.lose(name, `its process ${how}`),
    });
  }

  /** Throws PLAN_IMPOSSIBLE when the beacons that came are not those that the scenario has shares for. */
  #deal(sessions: readonly BeaconSession[]): DealtMember[] {
    const labelled = sessions.map(({ name, hello }) => ({ name, labels: hello.labels }));
    const { shares, problems } = dealShares(this.#context.scenario, labelled);
    refuseDeal(problems);
    return sessions.map((session, i) => ({ session, share: shares[i] as Share }));
  }

  #assemble(setting: RunSetting, plan: readonly SigningWindow[], members: readonly DealtMember[]): Cast {
    const context = this.#context;
    const { request, scenario, clock, teardown } = context;
    const { firstSequence, endSequence } = plan[0] as SigningWindow;
    const first = new BeaconFleet(
      {
        runId: request.runId,
        epoch: 1,
        firstSequence,
        endSequence,
        leaseMs: scenario.beacons.leaseMicros / 1000,
        members: members.map(({ session, share }) => {
          return { session, share, planned: countInShare(share, firstSequence, endSequence - firstSequence) };
        }),
        signal: request.kill,
      },
      { clock, events: this.#fleetEvents((name, text) => this.#onLost(name, text)) },
    );
    const assignments = new Assignments(first);
    teardown.defer("part from the beacons", () => assignments.close());
    const monitor = this.#createMonitor(setting);
    teardown.defer("close the observers", () => monitor.observers.close());
    // A beacon that is lost to another assignment is lost altogether.
    const events = this.#fleetEvents((name, text) => first.lose(name, text));
    const parts = { assignments, setting, events, writeManifest: () => this.#writeManifest(null) };
    const takeovers = new Takeovers(context, parts);
    const windows = new LaterWindows(context, {
      ...parts,
      windows: plan,
      onMemberMissing: (fleet, name) => {
        if (this.#takesOver) takeovers.redistribute(fleet, name);
      },
    });
    this.#cast = { setting, assignments, windows, takeovers, monitor };
    return this.#cast;
  }

  #createMonitor({ network }: RunSetting): RunMonitor {
    const context = this.#context;
    const { scenario, request, driver, clock, plan } = context;
    return new RunMonitor(
      {
        driver,
        network,
        scenario,
        transactions: plan.transactions,
        afterBlock: network.headNumber,
        signal: request.kill,
      },
      {
        clock,
        onNodeTrouble: (node, message) => context.tell("node", "warning", node, message),
        onBlock: (position, ours) => this.#noteBlock(position, ours),
        onFork: (number, orphaned) => {
          const blocks = `${orphaned} ${orphaned === 1 ? "block" : "blocks"}`;
          context.tell("fork", "warning", null, `${blocks} from #${number} on were orphaned`);
        },
      },
    );
  }

  #fleetEvents(onLost: FleetEvents["onLost"]): FleetEvents {
    const context = this.#context;
    const { evidence } = context;
    return {
      onStatus: (name, status) => {
        this.#cast?.monitor.figures.addStatus(name, status);
        // Before T0 is known there is no time of the run that a sample could be of.
        if (status.sample === null || context.start === null) return;
        const atMicros = status.sample.atMicros - context.start.micros;
        evidence.appendSample({ beacon: name, ...status.sample, atMicros });
      },
      onLateStatus: (_, status) => this.#cast?.monitor.figures.addHistograms(status),
      onTrouble: (name, { node, text }) => {
        context.tell("beacon", "warning", name, node === null ? text : `${node}: ${text}`);
      },
      onReasonSample: (name, { node, reason, message }) => {
        evidence.appendReason({ beacon: name, node, reason, message });
      },
      onPreparedRows: (columns) => this.#cast?.monitor.view.addPrepared(columns),
      onOutcomeRows: (columns) => {
        this.#cast?.monitor.board.add(columns);
        this.#cast?.monitor.outcomes.add(columns);
      },
      onLost,
      storeChunk: (name, bytes) => context.storeChunk(name, bytes),
    };
  }

  /** So that a run whose overseer dies keeps what was seen until then. */
  #noteBlock(position: number, ours: Uint32Array): void {
    const { start, evidence } = this.#context;
    const record = this.#cast?.monitor.view.blockRecord(position, start?.micros ?? 0);
    if (record === undefined) return;
    evidence.appendBlock(record);
    if (ours.length > 0) evidence.appendIncluded({ block: record.id, sequences: encodeSequences(ours) });
  }

  #onLost(name: string, text: string): void {
    const { scenario } = this.#context;
    const policy = scenario.onBeaconLost;
    const consequence = this.#isBroadcasting ? `; ${consequences[policy]}` : "";
    this.#context.tell("beacon", "error", name, `is lost: ${text}${consequence}`);
    const { assignments, takeovers, windows } = this.#cast as Cast;
    assignments.loseEverywhere(name, text);
    if (!this.#isBroadcasting) return;
    if (policy === "fail") {
      windows.end();
      assignments.each((fleet) => fleet.stop("aborted", 5000)).catch(() => undefined);
    }
    if (!this.#takesOver) return;
    for (const fleet of [...assignments.all]) {
      if (fleet.armed && fleet.memberOf(name) !== undefined) takeovers.redistribute(fleet, name);
    }
  }

  get #takesOver(): boolean {
    return this.#context.scenario.onBeaconLost === "redistribute" && !this.#context.request.stop.aborted;
  }

  /** A beacon that was started again has no part in the run any more, but may have rows of its predecessor on disk. */
  async #takeLate(assignments: Assignments, session: BeaconSession): Promise<void> {
    const { runId, kill } = this.#context.request;
    assignments.replaceEverywhere(session);
    try {
      await session.request("handIn", { runId }, handInTimeoutMs, kill);
      this.#context.tell("beacon", "info", session.name, "was started again and has handed in what it had on disk");
    } catch (error) {
      const why = messageOf(error);
      this.#context.tell("beacon", "warning", session.name, `has not handed in what it had on disk: ${why}`);
    }
  }

  get #isBroadcasting(): boolean {
    const { start } = this.#context;
    return start !== null && this.#course.broadcastEndedMicros === null && this.#context.elapsedMicros() >= 0;
  }

  async #writeManifest(ending: RunEnding | null): Promise<void> {
    const { setting, assignments, windows, takeovers } = this.#cast as Cast;
    await writeManifest(this.#context, {
      setting,
      assignments,
      windows: windows.records,
      takeovers: takeovers.records,
      ending,
    });
  }

  async #close({ assignments, windows, takeovers, monitor }: Cast, error: unknown): Promise<AppError | null> {
    return closeEvidence(this.#context, {
      assignments,
      windows,
      takeovers,
      monitor,
      course: this.#course,
      fetchSpools: async () => {
        if (this.#keepSpools !== null) await fetchSpools(this.#context, assignments, this.#keepSpools);
      },
      writeEnding: (ending) => this.#writeManifest(ending),
      error,
    });
  }

  /** What beacons of this machine had on disk when they died, and what was fetched from those in containers. */
  async #adoptSpools(): Promise<string[]> {
    try {
      await adoptSpools(this.#context.request.runFolder);
      return [];
    } catch (error) {
      return [`take over what beacons had on disk: ${messageOf(error)}`];
    }
  }
}

function refuseDeal(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  throw new AppError("PLAN_IMPOSSIBLE", "the load cannot be dealt out among the beacons", { problems });
}

/** A run that ended before there was anything to report leaves nothing behind. */
async function forget(runFolder: string): Promise<void> {
  await rm(runFolder, { recursive: true, force: true }).catch(() => undefined);
}
