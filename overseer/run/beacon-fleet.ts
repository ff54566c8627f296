import { AppError, fromErrorData, isAppError, messageOf } from "../../shared/errors/app-error.ts";
import type { OutcomeColumns, PreparedColumns } from "../../shared/ledger/columns.ts";
import type {
  Configure,
  PhaseCounters,
  Prepare,
  ReasonSample,
  Status,
  Trouble,
} from "../../shared/protocol/messages.ts";
import type { Clock } from "../../shared/time/clock.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import type { StoreResult } from "../ledger/chunk-store.ts";
import type { BeaconRecord } from "../ledger/evidence.ts";
import type { BeaconSession, MessageOf, ReplyOf, RequestName, SessionListener } from "../server/beacon-session.ts";
import { type FleetMember, type MemberState, newMember, recordOf } from "./fleet-member.ts";

export interface FleetEvents {
  onStatus(member: string, status: Status): void;
  /** A status that was overtaken by a newer one: of it, only the interval's histograms mean anything. */
  onLateStatus(member: string, status: Status): void;
  onTrouble(member: string, trouble: Trouble): void;
  onReasonSample(member: string, sample: ReasonSample): void;
  onPreparedRows(columns: PreparedColumns): void;
  onOutcomeRows(columns: OutcomeColumns): void;
  onLost(member: string, text: string): void;
  storeChunk(member: string, bytes: Uint8Array): Promise<StoreResult>;
}

export interface FleetOptions {
  /** Of the sequence numbers of its shares, only those from `firstSequence` to before `endSequence`. */
  readonly firstSequence: number;
  readonly endSequence: number;
  readonly runId: string;
  readonly epoch: number;
  readonly leaseMs: number;
  readonly members: readonly FleetMember[];
  /** Ends every wait for an answer at once. */
  readonly signal: AbortSignal;
}

export interface AskOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** All or a clear failure; otherwise a member that is lost meanwhile is gone on without. */
  readonly needAll: boolean;
}

/**
 * Beyond the lease. A lease counts from before its status was sent, silence from when something was heard, so the lease
 * has run out in any case; the rest is for a beacon's farewell to come in.
 */
const silenceGraceMs = 1000;
/** What a lost beacon still has is taken along, but nothing waits long for it. */
const lateCollectTimeoutMs = 10_000;

/** The beacons of one run: tells them what to do, keeps what they report, and notices when one is gone. */
export class BeaconFleet {
  readonly #runId: string;
  readonly #epoch: number;
  readonly #leaseMs: number;
  readonly #events: FleetEvents;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly firstSequence: number;
  readonly endSequence: number;
  readonly #members: MemberState[];
  readonly #watch: NodeJS.Timeout;
  #closed = false;
  #armed = false;
  #withholdsLeases = false;
  #signing: Omit<Prepare, "epoch"> | null = null;

  constructor(options: FleetOptions, dependencies: { events: FleetEvents; clock: Clock }) {
    this.#runId = options.runId;
    this.#epoch = options.epoch;
    this.firstSequence = options.firstSequence;
    this.endSequence = options.endSequence;
    this.#leaseMs = options.leaseMs;
    this.#signal = options.signal;
    this.#events = dependencies.events;
    this.#clock = dependencies.clock;
    this.#members = options.members.map(newMember);
    for (const member of this.#members) member.session.listen(this.#listenerOf(member));
    this.#watch = setInterval(() => this.#lookForLost(), 500);
    this.#watch.unref();
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Its members may send. */
  get armed(): boolean {
    return this.#armed;
  }

  /** By which reference and expirations its transactions are signed; null before that is known. */
  get signing(): Omit<Prepare, "epoch"> | null {
    return this.#signing;
  }

  get members(): readonly FleetMember[] {
    return this.#members;
  }

  /** Those that were let send and have not handed in all of it. */
  get owing(): readonly string[] {
    return this.#members.filter((member) => member.askedToArm && !member.collected).map(({ session }) => session.name);
  }

  /** Those that are not lost. */
  get present(): readonly FleetMember[] {
    return this.#present();
  }

  memberOf(name: string): FleetMember | undefined {
    return this.#members.find((member) => member.session.name === name);
  }

  /** A process that has taken a member's place: the member is lost, and what its rows are is heard from this one. */
  replace(session: BeaconSession): void {
    const member = this.#members.find((candidate) => candidate.session.name === session.name);
    if (member === undefined) return;
    this.lose(session.name, "another process has taken its place");
    session.listen(this.#listenerOf(member));
  }

  /** A beacon's last running totals of this assignment. */
  countersOf(name: string): readonly PhaseCounters[] {
    return this.#members.find((member) => member.session.name === name)?.status?.counters ?? [];
  }

  get alive(): number {
    return this.#members.filter((member) => member.lost === null).length;
  }

  get statuses(): readonly { readonly name: string; readonly status: Status | null; readonly lost: boolean }[] {
    return this.#members.map(({ session, status, lost }) => ({ name: session.name, status, lost: lost !== null }));
  }

  /** Of each member: what it is dealt, how much of it is signed, and whether it is there. */
  get progress(): readonly {
    readonly name: string;
    readonly connected: boolean;
    readonly planned: number;
    readonly prepared: number;
  }[] {
    return this.#members.map(({ session, status, planned }) => {
      return { name: session.name, connected: session.connected, planned, prepared: status?.prepared ?? 0 };
    });
  }

  get preparedTransactions(): number {
    return this.#members.reduce((sum, member) => sum + (member.status?.prepared ?? 0), 0);
  }

  get planned(): number {
    return this.#members.reduce((sum, member) => sum + member.planned, 0);
  }

  /** The fault that a beacon itself reported, if one did. */
  get failure(): AppError | null {
    const failed = this.#present().find((member) => member.failure !== null);
    if (failed === undefined || failed.failure === null) return null;
    const error = fromErrorData(failed.failure.error);
    return new AppError(error.code, `beacon ${failed.session.name}: ${error.message}`, {
      problems: error.problems,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }

  /** The first beacon that was lost, as an error; null while all are there. */
  get loss(): AppError | null {
    const lost = this.#members.find((member) => member.lost !== null);
    if (lost === undefined || lost.lost === null) return null;
    return new AppError("BEACON_LOST", `beacon ${lost.session.name} was lost: ${lost.lost.text}`);
  }

  async configure(messageFor: (member: FleetMember) => Configure, options: AskOptions): Promise<void> {
    await this.#all((member) => this.#ask(member, "configure", messageFor(member), options), options);
  }

  async prepare(message: Omit<Prepare, "epoch">, options: AskOptions): Promise<void> {
    this.#signing = message;
    await this.#all((member) => this.#ask(member, "prepare", { epoch: this.#epoch, ...message }, options), options);
  }

  /** True when every beacon that is there has signed all of its share and the overseer has the list of it. */
  get allPrepared(): boolean {
    return this.#present().every((member) => member.prepared !== null && member.preparedRows >= member.planned);
  }

  /**
   * With `needAll` it is a barrier: no lease is granted before all stand by, so that of those who cannot be told that it
   * fell through none starts. Otherwise each may send from its own answer on.
   */
  async arm(t0Micros: number, options: AskOptions): Promise<void> {
    this.#withholdsLeases = options.needAll;
    const message = { epoch: this.#epoch, t0Micros, leaseMs: options.needAll ? 0 : this.#leaseMs };
    await this.#all(async (member) => {
      member.askedToArm = true;
      member.clock = await this.#ask(member, "arm", message, options);
    }, options);
    this.#withholdsLeases = false;
    this.#armed = true;
    if (!options.needAll) return;
    // Whoever does not get it has it with the answer to its next status.
    for (const member of this.#present()) {
      this.#ask(member, "arm", { ...message, leaseMs: this.#leaseMs }, options).catch(() => undefined);
    }
  }

  /** Those that can still hear it; a beacon that cannot will stop when its lease runs out. */
  async stop(reason: "stopped" | "aborted", timeoutMs: number): Promise<void> {
    await Promise.allSettled(
      this.#reachable().map(async (member) => {
        try {
          await member.session.request("stop", { epoch: this.#epoch, reason }, timeoutMs, this.#signal);
        } catch (error) {
          // It does not stand by, and having been told to stop it never will.
          if (isRefusal(error) && member.clock === null) member.askedToArm = false;
        }
      }),
    );
  }

  /** True when nobody has anything left to send or to wait for, as far as it was asked to send. */
  get allDrained(): boolean {
    return this.#present().every(
      ({ askedToArm, released, status }) =>
        !askedToArm || released || status?.state === "drained" || status?.state === "failed",
    );
  }

  /**
   * Makes every beacon hand in the rest of its ledger, lost ones that came back included. One that fails to is lost. Ends
   * early, without a word, when the fleet's signal is aborted.
   */
  async collect(timeoutMs: number): Promise<void> {
    await Promise.all(
      this.#reachable().map(async (member) => {
        // It was never let send, or all of it is here and the beacon may have forgotten it.
        if (!member.askedToArm || member.collected) return;
        const message = { epoch: this.#epoch };
        try {
          const finished =
            member.lost !== null
              ? await member.session.request("collect", message, lateCollectTimeoutMs, this.#signal)
              : await this.#ask(member, "collect", message, { timeoutMs, signal: this.#signal });
          member.clockAtEnd = finished.clock ?? null;
          member.collected = true;
        } catch (error) {
          if (this.#signal.aborted) return;
          if (isRefusal(error) && member.clock === null) return;
          this.lose(member.session.name, `its ledger could not be collected: ${messageOf(error)}`);
        }
      }),
    );
  }

  async release(timeoutMs: number): Promise<void> {
    await Promise.allSettled(
      this.#reachable().map(async (member) => {
        await member.session.request("release", { epoch: this.#epoch }, timeoutMs, this.#signal);
        // What a lost one has not handed in yet may still come.
        member.released = member.collected;
      }),
    );
  }

  async shutdown(timeoutMs: number): Promise<void> {
    await Promise.allSettled(this.#members.map(({ session }) => session.shutdown(timeoutMs, this.#signal)));
  }

  /** Waits for `condition`, and fails at once when a beacon reports a fault, when none is left or, with `needAll`, when one is lost. */
  async waitFor(
    condition: () => boolean,
    options: {
      readonly needAll: boolean;
      readonly timeoutMs: number;
      readonly signal: AbortSignal;
      readonly what: string;
    },
  ): Promise<void> {
    await waitUntil(
      () => {
        const trouble = this.failure ?? (options.needAll || this.alive === 0 ? this.loss : null);
        if (trouble !== null) throw trouble;
        return condition();
      },
      {
        timeoutMs: options.timeoutMs,
        signal: options.signal,
        onTimeout: () =>
          new AppError("BEACON_LOST", `${options.what} within ${Math.round(options.timeoutMs / 1000)} s`),
      },
    );
  }

  lose(name: string, text: string): void {
    const member = this.#members.find((candidate) => candidate.session.name === name);
    if (this.#closed || member === undefined || member.lost !== null) return;
    member.lost = { atMicros: this.#clock.nowMicros(), text };
    member.loss.abort(new AppError("BEACON_LOST", `beacon ${name} was lost: ${text}`));
    // Whatever still waits for it to come back waits in vain.
    if (!member.session.connected) member.session.abandon("is lost");
    this.#events.onLost(name, text);
  }

  records(t0Micros: number | null): BeaconRecord[] {
    const baseExpirationSeconds = this.#signing?.baseExpirationSeconds ?? null;
    return this.#members.map((member) => recordOf(member, { epoch: this.#epoch, baseExpirationSeconds, t0Micros }));
  }

  /** No longer listens, and a beacon that goes from now on is no loss; the sessions live on. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#watch);
    for (const member of this.#members) member.session.unlisten(this.#epoch);
  }

  #present(): MemberState[] {
    return this.#members.filter((member) => member.lost === null);
  }

  /** Those that are not lost, even if their connection is down just now, and those lost ones that are back. */
  #reachable(): MemberState[] {
    return this.#members.filter(({ lost, session, released }) => !released && (lost === null || session.connected));
  }

  async #ask<K extends RequestName>(
    member: MemberState,
    name: K,
    message: MessageOf<K>,
    { timeoutMs, signal }: Pick<AskOptions, "timeoutMs" | "signal">,
  ): Promise<ReplyOf<K>> {
    const ended = AbortSignal.any([member.loss.signal, this.#signal, signal]);
    return member.session.request(name, message, timeoutMs, ended);
  }

  async #all(tell: (member: MemberState) => Promise<unknown>, { needAll }: AskOptions): Promise<void> {
    const asked = needAll ? this.#members : this.#present();
    const results = await Promise.allSettled(asked.map(tell));
    const failed = results.find(
      (result, i) => result.status === "rejected" && (needAll || (asked[i] as MemberState).lost === null),
    );
    if (failed?.status === "rejected") throw this.failure ?? failed.reason;
    if (this.loss !== null && this.alive === 0) throw this.loss;
  }

  #lookForLost(): void {
    const now = this.#clock.nowMicros();
    for (const member of this.#present()) {
      const silent = now - member.session.lastHeardMicros;
      if (silent > (this.#leaseMs + silenceGraceMs) * 1000) {
        this.lose(member.session.name, `nothing was heard of it for ${Math.round(silent / 1e6)} s`);
      }
    }
  }

  #takeStatus(member: MemberState, status: Status): void {
    const { name } = member.session;
    const last = member.status?.number ?? -1;
    if (status.number <= last) {
      if (member.missingStatuses.delete(status.number)) this.#events.onLateStatus(name, status);
      return;
    }
    for (let number = last + 1; last >= 0 && number < status.number; number++) member.missingStatuses.add(number);
    member.status = status;
    this.#events.onStatus(name, status);
    if (status.leaseExpired) this.lose(name, "its lease ran out and it stopped sending");
  }

  #listenerOf(member: MemberState): SessionListener {
    const name = member.session.name;
    return {
      runId: this.#runId,
      epoch: this.#epoch,
      onStatus: (_, status) => {
        this.#takeStatus(member, status);
        // A lost beacon's work may have been given to others.
        return member.lost === null && !this.#withholdsLeases ? this.#leaseMs : 0;
      },
      onPrepared: (_, report) => {
        member.prepared = report;
      },
      onFailed: (_, failure) => {
        member.failure = failure;
      },
      onTrouble: (_, trouble) => this.#events.onTrouble(name, trouble),
      onReasonSample: (_, sample) => this.#events.onReasonSample(name, sample),
      onChunk: async (_, bytes, chunk) => {
        const result = await this.#events.storeChunk(name, bytes);
        if (result !== "stored") return;
        if (chunk.table === "prepared") {
          this.#events.onPreparedRows(chunk.columns);
          member.preparedRows += chunk.rows;
        } else {
          this.#events.onOutcomeRows(chunk.columns);
          member.outcomeRows += chunk.rows;
        }
      },
      onConnection: (_, connected) => {
        // Whoever still waits for an answer of it waits in vain.
        if (!connected && member.lost !== null) member.session.abandon("is lost");
        this.#events.onTrouble(name, {
          epoch: this.#epoch,
          atMicros: this.#clock.nowMicros(),
          node: null,
          text: connected ? "is connected to the overseer again" : "lost its connection to the overseer",
        });
      },
    };
  }
}

function isRefusal(error: unknown): boolean {
  return isAppError(error) && error.code === "BEACON_REFUSED";
}
