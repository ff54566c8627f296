import type { Broadcaster } from "../../shared/chains/driver.ts";
import type { Reason } from "../../shared/chains/outcome.ts";
import type { SendingLimits } from "../../shared/scenario/scenario.ts";
import type { Clock } from "../../shared/time/clock.ts";
import type { Assignment, OwnPhase } from "../assignment.ts";
import type { Recorder } from "../measuring/recorder.ts";
import { InFlight } from "./inflight.ts";
import type { Lease } from "./lease.ts";
import { RowQueue } from "./row-queue.ts";

export interface SenderOptions {
  readonly assignment: Assignment;
  readonly limits: SendingLimits;
  /** Answers are waited for this long after the last phase's end. */
  readonly answerGraceMicros: number;
  /** On this host's monotonic clock. */
  readonly t0Micros: number;
}

/** What the sender reads of the prepared transactions. */
export interface SendableStore {
  readonly columns: { readonly node: Uint8Array; readonly phase: Uint8Array };
  bodyOf(row: number): Uint8Array;
}

export interface SenderDependencies {
  readonly clock: Clock;
  readonly store: SendableStore;
  readonly recorder: Recorder;
  /** By position of the node in the network's list. */
  readonly broadcasters: readonly SendingEnd[];
  readonly lease: Pick<Lease, "untilMicros" | "expire">;
}

export type SendingEnd = Pick<
  Broadcaster,
  "openConnections" | "hasRoom" | "send" | "giveUp" | "flush" | "bufferedBytes"
>;

/** `sending`: something may still be sent; `draining`: answers are waited for; `drained`: every outcome is final. */
export type SenderStage = "sending" | "draining" | "drained";

/**
 * Sums with the host's clock, microseconds since its start, are rounded to about a hundredth of this; woken at the very
 * instant, the sender could otherwise find it not yet come.
 */
const roundingMicros = 0.01;

/** Why a node's oldest waiting transaction was not sent when it was due. */
type Block = Extract<Reason, "node-unreachable" | "in-flight-bound" | "late">;

/**
 * Keeps the schedule. Nothing here waits: `tick` does all that is due now and says when it must be called next.
 *
 * A due transaction is sent at once if its node has a connection that takes it and the in-flight bound has room.
 * Otherwise it waits, at most `shedAfterMicros` from its due instant, and is shed then with the reason that kept it:
 * `node-unreachable`, `in-flight-bound` (also where every open connection is busy), or `late` when the beacon itself was
 * not in time or was told to pause. All instants here are microseconds since T0.
 */
export class Sender {
  readonly #assignment: Assignment;
  readonly #limits: SendingLimits;
  readonly #answerGraceMicros: number;
  readonly #t0Micros: number;
  readonly #clock: Clock;
  readonly #store: SendableStore;
  readonly #recorder: Recorder;
  readonly #ends: readonly SendingEnd[];
  readonly #lease: SenderDependencies["lease"];
  readonly #inFlight: InFlight;
  readonly #inFlightByPhase: Int32Array;
  readonly #waitingByPhase: Int32Array;
  /** By node, in order of their due instants. */
  readonly #waiting: readonly RowQueue[];
  readonly #blocks: Block[];
  readonly #touched: Uint8Array;
  #waitingCount = 0;
  #phase = 0;
  #nextRow = 0;
  #paused = false;
  readonly #phasesEnd: number;
  #answersUntilMicros: number;
  #lateAnswers = 0;

  constructor(options: SenderOptions, dependencies: SenderDependencies) {
    this.#assignment = options.assignment;
    this.#limits = options.limits;
    this.#answerGraceMicros = options.answerGraceMicros;
    this.#t0Micros = options.t0Micros;
    this.#clock = dependencies.clock;
    this.#store = dependencies.store;
    this.#recorder = dependencies.recorder;
    this.#ends = dependencies.broadcasters;
    this.#lease = dependencies.lease;
    this.#inFlight = new InFlight(options.limits, dependencies);
    this.#inFlightByPhase = new Int32Array(options.assignment.phases.length);
    this.#waitingByPhase = new Int32Array(options.assignment.phases.length);
    this.#waiting = this.#ends.map(() => new RowQueue());
    this.#blocks = this.#ends.map(() => "node-unreachable");
    this.#touched = new Uint8Array(this.#ends.length);
    // Not all phases have a part in what is assigned: it ends with the last one that has.
    const own = options.assignment.phases.filter((phase) => phase.endRow > phase.firstRow);
    this.#phasesEnd = (own.at(-1)?.index ?? -1) + 1;
    this.#answersUntilMicros = Math.max(0, ...own.map((phase) => phase.endMicros)) + options.answerGraceMicros;
  }

  get stage(): SenderStage {
    if (this.#phase < this.#phasesEnd || this.#waitingCount > 0) return "sending";
    return this.#inFlight.count > 0 ? "draining" : "drained";
  }

  get inFlight(): number {
    return this.#inFlight.count;
  }

  get bufferedBytes(): number {
    return this.#ends.reduce((sum, end) => sum + end.bufferedBytes, 0);
  }

  /** Answers that came after their transaction had been given up. */
  get lateAnswers(): number {
    return this.#lateAnswers;
  }

  /** True when an answer or a new connection may let something be sent at once, so that `tick` should be called. */
  get wantsRoom(): boolean {
    if (this.#waitingCount > 0) return true;
    return this.#current?.load.kind === "unlimited";
  }

  /** Returns the instant, on the host's clock, at which it must be called next: Infinity when only an answer matters. */
  tick(): number {
    const now = this.#now();
    if (this.#mayNotSend(now) && this.stage === "sending") this.#expire();
    this.#giveUpUnanswered(now);
    this.#shedOverdue(now);
    this.#sendWaiting();
    this.#advance(now);
    this.#flush();
    return this.#nextWake() + this.#t0Micros + roundingMicros;
  }

  onAnswer(row: number, reason: Reason, receivedMicros: number): void {
    if (!this.#recorder.isPending(row)) {
      this.#lateAnswers++;
      return;
    }
    const phase = this.#settle(row);
    this.#recorder.answered(row, phase, reason, receivedMicros - this.#t0Micros);
  }

  onUnanswered(row: number, reason: Reason): void {
    if (!this.#recorder.isPending(row)) return;
    const phase = this.#settle(row);
    this.#recorder.unanswered(row, phase, reason, this.#now());
  }

  /** While paused, what becomes due is shed as late at once: there is nothing to catch up with afterwards. */
  setPaused(paused: boolean): void {
    this.#paused = paused;
  }

  /** Cancels all that is not sent yet. What is in flight is still waited for. */
  stop(reason: Extract<Reason, "stopped" | "aborted" | "lease-expired">): void {
    const { phases, rows } = this.#assignment;
    for (const queue of this.#waiting) while (queue.length > 0) this.#cancelWaiting(queue, reason);
    for (; this.#nextRow < rows; this.#nextRow++) {
      this.#recorder.cancelled(this.#nextRow, this.#phaseIndexOf(this.#nextRow), reason);
    }
    this.#phase = phases.length;
    this.#answersUntilMicros = Math.min(this.#answersUntilMicros, this.#now() + this.#answerGraceMicros);
  }

  /** Answers are no longer waited for: what is in flight stays unanswered. Everything has its outcome afterwards. */
  finish(): void {
    this.stop("stopped");
    const now = this.#now();
    for (let row = this.#inFlight.oldest(); row !== undefined; row = this.#inFlight.oldest()) {
      this.#giveUp(row, now);
    }
  }

  get #current(): OwnPhase | undefined {
    return this.#phase < this.#phasesEnd ? this.#assignment.phases[this.#phase] : undefined;
  }

  /** A process that was frozen goes on where it stopped: between two transactions the lease may have run out. */
  #mayNotSend(now: number): boolean {
    return now + this.#t0Micros >= this.#lease.untilMicros;
  }

  #expire(): void {
    this.#lease.expire();
    this.stop("lease-expired");
  }

  #advance(now: number): void {
    for (let phase = this.#current; phase !== undefined; phase = this.#current) {
      if (now < phase.startMicros) return;
      const over = phase.ownInFlight === null ? this.#advancePaced(phase, now) : this.#advanceUnlimited(phase);
      if (!over) return;
      this.#phase++;
    }
  }

  #advancePaced(phase: OwnPhase, now: number): boolean {
    const { due } = this.#recorder.columns;
    while (this.#nextRow < phase.endRow && (due[this.#nextRow] as number) <= now) {
      const row = this.#nextRow++;
      this.#recorder.due(phase.index);
      if (this.#paused || now - (due[row] as number) > this.#limits.shedAfterMicros) {
        this.#recorder.shed(row, phase.index, "late", now);
      } else {
        this.#sendOrWait(row, phase);
      }
    }
    return this.#nextRow === phase.endRow;
  }

  /**
   * A waiting transaction keeps its place in the loop, or a dead node's share would be drawn and shed in no time. Nothing
   * is drawn for a node whose connections are all busy: fewer connections than the loop has places make the loop smaller.
   */
  #advanceUnlimited(phase: OwnPhase): boolean {
    const { due } = this.#recorder.columns;
    let now = this.#now();
    while (
      this.#nextRow < phase.endRow &&
      now < phase.endMicros &&
      !this.#paused &&
      this.#occupied(phase) < (phase.ownInFlight as number) &&
      !this.#isBusy(this.#nextRow)
    ) {
      const row = this.#nextRow++;
      due[row] = now;
      this.#recorder.due(phase.index);
      this.#sendOrWait(row, phase);
      now = this.#now();
    }
    if (now >= phase.endMicros) {
      for (; this.#nextRow < phase.endRow; this.#nextRow++) {
        this.#recorder.cancelled(this.#nextRow, phase.index, "phase-over");
      }
    }
    return this.#nextRow === phase.endRow;
  }

  /** The row's node has open connections, and none of them takes anything now. */
  #isBusy(row: number): boolean {
    const end = this.#ends[this.#store.columns.node[row] as number] as SendingEnd;
    return end.openConnections > 0 && !end.hasRoom;
  }

  #occupied(phase: OwnPhase): number {
    return (this.#inFlightByPhase[phase.index] as number) + (this.#waitingByPhase[phase.index] as number);
  }

  #sendOrWait(row: number, phase: OwnPhase): void {
    const node = this.#store.columns.node[row] as number;
    const queue = this.#waiting[node] as RowQueue;
    if (queue.length === 0 && this.#trySend(row, phase, node, true)) return;
    this.#recorder.waits(row, this.#now());
    queue.push(row);
    this.#waitingCount++;
    this.#waitingByPhase[phase.index] = (this.#waitingByPhase[phase.index] as number) + 1;
  }

  #trySend(row: number, phase: OwnPhase, node: number, atOnce: boolean): boolean {
    const end = this.#ends[node] as SendingEnd;
    if (phase.ownInFlight === null && this.#inFlight.count >= this.#limits.inFlightBound) {
      this.#blocks[node] = "in-flight-bound";
      return false;
    }
    if (!end.hasRoom) {
      this.#blocks[node] = blockOf(end);
      return false;
    }
    const now = this.#now();
    if (this.#mayNotSend(now)) {
      this.#blocks[node] = "late";
      return false;
    }
    // Recorded before it is handed over, because the answer may come within the call.
    if (phase.ownInFlight !== null && atOnce) this.#recorder.columns.due[row] = now;
    if (atOnce) this.#recorder.sent(row, phase.index, now);
    else this.#recorder.sentAfterWaiting(row, phase.index, now);
    this.#inFlight.add(row);
    this.#inFlightByPhase[phase.index] = (this.#inFlightByPhase[phase.index] as number) + 1;
    if (end.send(row, this.#store.bodyOf(row))) {
      this.#touched[node] = 1;
      return true;
    }
    this.#inFlight.takeBack();
    this.#inFlightByPhase[phase.index] = (this.#inFlightByPhase[phase.index] as number) - 1;
    this.#recorder.unsent(row, phase.index);
    this.#blocks[node] = blockOf(end);
    return false;
  }

  /** Oldest first over all nodes, passing over those that cannot send. */
  #sendWaiting(): void {
    if (this.#waitingCount === 0) return;
    if (this.#paused) {
      this.#blocks.fill("late");
      return;
    }
    const blocked = new Set<number>();
    for (let node = this.#oldestWaiting(blocked); node >= 0; node = this.#oldestWaiting(blocked)) {
      const queue = this.#waiting[node] as RowQueue;
      const phase = this.#phaseOf(queue.at(0));
      if (this.#trySend(queue.at(0), phase, node, false)) this.#takeWaiting(queue);
      else blocked.add(node);
    }
  }

  #oldestWaiting(blocked: ReadonlySet<number>): number {
    let oldest = -1;
    let oldestRow = Number.POSITIVE_INFINITY;
    for (const [node, queue] of this.#waiting.entries()) {
      if (queue.length > 0 && !blocked.has(node) && queue.at(0) < oldestRow) {
        oldest = node;
        oldestRow = queue.at(0);
      }
    }
    return oldest;
  }

  #shedOverdue(now: number): void {
    if (this.#waitingCount === 0) return;
    const { due } = this.#recorder.columns;
    for (const [node, queue] of this.#waiting.entries()) {
      while (queue.length > 0 && now - (due[queue.at(0)] as number) > this.#limits.shedAfterMicros) {
        const row = this.#takeWaiting(queue);
        this.#recorder.shed(row, this.#phaseIndexOf(row), this.#blocks[node] as Block, now);
      }
    }
  }

  #cancelWaiting(queue: RowQueue, reason: Reason): void {
    const row = this.#takeWaiting(queue);
    this.#recorder.cancelled(row, this.#phaseIndexOf(row), reason);
  }

  #takeWaiting(queue: RowQueue): number {
    const row = queue.shift();
    const phase = this.#phaseIndexOf(row);
    this.#waitingCount--;
    this.#waitingByPhase[phase] = (this.#waitingByPhase[phase] as number) - 1;
    return row;
  }

  #giveUpUnanswered(now: number): void {
    const all = now >= this.#answersUntilMicros;
    for (;;) {
      const row = all ? this.#inFlight.oldest() : this.#inFlight.takeTimedOut(now);
      if (row === undefined) return;
      this.#giveUp(row, now);
    }
  }

  #giveUp(row: number, now: number): void {
    const phase = this.#settle(row);
    this.#recorder.unanswered(row, phase, "answer-timeout", now);
    this.#ends[this.#store.columns.node[row] as number]?.giveUp(row);
  }

  #settle(row: number): number {
    const phase = this.#phaseIndexOf(row);
    this.#inFlight.settle();
    this.#inFlightByPhase[phase] = (this.#inFlightByPhase[phase] as number) - 1;
    return phase;
  }

  #flush(): void {
    for (const [node, end] of this.#ends.entries()) {
      if (this.#touched[node] === 0) continue;
      this.#touched[node] = 0;
      end.flush();
    }
  }

  #nextWake(): number {
    let wake =
      this.#inFlight.count > 0
        ? Math.min(this.#inFlight.nextTimeoutMicros(), this.#answersUntilMicros)
        : Number.POSITIVE_INFINITY;
    if (this.stage === "sending") wake = Math.min(wake, this.#lease.untilMicros - this.#t0Micros);
    const phase = this.#current;
    if (phase !== undefined) wake = Math.min(wake, this.#nextOfPhase(phase));
    if (this.#waitingCount === 0) return wake;
    const { due } = this.#recorder.columns;
    for (const queue of this.#waiting) {
      // One microsecond more, because at the limit itself nothing is shed yet.
      if (queue.length > 0) wake = Math.min(wake, (due[queue.at(0)] as number) + this.#limits.shedAfterMicros + 1);
    }
    return wake;
  }

  #nextOfPhase(phase: OwnPhase): number {
    const begun = this.#now() >= phase.startMicros;
    if (!begun && (phase.ownInFlight !== null || this.#nextRow === phase.endRow)) return phase.startMicros;
    return phase.ownInFlight === null ? (this.#recorder.columns.due[this.#nextRow] as number) : phase.endMicros;
  }

  #phaseOf(row: number): OwnPhase {
    return this.#assignment.phases[this.#phaseIndexOf(row)] as OwnPhase;
  }

  #phaseIndexOf(row: number): number {
    return this.#store.columns.phase[row] as number;
  }

  #now(): number {
    return this.#clock.nowMicros() - this.#t0Micros;
  }
}

/** Why an end without room has none. */
function blockOf(end: SendingEnd): Block {
  return end.openConnections === 0 ? "node-unreachable" : "in-flight-bound";
}
