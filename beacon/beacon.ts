import type { Logger } from "pino";
import type { z } from "zod";
import { AppError, toErrorData } from "../shared/errors/app-error.ts";
import {
  armSchema,
  type BeaconState,
  type ClockEstimate,
  type Configure,
  configureSchema,
  type EpochMessage,
  epochSchema,
  type HandedIn,
  type HandIn,
  handInSchema,
  paceSchema,
  prepareSchema,
  type Reply,
  type Sample,
  stopSchema,
} from "../shared/protocol/messages.ts";
import type { Clock } from "../shared/time/clock.ts";
import { type DrivenRun, EpochMachine, noGauges, noHistograms, noProgress } from "./epoch-machine.ts";
import { estimateClock } from "./link/clock-sync.ts";
import type { OverseerLink } from "./link/overseer-link.ts";
import { addConnections, addFigures, closedFigures, noFigures, type RunFigures } from "./measuring/run-figures.ts";
import type { Sampler, SenderGauges } from "./measuring/sampler.ts";
import type { RunHandlers } from "./run.ts";

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

/** What can be told of a beacon at any moment. */
export interface BeaconFigures {
  readonly state: BeaconState;
  readonly isConnected: boolean;
  /** Of the last second in which the overseer was there; null before the first. */
  readonly sample: Sample | null;
  readonly run: ({ readonly id: string } & RunFigures) | null;
}

/** For the instants of samples before the barrier. */
const clockExchangesAtConnection = 4;
const heartbeatMs = 1000;

/** Takes the overseer's commands to the assignment that they are for, and reports on each once a second. */
export class Beacon {
  readonly #dependencies: BeaconDependencies;
  readonly #closing = new AbortController();
  /** By epoch, the oldest first. */
  readonly #epochs = new Map<number, EpochMachine>();
  /** What assignments of this run that are gone have come to. */
  #before: { readonly runId: string; readonly figures: RunFigures } | null = null;
  #sample: Sample | null = null;
  #offsetMicros = 0;
  #idleStatuses = 0;
  #heartbeat: NodeJS.Timeout | null = null;

  constructor(dependencies: BeaconDependencies) {
    this.#dependencies = dependencies;
    const { link } = dependencies;
    link.on("configure", (message, reply) => this.#answer(reply, configureSchema, message, (it) => this.configure(it)));
    link.on("prepare", (message, reply) =>
      this.#answer(reply, prepareSchema, message, (it) => this.#of("prepare", it.epoch).prepare(it)),
    );
    link.on("arm", (message, reply) =>
      this.#answer(reply, armSchema, message, (it) => this.#of("arm", it.epoch).arm(it)),
    );
    link.on("pace", (message, reply) =>
      this.#answer(reply, paceSchema, message, (it) => this.#of("pace", it.epoch).pace(it)),
    );
    link.on("stop", (message, reply) =>
      this.#answer(reply, stopSchema, message, (it) => this.#of("stop", it.epoch).stop(it)),
    );
    link.on("collect", (message, reply) =>
      this.#answer(reply, epochSchema, message, (it) => this.#of("collect", it.epoch).collect()),
    );
    link.on("handIn", (message, reply) => this.#answer(reply, handInSchema, message, (it) => this.handIn(it)));
    link.on("release", (message, reply) => this.#answer(reply, epochSchema, message, (it) => this.release(it)));
    link.on("shutdown", (reply) => {
      reply({ ok: true, value: null });
      dependencies.onShutdown();
    });
  }

  /** Of the run's first assignment. */
  get stateName(): BeaconState {
    return this.#oldest?.stateName ?? "idle";
  }

  /** Of the run that it is in or, between two, was in last. */
  figures(): BeaconFigures {
    const machines = [...this.#epochs.values()].filter((machine) => !machine.isGone);
    const runId = machines[0]?.runId ?? this.#before?.runId ?? null;
    const before = this.#before?.runId === runId ? (this.#before?.figures ?? noFigures) : noFigures;
    return {
      state: this.stateName,
      isConnected: this.#dependencies.link.connected,
      sample: this.#sample,
      run: runId === null ? null : { id: runId, ...machines.map((one) => one.figures()).reduce(addFigures, before) },
    };
  }

  start(): void {
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs);
  }

  onConnected(): void {
    this.#tellStatus();
    for (const epoch of this.#epochs.values()) epoch.tellAgain();
    this.#compareClocks(clockExchangesAtConnection).catch((error: unknown) => {
      this.#dependencies.logger.debug({ error: toErrorData(error).message }, "clock not compared");
    });
  }

  async configure(message: Configure): Promise<null> {
    const known = this.#epochs.get(message.epoch);
    if (known !== undefined && known.runId === message.runId) return known.configure();
    const foreign = this.#foreignTo(message);
    const { clock, logger, link, createRun } = this.#dependencies;
    const machine = new EpochMachine(message, {
      clock,
      logger,
      link,
      createRun,
      compareClocks: (exchanges) => this.#compareClocks(exchanges),
      offsetMicros: () => this.#offsetMicros,
      onDrop: (figures) => this.#keep(message.runId, figures),
      onGone: () => {
        if (this.#epochs.get(message.epoch) === machine) this.#epochs.delete(message.epoch);
      },
    });
    this.#epochs.set(message.epoch, machine);
    for (const epoch of foreign) await epoch.abandon();
    return machine.configure();
  }

  async handIn({ runId }: HandIn): Promise<HandedIn> {
    const own = [...this.#epochs.values()].filter((epoch) => epoch.runId === runId);
    await Promise.all(own.map((epoch) => epoch.handIn()));
    return { leftoverChunks: await this.#dependencies.handInLeftovers(runId) };
  }

  async release(message: EpochMessage): Promise<null> {
    // Released already, and the answer was lost on its way.
    if (this.#epochs.size === 0) return null;
    return this.#of("release", message.epoch).release();
  }

  /** Stops sending, writes everything to the spool and lets go of all threads and connections. */
  async close(): Promise<void> {
    this.#closing.abort(new AppError("STOPPED", "the beacon is ending"));
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat);
    await Promise.all([...this.#epochs.values()].map((epoch) => epoch.close()));
  }

  /**
   * A run has one assignment to begin with, and others join it while it is under way: later windows, and what is taken
   * over. What a run whose overseer died has left here makes room for another run; what nobody has taken of it stays in
   * the spool.
   */
  #foreignTo({ runId, underWay }: Configure): EpochMachine[] {
    const others = [...this.#epochs.values()];
    const foreign = others.filter((epoch) => epoch.runId !== runId);
    const refused = foreign.some((epoch) => !epoch.isOver) || (foreign.length < others.length && !underWay);
    if (refused) throw new AppError("BEACON_REFUSED", `"configure" does not fit the state "${this.stateName}"`);
    for (const epoch of foreign) this.#epochs.delete(epoch.epoch);
    return foreign;
  }

  #of(command: string, epoch: number): EpochMachine {
    const machine = this.#epochs.get(epoch);
    if (machine !== undefined) return machine;
    const here = [...this.#epochs.keys()].join(", ");
    const why = here === "" ? 'does not fit the state "idle"' : `is for epoch ${epoch}, here is ${here}`;
    throw new AppError("BEACON_REFUSED", `"${command}" ${why}`);
  }

  get #oldest(): EpochMachine | undefined {
    return this.#epochs.values().next().value;
  }

  #beat(): void {
    for (const epoch of this.#epochs.values()) epoch.spoolOutcomes();
    this.#tellStatus();
  }

  #tellStatus(): void {
    const { link, sampler } = this.#dependencies;
    if (!link.connected) return;
    const machines = [...this.#epochs.values()].filter((machine) => !machine.isGone);
    const [first] = machines;
    const before = first?.runId === this.#before?.runId ? (this.#before?.figures.connections ?? []) : [];
    const gauges = [{ ...noGauges, connections: before }, ...machines.map((machine) => machine.takeGauges())];
    const sample = sampler.sample(this.#offsetMicros, sumOf(gauges));
    this.#sample = sample;
    // The process is one, however many assignments it has.
    for (const [i, machine] of machines.entries()) machine.tellStatus(i === 0 ? sample : null);
    if (machines.length > 0) return;
    const idle = { runId: null, epoch: 0, number: this.#idleStatuses++, state: "idle", leaseExpired: false } as const;
    link.tellStatus({ ...idle, ...noProgress, intervalHistograms: noHistograms, sample }).catch(() => undefined);
  }

  #keep(runId: string, figures: RunFigures): void {
    const before = this.#before?.runId === runId ? this.#before.figures : noFigures;
    this.#before = { runId, figures: addFigures(before, closedFigures(figures)) };
  }

  async #compareClocks(exchanges: number): Promise<ClockEstimate> {
    const { clock, link } = this.#dependencies;
    const estimate = await estimateClock(
      { exchanges, signal: this.#closing.signal },
      { clock, askOverseer: () => link.askClock() },
    );
    this.#offsetMicros = estimate.offsetMicros;
    return estimate;
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
}

function sumOf(gauges: readonly SenderGauges[]): SenderGauges {
  const sum = (of: (one: SenderGauges) => number): number => gauges.reduce((total, one) => total + of(one), 0);
  return {
    sendLoopDelayMicros: Math.max(0, ...gauges.map((one) => one.sendLoopDelayMicros)),
    inFlight: sum((one) => one.inFlight),
    bufferedBytes: sum((one) => one.bufferedBytes),
    connections: gauges.map((one) => one.connections).reduce(addConnections),
  };
}
