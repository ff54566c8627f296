import type { Logger } from "pino";
import type { z } from "zod";
import { AppError, isAppError, toErrorData } from "../shared/errors/app-error.ts";
import {
  type Arm,
  armSchema,
  type BeaconState,
  type ClockEstimate,
  type Configure,
  configureSchema,
  type EpochMessage,
  epochSchema,
  type FinishedReport,
  type HandedIn,
  type HandIn,
  handInSchema,
  type Pace,
  type Prepare,
  type PreparedReport,
  paceSchema,
  prepareSchema,
  type Reply,
  type Stop,
  stopSchema,
} from "../shared/protocol/messages.ts";
import type { Clock } from "../shared/time/clock.ts";
import { waitUntil } from "../shared/time/wait.ts";
import { estimateClock } from "./link/clock-sync.ts";
import type { OverseerLink } from "./link/overseer-link.ts";
import type { Sampler } from "./measuring/sampler.ts";
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
  | "unacknowledgedChunks"
  | "renewLease"
  | "leaseExpired"
  | "close"
>;

export interface BeaconDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly link: Pick<OverseerLink, "on" | "tell" | "tellStatus" | "askClock" | "connected">;
  readonly sampler: Pick<Sampler, "sample">;
  readonly createRun: (configure: Configure, handlers: RunHandlers) => DrivenRun;
  /** Uploads what earlier processes of this beacon have left of a run; returns the number of chunks. */
  readonly handInLeftovers: (runId: string) => Promise<number>;
  /** The overseer has told the process to end. */
  readonly onShutdown: () => void;
}

/** Where the beacon stands: each state has what exists in it and nothing else. */
type State =
  | { readonly name: "idle" }
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
}

/** Enough to meet a moment at which neither end nor the way between them was busy; they take some milliseconds. */
const clockExchangesAtArm = 24;
/** For the instants of samples before that. */
const clockExchangesAtConnection = 4;
const heartbeatMs = 1000;
/** A process that is told to end gives the overseer this long to take what is left; it is on disk anyway. */
const farewellMs = 2000;

/** The phase machine: takes the overseer's commands, refuses those that do not fit, and reports once a second. */
export class Beacon {
  readonly #dependencies: BeaconDependencies;
  readonly #closing = new AbortController();
  #state: State = { name: "idle" };
  #offsetMicros = 0;
  #statuses = 0;
  #heartbeat: NodeJS.Timeout | null = null;
  #t0Timer: NodeJS.Timeout | null = null;

  constructor(dependencies: BeaconDependencies) {
    this.#dependencies = dependencies;
    const { link } = dependencies;
    link.on("configure", (message, reply) => this.#answer(reply, configureSchema, message, (it) => this.configure(it)));
    link.on("prepare", (message, reply) => this.#answer(reply, prepareSchema, message, (it) => this.prepare(it)));
    link.on("arm", (message, reply) => this.#answer(reply, armSchema, message, (it) => this.arm(it)));
    link.on("pace", (message, reply) => this.#answer(reply, paceSchema, message, (it) => this.pace(it)));
    link.on("stop", (message, reply) => this.#answer(reply, stopSchema, message, (it) => this.stop(it)));
    link.on("collect", (message, reply) => this.#answer(reply, epochSchema, message, (it) => this.collect(it)));
    link.on("handIn", (message, reply) => this.#answer(reply, handInSchema, message, (it) => this.handIn(it)));
    link.on("release", (message, reply) => this.#answer(reply, epochSchema, message, (it) => this.release(it)));
    link.on("shutdown", (reply) => {
      reply({ ok: true, value: null });
      dependencies.onShutdown();
    });
  }

  get stateName(): BeaconState {
    return this.#state.name === "configuring" ? "idle" : this.#state.name;
  }

  start(): void {
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs);
  }

  /** After every (re)connection: what may have been lost with the old one is told again. */
  onConnected(): void {
    const { link, logger } = this.#dependencies;
    this.#tellStatus();
    if (this.#state.name === "prepared") link.tell("prepared", this.#state.report);
    if (this.#state.name === "failed") this.#tellFailed(this.#state.run.epoch, this.#state.error);
    this.#estimate(clockExchangesAtConnection).catch((error: unknown) => {
      logger.debug({ error: toErrorData(error).message }, "clock not compared");
    });
  }

  async configure(message: Configure): Promise<null> {
    const state = this.#state;
    if (state.name === "configuring" && state.run.epoch === message.epoch) {
      await state.done;
      return null;
    }
    if (state.name !== "idle" && state.run.runId !== message.runId && this.#isOver(state)) {
      // An overseer that died may have left it here; what nobody has taken stays in the spool.
      await this.#drop(state.run, state.run.unacknowledgedChunks > 0 ? "kept" : "discarded");
    } else if (state.name !== "idle") {
      if (state.run.epoch === message.epoch && state.name === "configured") return null;
      throw this.#refusal("configure", state);
    }
    const run = this.#dependencies.createRun(message, this.#runHandlers(message.epoch));
    const done = this.#open(run);
    this.#state = { name: "configuring", run, done };
    await done;
    return null;
  }

  /** Returns at once; `prepared` or `failed` is told when it is done. */
  prepare(message: Prepare): Promise<null> {
    const state = this.#runState("prepare", message.epoch);
    if (state.name === "preparing") return Promise.resolve(null);
    if (state.name === "prepared") {
      this.#dependencies.link.tell("prepared", state.report);
      return Promise.resolve(null);
    }
    if (state.name !== "configured") throw this.#refusal("prepare", state);
    const { run } = state;
    this.#state = { name: "preparing", run };
    run.prepare(message).then(
      (report) => this.#onPrepared(run, report),
      (error: unknown) => this.#fail(run, error),
    );
    return Promise.resolve(null);
  }

  async arm(message: Arm): Promise<ClockEstimate> {
    const state = this.#runState("arm", message.epoch);
    if ("armed" in state && state.armed.t0Micros === message.t0Micros) return state.armed.estimate;
    if (state.name !== "prepared") throw this.#refusal("arm", state);
    // Before the first question, and every answer comes after that: the overseer was there then.
    const askedMicros = this.#dependencies.clock.nowMicros();
    const estimate = await this.#estimate(clockExchangesAtArm);
    // Asked a second time while the clocks were compared, or released meanwhile.
    if (this.#state !== state) return this.arm(message);
    const t0Here = message.t0Micros - estimate.offsetMicros;
    const leftMicros = t0Here - this.#dependencies.clock.nowMicros();
    if (leftMicros <= 0) {
      throw new AppError("BEACON_REFUSED", `T0 was ${Math.round(-leftMicros / 1000)} ms ago when the beacon was armed`);
    }
    state.run.renewLease(askedMicros + message.leaseMs * 1000);
    state.run.start(t0Here);
    this.#state = { name: "armed", run: state.run, armed: { t0Micros: message.t0Micros, estimate } };
    this.#t0Timer = setTimeout(() => this.#advance(state.run, "broadcasting"), leftMicros / 1000);
    return estimate;
  }

  pace(message: Pace): Promise<null> {
    const state = this.#runState("pace", message.epoch);
    if (!("armed" in state)) throw this.#refusal("pace", state);
    state.run.pace(message.paused);
    return Promise.resolve(null);
  }

  stop(message: Stop): Promise<null> {
    const state = this.#runState("stop", message.epoch);
    if (!("armed" in state)) throw this.#refusal("stop", state);
    state.run.stop(message.reason);
    return Promise.resolve(null);
  }

  async collect(message: EpochMessage): Promise<FinishedReport> {
    const state = this.#runState("collect", message.epoch);
    if (!("armed" in state) && state.name !== "failed") throw this.#refusal("collect", state);
    const report = await state.run.collect();
    return { ...report, clock: await this.#compareOnceMore() };
  }

  async handIn({ runId }: HandIn): Promise<HandedIn> {
    const state = this.#state;
    if (state.name !== "idle" && state.run.runId === runId) {
      const { run } = state;
      if ("armed" in state) run.stop("aborted");
      await run.collect();
      if (this.#holds(run)) await this.#drop(run, "discarded");
    }
    return { leftoverChunks: await this.#dependencies.handInLeftovers(runId) };
  }

  async release(message: EpochMessage): Promise<null> {
    // Released already, and the answer was lost on its way.
    if (this.#state.name === "idle") return null;
    const { run } = this.#runState("release", message.epoch);
    await this.#drop(run, "discarded");
    return null;
  }

  /** True while rows exist that the overseer has not acknowledged, or may still come to exist. */
  get isNeeded(): boolean {
    const state = this.#state;
    if (state.name === "failed") return state.run.unacknowledgedChunks > 0;
    return "armed" in state && (state.name !== "drained" || state.run.unacknowledgedChunks > 0);
  }

  /** Stops sending, writes everything to the spool and lets go of all threads and connections. */
  async close(): Promise<void> {
    this.#closing.abort(new AppError("STOPPED", "the beacon is ending"));
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat);
    const state = this.#state;
    if (state.name === "idle") return;
    const { logger } = this.#dependencies;
    if ("armed" in state) {
      state.run.stop("stopped");
      await state.run.finish().catch((error: unknown) => {
        logger.error({ error: toErrorData(error).message }, "not everything could be spooled");
      });
      await this.#sayFarewell(state.run);
    }
    await this.#drop(state.run, state.run.unacknowledgedChunks > 0 ? "kept" : "discarded");
  }

  async #sayFarewell(run: DrivenRun): Promise<void> {
    const { link, logger } = this.#dependencies;
    await waitUntil(() => run.unacknowledgedChunks === 0 || !link.connected, {
      timeoutMs: farewellMs,
      onTimeout: () => new AppError("NETWORK_UNREACHABLE", "the overseer did not take the rest in time"),
    }).catch((error: unknown) => logger.warn({ error: toErrorData(error).message }, "the rest stays in the spool"));
    this.#tellStatus();
  }

  async #open(run: DrivenRun): Promise<void> {
    try {
      await run.open();
    } catch (error) {
      if (this.#holds(run)) await this.#drop(run, "discarded");
      throw error;
    }
    if (!this.#holds(run)) throw new AppError("STOPPED", "the run was released before all nodes were reached");
    this.#state = { name: "configured", run };
  }

  async #drop(run: DrivenRun, spool: "kept" | "discarded"): Promise<void> {
    if (this.#t0Timer !== null) clearTimeout(this.#t0Timer);
    this.#state = { name: "idle" };
    for (const failure of await run.close(spool)) this.#dependencies.logger.warn({ failure }, "not undone");
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
    this.#tellFailed(run.epoch, error);
  }

  #tellFailed(epoch: number, error: AppError): void {
    this.#dependencies.logger.error({ epoch, code: error.code, error: error.message }, "failed");
    this.#dependencies.link.tell("failed", { epoch, error: toErrorData(error) });
  }

  #advance(run: DrivenRun, name: ArmedName): void {
    const state = this.#state;
    if (!("armed" in state) || state.run !== run) return;
    if (armedOrder.indexOf(name) <= armedOrder.indexOf(state.name)) return;
    this.#state = { ...state, name };
    this.#tellStatus();
  }

  #runHandlers(epoch: number): RunHandlers {
    const { link, clock } = this.#dependencies;
    const withRun = (use: (run: DrivenRun) => void): void => {
      if (this.#state.name !== "idle" && this.#state.run.epoch === epoch) use(this.#state.run);
    };
    return {
      onStage: (stage) => withRun((run) => this.#advance(run, stage)),
      onLost: (error) => withRun((run) => this.#fail(run, error)),
      onReasonSample: (sample) => link.tell("reasonSample", sample),
      onTrouble: (trouble) => {
        this.#dependencies.logger.warn(trouble, "trouble");
        link.tell("trouble", { ...trouble, atMicros: clock.nowMicros() + this.#offsetMicros });
      },
    };
  }

  #beat(): void {
    if (this.#state.name !== "idle") this.#state.run.spoolOutcomes();
    this.#tellStatus();
  }

  #tellStatus(): void {
    const { link, sampler, clock, logger } = this.#dependencies;
    // Kept until somebody hears it: an interval that nobody got would be missing in the live figures.
    if (!link.connected) return;
    const state = this.#state;
    const run = state.name === "idle" ? null : state.run;
    const progress = run?.progress() ?? noProgress;
    const sentMicros = clock.nowMicros();
    const answered = link.tellStatus({
      runId: run?.runId ?? null,
      epoch: run?.epoch ?? 0,
      number: this.#statuses++,
      state: this.stateName,
      ...progress,
      intervalHistograms: run?.takeIntervalHistograms() ?? noHistograms,
      sample: sampler.sample(this.#offsetMicros, run?.takeGauges() ?? noGauges),
      leaseExpired: run?.leaseExpired ?? false,
    });
    answered.then(
      // Counted from before the overseer heard of it, so that it ends before the overseer believes that it has ended.
      (leaseMs) => run?.renewLease(sentMicros + leaseMs * 1000),
      (error: unknown) => logger.debug({ error: toErrorData(error).message }, "status not answered"),
    );
  }

  async #estimate(exchanges: number): Promise<ClockEstimate> {
    const { clock, link } = this.#dependencies;
    const estimate = await estimateClock(
      { exchanges, signal: this.#closing.signal },
      { clock, askOverseer: () => link.askClock() },
    );
    this.#offsetMicros = estimate.offsetMicros;
    return estimate;
  }

  /** The instants of the ledger stay on the barrier's estimate: a drift is reported, not spread over the rows. */
  async #compareOnceMore(): Promise<ClockEstimate | null> {
    const { clock, link } = this.#dependencies;
    return estimateClock(
      { exchanges: clockExchangesAtArm, signal: this.#closing.signal },
      { clock, askOverseer: () => link.askClock() },
    ).catch(() => null);
  }

  #answer<S extends z.ZodType, T>(
    reply: (reply: Reply<T>) => void,
    schema: S,
    message: unknown,
    obey: (message: z.output<S>) => Promise<T>,
  ): void {
    const answered = async (): Promise<Reply<T>> => {
      try {
        return { ok: true, value: await obey(schema.parse(message)) };
      } catch (error) {
        return { ok: false, error: toErrorData(error) };
      }
    };
    void answered().then(reply);
  }

  /** Nothing is being sent or waited for. */
  #isOver(state: State): boolean {
    return !("armed" in state) || state.name === "drained";
  }

  #holds(run: DrivenRun): boolean {
    return this.#state.name !== "idle" && this.#state.run === run;
  }

  /** Throws unless there is a run and the command is meant for it. */
  #runState(command: string, epoch: number): Exclude<State, { name: "idle" }> {
    const state = this.#state;
    if (state.name === "idle") throw this.#refusal(command, state);
    if (state.run.epoch !== epoch) {
      throw new AppError("BEACON_REFUSED", `"${command}" is for epoch ${epoch}, this is epoch ${state.run.epoch}`);
    }
    return state;
  }

  #refusal(command: string, state: State): AppError {
    return new AppError("BEACON_REFUSED", `"${command}" does not fit the state "${state.name}"`);
  }
}

const armedOrder: readonly ArmedName[] = ["armed", "broadcasting", "draining", "drained"];
const noProgress = { prepared: 0, planned: 0, counters: [], spooledRows: 0, acknowledgedRows: 0, lateAnswers: 0 };
const noHistograms = { lateness: null, answerIntended: null, answerService: null };
const noGauges = { sendLoopDelayMicros: 0, inFlight: 0, bufferedBytes: 0, connections: [] };
