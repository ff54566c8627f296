import type { Logger } from "pino";
import { AppError, isAppError, toErrorData } from "../shared/errors/app-error.ts";
import type {
  Arm,
  BeaconState,
  ClockEstimate,
  Configure,
  FinishedReport,
  Pace,
  Prepare,
  PreparedReport,
  Sample,
  Stop,
} from "../shared/protocol/messages.ts";
import type { Clock } from "../shared/time/clock.ts";
import { waitUntil } from "../shared/time/wait.ts";
import type { OverseerLink } from "./link/overseer-link.ts";
import { noFigures, type RunFigures } from "./measuring/run-figures.ts";
import type { SenderGauges } from "./measuring/sampler.ts";
import type { Run, RunHandlers } from "./run.ts";

/** The part of a run that the phase machine needs. */
export type DrivenRun = Pick<
  Run,
  | "runId"
  | "epoch"
  | "open"
  | "prepare"
  | "start"
  | "pace"
  | "stop"
  | "spoolOutcomes"
  | "collect"
  | "finish"
  | "progress"
  | "takeIntervalHistograms"
  | "takeGauges"
  | "figures"
  | "unacknowledgedChunks"
  | "renewLease"
  | "leaseExpired"
  | "close"
>;

export interface EpochDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly link: Pick<OverseerLink, "tell" | "tellStatus" | "connected">;
  readonly createRun: (configure: Configure, handlers: RunHandlers) => DrivenRun;
  /** Measures this host's clock against the overseer's; all assignments of the beacon share the result. */
  readonly compareClocks: (exchanges: number) => Promise<ClockEstimate>;
  readonly offsetMicros: () => number;
  /** It is about to let go of everything: what it has come to. */
  readonly onDrop: (figures: RunFigures) => void;
  /** Its run holds nothing any more. */
  readonly onGone: () => void;
}

/** Where an assignment stands: each state has what exists in it and nothing else. */
type State =
  | { readonly name: "new" }
  | { readonly name: "gone" }
  | { readonly name: "configuring"; readonly run: DrivenRun; readonly done: Promise<void> }
  | { readonly name: "configured"; readonly run: DrivenRun }
  | { readonly name: "preparing"; readonly run: DrivenRun }
  | { readonly name: "prepared"; readonly run: DrivenRun; readonly report: PreparedReport }
  | { readonly name: ArmedName; readonly run: DrivenRun; readonly armed: Armed }
  | { readonly name: "failed"; readonly run: DrivenRun; readonly error: AppError };

type ArmedName = Extract<BeaconState, "armed" | "broadcasting" | "draining" | "drained">;

interface Armed {
  /** On the overseer's clock, as it was told. */
  readonly t0Micros: number;
  readonly estimate: ClockEstimate;
  /** On this host's clock: before the overseer could hear of it, so that every lease that it grants counts from here. */
  readonly askedMicros: number;
}

/** Enough to meet a moment at which neither end nor the way between them was busy; they take some milliseconds. */
const clockExchangesAtArm = 24;
/** A process that is told to end gives the overseer this long to take what is left; it is on disk anyway. */
const farewellMs = 2000;

/**
 * The phase machine of one assignment: obeys the commands that fit its state and refuses the others. A beacon has several
 * when it takes over what another had left.
 */
export class EpochMachine {
  readonly runId: string;
  readonly epoch: number;
  readonly #configure: Configure;
  readonly #dependencies: EpochDependencies;
  #state: State = { name: "new" };
  #statuses = 0;
  #stopped = false;
  #t0Timer: NodeJS.Timeout | null = null;

  constructor(configure: Configure, dependencies: EpochDependencies) {
    this.runId = configure.runId;
    this.epoch = configure.epoch;
    this.#configure = configure;
    this.#dependencies = dependencies;
  }

  get stateName(): BeaconState {
    const { name } = this.#state;
    return name === "new" || name === "gone" || name === "configuring" ? "idle" : name;
  }

  /** Nothing is being sent or waited for. */
  get isOver(): boolean {
    return !("armed" in this.#state) || this.#state.name === "drained";
  }

  /** Released, though its threads may still be ending: it has no progress to tell of any more. */
  get isGone(): boolean {
    return this.#state.name === "gone";
  }

  /** After every (re)connection: what may have been lost with the old one is told again. */
  tellAgain(): void {
    const { link } = this.#dependencies;
    if (this.#state.name === "prepared") link.tell("prepared", this.#state.report);
    if (this.#state.name === "failed") this.#tellFailed(this.#state.error);
  }

  /** Asked again while it goes on, it is the same configuration. */
  async configure(): Promise<null> {
    const state = this.#state;
    if (state.name === "configuring") {
      await state.done;
      return null;
    }
    if (state.name === "configured") return null;
    if (state.name !== "new") throw this.#refusal("configure");
    const run = this.#dependencies.createRun(this.#configure, this.#runHandlers());
    const done = this.#open(run);
    this.#state = { name: "configuring", run, done };
    await done;
    return null;
  }

  /** Returns at once; `prepared` or `failed` is told when it is done. */
  prepare(message: Prepare): Promise<null> {
    const state = this.#runState("prepare");
    if (state.name === "preparing") return Promise.resolve(null);
    if (state.name === "prepared") {
      this.#dependencies.link.tell("prepared", state.report);
      return Promise.resolve(null);
    }
    if (state.name !== "configured") throw this.#refusal("prepare");
    const { run } = state;
    this.#state = { name: "preparing", run };
    run.prepare(message).then(
      (report) => this.#onPrepared(run, report),
      (error: unknown) => this.#fail(run, error),
    );
    return Promise.resolve(null);
  }

  async arm(message: Arm): Promise<ClockEstimate> {
    const state = this.#runState("arm");
    if ("armed" in state && state.armed.t0Micros === message.t0Micros) {
      state.run.renewLease(state.armed.askedMicros + message.leaseMs * 1000);
      return state.armed.estimate;
    }
    if (state.name !== "prepared") throw this.#refusal("arm");
    // Before the first question, and every answer comes after that: the overseer was there then.
    const askedMicros = this.#dependencies.clock.nowMicros();
    const estimate = await this.#dependencies.compareClocks(clockExchangesAtArm);
    // Asked a second time while the clocks were compared, or released meanwhile.
    if (this.#state !== state) return this.arm(message);
    // Told to stop meanwhile: nobody waits for what it would send.
    if (this.#stopped) throw this.#refusal("arm");
    const t0Here = message.t0Micros - estimate.offsetMicros;
    const leftMicros = t0Here - this.#dependencies.clock.nowMicros();
    // What is late already in a run that is under way is shed as such; a first start that is late is nobody's plan.
    if (leftMicros <= 0 && !this.#configure.underWay) {
      throw new AppError("BEACON_REFUSED", `T0 was ${Math.round(-leftMicros / 1000)} ms ago when the beacon was armed`);
    }
    // Nothing is due before T0: until then it need not have been granted any.
    state.run.renewLease(Math.max(t0Here, askedMicros + message.leaseMs * 1000));
    state.run.start(t0Here);
    this.#state = { name: "armed", run: state.run, armed: { t0Micros: message.t0Micros, estimate, askedMicros } };
    this.#t0Timer = setTimeout(() => this.#advance(state.run, "broadcasting"), Math.max(0, leftMicros / 1000));
    return estimate;
  }

  pace(message: Pace): Promise<null> {
    const state = this.#runState("pace");
    if (!("armed" in state)) throw this.#refusal("pace");
    state.run.pace(message.paused);
    return Promise.resolve(null);
  }

  stop(message: Stop): Promise<null> {
    const state = this.#runState("stop");
    this.#stopped = true;
    if (!("armed" in state)) throw this.#refusal("stop");
    state.run.stop(message.reason);
    return Promise.resolve(null);
  }

  async collect(): Promise<FinishedReport> {
    const state = this.#runState("collect");
    if (!("armed" in state) && state.name !== "failed") throw this.#refusal("collect");
    const report = await state.run.collect();
    return { ...report, clock: await this.#dependencies.compareClocks(clockExchangesAtArm).catch(() => null) };
  }

  /** Ends what is still done for it, and returns when the overseer has all of it. */
  async handIn(): Promise<void> {
    const state = this.#state;
    if (!("run" in state)) return;
    if ("armed" in state) state.run.stop("aborted");
    await state.run.collect();
    await this.drop("discarded");
  }

  async release(): Promise<null> {
    await this.drop("discarded");
    return null;
  }

  /** Lets go of everything but, where rows are left that nobody has taken, the spool. */
  async abandon(): Promise<void> {
    const kept = "run" in this.#state && this.#state.run.unacknowledgedChunks > 0;
    await this.drop(kept ? "kept" : "discarded");
  }

  /** Stops sending, writes everything to the spool and lets go of all threads and connections. */
  async close(): Promise<void> {
    const state = this.#state;
    const { logger } = this.#dependencies;
    if ("armed" in state) {
      state.run.stop("stopped");
      await state.run.finish().catch((error: unknown) => {
        logger.error({ error: toErrorData(error).message }, "not everything could be spooled");
      });
      await this.#sayFarewell(state.run);
    }
    await this.abandon();
  }

  async drop(spool: "kept" | "discarded"): Promise<void> {
    if (this.#t0Timer !== null) clearTimeout(this.#t0Timer);
    const state = this.#state;
    if ("run" in state) this.#dependencies.onDrop(state.run.figures());
    this.#state = { name: "gone" };
    if ("run" in state) {
      for (const failure of await state.run.close(spool)) this.#dependencies.logger.warn({ failure }, "not undone");
    }
    this.#dependencies.onGone();
  }

  spoolOutcomes(): void {
    if ("run" in this.#state) this.#state.run.spoolOutcomes();
  }

  takeGauges(): SenderGauges {
    return "run" in this.#state ? this.#state.run.takeGauges() : noGauges;
  }

  figures(): RunFigures {
    return "run" in this.#state ? this.#state.run.figures() : noFigures;
  }

  /** Only while there is a connection: an interval that nobody got would be missing in the live figures. */
  tellStatus(sample: Sample | null): void {
    const { link, clock, logger } = this.#dependencies;
    const run = "run" in this.#state ? this.#state.run : null;
    const sentMicros = clock.nowMicros();
    // Before it is armed there is nothing to send, and what was granted then must not outlast a barrier that falls through.
    const armed = "armed" in this.#state ? run : null;
    const answered = link.tellStatus({
      runId: this.runId,
      epoch: this.epoch,
      number: this.#statuses++,
      state: this.stateName,
      ...(run?.progress() ?? noProgress),
      intervalHistograms: run?.takeIntervalHistograms() ?? noHistograms,
      sample,
      leaseExpired: run?.leaseExpired ?? false,
    });
    answered.then(
      // Counted from before the overseer heard of it, so that it ends before the overseer believes that it has ended.
      (leaseMs) => armed?.renewLease(sentMicros + leaseMs * 1000),
      (error: unknown) => logger.debug({ error: toErrorData(error).message }, "status not answered"),
    );
  }

  async #sayFarewell(run: DrivenRun): Promise<void> {
    const { link, logger } = this.#dependencies;
    await waitUntil(() => run.unacknowledgedChunks === 0 || !link.connected, {
      timeoutMs: farewellMs,
      onTimeout: () => new AppError("NETWORK_UNREACHABLE", "the overseer did not take the rest in time"),
    }).catch((error: unknown) => logger.warn({ error: toErrorData(error).message }, "the rest stays in the spool"));
    this.tellStatus(null);
  }

  async #open(run: DrivenRun): Promise<void> {
    try {
      await run.open();
    } catch (error) {
      if (this.#holds(run)) await this.drop("discarded");
      throw error;
    }
    if (!this.#holds(run)) throw new AppError("STOPPED", "the run was released before all nodes were reached");
    this.#state = { name: "configured", run };
  }

  #onPrepared(run: DrivenRun, report: PreparedReport): void {
    if (!this.#holds(run) || this.#state.name !== "preparing") return;
    this.#state = { name: "prepared", run, report };
    this.#dependencies.link.tell("prepared", report);
  }

  #fail(run: DrivenRun, cause: unknown): void {
    if (!this.#holds(run)) return;
    const error = isAppError(cause) ? cause : new AppError("INTERNAL", toErrorData(cause).message, { cause });
    this.#state = { name: "failed", run, error };
    this.#tellFailed(error);
  }

  #tellFailed(error: AppError): void {
    const { epoch } = this;
    this.#dependencies.logger.error({ epoch, code: error.code, error: error.message }, "failed");
    this.#dependencies.link.tell("failed", { epoch, error: toErrorData(error) });
  }

  #advance(run: DrivenRun, name: ArmedName): void {
    const state = this.#state;
    if (!("armed" in state) || state.run !== run) return;
    if (armedOrder.indexOf(name) <= armedOrder.indexOf(state.name)) return;
    this.#state = { ...state, name };
    if (this.#dependencies.link.connected) this.tellStatus(null);
  }

  #runHandlers(): RunHandlers {
    const { link, clock } = this.#dependencies;
    const withRun = (use: (run: DrivenRun) => void): void => {
      if ("run" in this.#state) use(this.#state.run);
    };
    return {
      onStage: (stage) => withRun((run) => this.#advance(run, stage)),
      onLost: (error) => withRun((run) => this.#fail(run, error)),
      onReasonSample: (sample) => link.tell("reasonSample", sample),
      onTrouble: (trouble) => {
        this.#dependencies.logger.warn(trouble, "trouble");
        link.tell("trouble", { ...trouble, atMicros: clock.nowMicros() + this.#dependencies.offsetMicros() });
      },
    };
  }

  #holds(run: DrivenRun): boolean {
    return "run" in this.#state && this.#state.run === run;
  }

  #runState(command: string): Extract<State, { run: DrivenRun }> {
    if (!("run" in this.#state)) throw this.#refusal(command);
    return this.#state;
  }

  #refusal(command: string): AppError {
    return new AppError("BEACON_REFUSED", `"${command}" does not fit the state "${this.#state.name}"`);
  }
}

const armedOrder: readonly ArmedName[] = ["armed", "broadcasting", "draining", "drained"];
export const noProgress = {
  prepared: 0,
  planned: 0,
  counters: [],
  spooledRows: 0,
  acknowledgedRows: 0,
  lateAnswers: 0,
};
export const noHistograms = { lateness: null, answerIntended: null, answerService: null };
export const noGauges = { sendLoopDelayMicros: 0, inFlight: 0, bufferedBytes: 0, connections: [] };
