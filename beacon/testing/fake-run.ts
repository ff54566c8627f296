import type { Configure, FinishedReport, PreparedReport } from "../../shared/protocol/messages.ts";
import type { DrivenRun } from "../epoch-machine.ts";
import { noFigures } from "../measuring/run-figures.ts";
import type { RunHandlers } from "../run.ts";

/** A run that does nothing but note what it was told; the test decides when its promises settle. */
export class FakeRun implements DrivenRun {
  readonly runId: string;
  readonly epoch: number;
  readonly handlers: RunHandlers;
  readonly calls: string[] = [];
  unacknowledgedChunks = 0;
  connections: ReturnType<DrivenRun["takeGauges"]>["connections"] = [];
  figuresSoFar: Partial<ReturnType<DrivenRun["figures"]>> = {};
  leaseExpired = false;
  leaseUntilMicros = 0;
  opening: Promise<void> = Promise.resolve();
  preparing: Promise<PreparedReport>;
  closing: Promise<string[]> = Promise.resolve([]);

  constructor({ runId, epoch }: Pick<Configure, "runId" | "epoch">, handlers: RunHandlers) {
    this.runId = runId;
    this.epoch = epoch;
    this.handlers = handlers;
    this.preparing = Promise.resolve({
      epoch,
      transactions: 5,
      storeBytes: 500,
      seconds: 1,
      threads: 1,
      residentBytesBefore: 0,
      residentBytesAfter: 0,
    });
  }

  open(): Promise<void> {
    return this.#note("open", this.opening);
  }

  prepare(): Promise<PreparedReport> {
    return this.#note("prepare", this.preparing);
  }

  start(t0Micros: number): void {
    this.calls.push(`start ${t0Micros}`);
  }

  renewLease(untilMicros: number): void {
    this.leaseUntilMicros = untilMicros;
  }

  pace(paused: boolean): void {
    this.calls.push(`pace ${paused}`);
  }

  stop(reason: string): void {
    this.calls.push(`stop ${reason}`);
  }

  spoolOutcomes(): void {
    this.calls.push("spoolOutcomes");
  }

  collect(): Promise<FinishedReport> {
    return this.#note("collect", Promise.resolve({ epoch: this.epoch, preparedChunks: 1, outcomeChunks: 1, rows: 5 }));
  }

  finish(): Promise<void> {
    return this.#note("finish", Promise.resolve());
  }

  progress(): ReturnType<DrivenRun["progress"]> {
    return { prepared: 5, planned: 5, counters: [], spooledRows: 0, acknowledgedRows: 0, lateAnswers: 0 };
  }

  takeIntervalHistograms(): ReturnType<DrivenRun["takeIntervalHistograms"]> {
    return { lateness: null, answerIntended: null, answerService: null };
  }

  takeGauges(): ReturnType<DrivenRun["takeGauges"]> {
    return { sendLoopDelayMicros: 0, inFlight: 0, bufferedBytes: 0, connections: this.connections };
  }

  figures(): ReturnType<DrivenRun["figures"]> {
    return { ...noFigures, ...this.figuresSoFar, connections: this.connections };
  }

  close(spool: "kept" | "discarded"): Promise<string[]> {
    return this.#note(`close ${spool}`, this.closing);
  }

  #note<T>(call: string, result: Promise<T>): Promise<T> {
    this.calls.push(call);
    return result;
  }
}
