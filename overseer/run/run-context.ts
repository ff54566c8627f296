import { setMaxListeners } from "node:events";
import type { ChainDriver } from "../../shared/chains/driver.ts";
import { AppError, isAppError, type Problem } from "../../shared/errors/app-error.ts";
import { planRun } from "../../shared/scenario/plan.ts";
import type { PlanSummary } from "../../shared/scenario/plan-summary.ts";
import type { Scenario } from "../../shared/scenario/scenario.ts";
import type { Clock } from "../../shared/time/clock.ts";
import { Teardown } from "../../shared/time/teardown.ts";
import type { StoreResult } from "../ledger/chunk-store.ts";
import type { EventRecord } from "../ledger/evidence.ts";
import type { EvidenceWriter } from "../ledger/write-evidence.ts";
import type { RunProgress } from "./progress.ts";
import { beaconNamesOf, type RunDependencies, type RunRequest } from "./run-request.ts";

/** The instant from which everything in a run is counted. */
export interface StartInstant {
  /** On the overseer's monotonic clock. */
  readonly micros: number;
  readonly wallMillis: number;
}

/** What all stages of one run share: what is wanted, the means, and where things are told and written. */
export class RunContext {
  readonly request: RunRequest;
  readonly scenario: Scenario;
  readonly driver: ChainDriver;
  readonly clock: Clock;
  readonly progress: RunProgress;
  readonly evidence: EvidenceWriter;
  readonly teardown = new Teardown();
  readonly plan: PlanSummary;
  /** For each mix entry, how many objects it will consume at most. */
  readonly poolNeeds: readonly number[];
  /** Why beacons could not send it in their shares, as far as that is known without them. */
  readonly planProblems: readonly Problem[];
  /** How many beacons of the largest share would do the whole, as planned. */
  readonly beaconsWorth: number;
  readonly startedAt: string;
  /** Until T0 the first Ctrl-C ends the run, since there is nothing yet that it could end gracefully. */
  readonly beforeStart: AbortSignal;
  /** How many events of each severity there were. */
  readonly toldOf = { info: 0, warning: 0, error: 0 };
  /** Null until the barrier, and again when that has failed. */
  start: StartInstant | null = null;
  /** The disk does not take what the report would be made of. */
  readonly #evidenceFailed = new AbortController();

  constructor(request: RunRequest, { driver, progress, clock }: RunDependencies, evidence: EvidenceWriter) {
    this.request = request;
    this.scenario = request.scenario;
    this.driver = driver;
    this.clock = clock;
    this.progress = progress;
    this.evidence = evidence;
    this.startedAt = new Date(clock.wallMillis()).toISOString();
    this.beforeStart = AbortSignal.any([request.stop, request.kill, this.#evidenceFailed.signal]);
    for (const signal of [request.stop, request.kill, this.beforeStart]) setMaxListeners(0, signal);
    const planned = planRun(request.scenario, {
      nodeNames: nodeNamesOf(request.scenario),
      beaconNames: beaconNamesOf(request.beacons),
    });
    this.plan = planned.summary;
    this.poolNeeds = planned.poolNeeds;
    this.planProblems = planned.problems;
    this.beaconsWorth = planned.beaconsWorth;
  }

  get evidenceFailed(): AbortSignal {
    return this.#evidenceFailed.signal;
  }

  /** Since T0 in microseconds; negative before it. Throws while there is none. */
  elapsedMicros(): number {
    if (this.start === null) throw new AppError("INTERNAL", "the run has no start yet");
    return this.clock.nowMicros() - this.start.micros;
  }

  /** Ends the run when what was appended to the evidence could not be written. */
  checkEvidence(): void {
    const { failure } = this.evidence;
    if (failure !== null) this.#evidenceFailed.abort(failure);
  }

  /** A chunk that could not be kept is not acknowledged: the beacon keeps it, and the run has no use going on. */
  async storeChunk(beacon: string, bytes: Uint8Array): Promise<StoreResult> {
    try {
      return await this.evidence.storeChunk(beacon, bytes);
    } catch (error) {
      if (isAppError(error) && error.code === "REPORT_FAILED") this.#evidenceFailed.abort(error);
      throw error;
    }
  }

  tell(kind: EventRecord["kind"], severity: EventRecord["severity"], subject: string | null, text: string): void {
    const event: EventRecord = {
      atMicros: this.start === null ? null : this.elapsedMicros(),
      wallMillis: this.clock.wallMillis(),
      kind,
      severity,
      subject,
      text,
    };
    this.toldOf[severity]++;
    this.evidence.appendEvent(event);
    // How the run itself ended is told by whoever asked for it.
    if (kind !== "run") this.progress.event(event);
  }
}

function nodeNamesOf(scenario: Scenario): string[] {
  const count = scenario.network.kind === "embedded" ? scenario.network.nodes : scenario.network.endpoints.length;
  return Array.from({ length: count }, (_, i) => `node-${i + 1}`);
}
