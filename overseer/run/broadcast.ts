import { AppError } from "../../shared/errors/app-error.ts";
import type { Phase } from "../../shared/scenario/scenario.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import { failedAbortThreshold } from "./abort-policy.ts";
import type { Assignments } from "./assignments.ts";
import type { LaterWindows } from "./later-windows.ts";
import type { RunContext } from "./run-context.ts";
import type { RunMonitor } from "./run-monitor.ts";
import type { Takeovers } from "./take-over.ts";

/** Beyond the answer time-out, for the last statuses to come in. */
export const settleMs = 10_000;
const stopTimeoutMs = 5000;
const stepMs = 1000;

export interface BroadcastStage {
  readonly assignments: Assignments;
  readonly monitor: RunMonitor;
  readonly takeovers: Takeovers;
  readonly windows: LaterWindows;
  /** Ends it at once. */
  readonly hard: AbortSignal;
}

/**
 * From the barrier until nobody has anything left to send or to wait for, or sending was ended. Throws what breaks the
 * barrier before T0, BEACON_LOST when the end does not come in time, and the reason of `hard`.
 */
export async function broadcast(context: RunContext, stage: BroadcastStage): Promise<void> {
  const { assignments, windows, takeovers } = stage;
  const { stop } = context.request;
  const endSending = (reason: "stopped" | "aborted"): void => {
    windows.end();
    takeovers.end();
    void assignments.each((fleet) => fleet.stop(reason, stopTimeoutMs));
  };
  const onStop = (): void => endSending("stopped");
  if (stop.aborted) onStop();
  stop.addEventListener("abort", onStop, { once: true });
  const watch = new LiveWatch(context, stage, () => endSending("aborted"));
  try {
    windows.begin();
    await untilDrained(context, stage, () => watch.hasEndedSending);
  } finally {
    watch.close();
    stop.removeEventListener("abort", onStop);
  }
}

async function untilDrained(context: RunContext, stage: BroadcastStage, endedSending: () => boolean): Promise<void> {
  const { assignments, takeovers, windows, hard } = stage;
  const { scenario, clock, request } = context;
  const { first } = assignments;
  const t0Micros = clock.nowMicros() - context.elapsedMicros();
  const { phases, beacons, sending } = scenario;
  const endMicros = Math.max(0, ...phases.map(endOfPhase));
  // Nothing may be due at the end, and yet the time that the scenario asks for is to pass: a transaction may expire in
  // it. A closed loop is over when its transactions are.
  const pacedEndMicros = Math.max(0, ...phases.filter(isPaced).map(endOfPhase));
  // All or none holds until the first transaction is due.
  const barrierHolds = (): boolean => {
    if (clock.nowMicros() >= t0Micros) return true;
    if (first.loss !== null) throw first.loss;
    return false;
  };
  const allDrained = (): boolean => windows.isOver && !takeovers.isUnderWay && assignments.allDrained;
  const allPassed = (): boolean =>
    request.stop.aborted ||
    endedSending() ||
    first.loss !== null ||
    windows.failure !== null ||
    clock.nowMicros() >= t0Micros + pacedEndMicros;
  await waitUntil(() => barrierHolds() && (first.alive === 0 || (allDrained() && allPassed())), {
    // A beacon that falls silent at the very end is only known to be lost when its lease is over.
    timeoutMs:
      (t0Micros - clock.nowMicros() + endMicros + sending.answerTimeoutMicros + beacons.leaseMicros) / 1000 + settleMs,
    signal: hard,
    onTimeout: () => new AppError("BEACON_LOST", "the beacons did not come to an end in time"),
  });
}

/** Once a second: shows how it goes, tells of phases, and ends the sending when a threshold asks for it. */
class LiveWatch {
  readonly #context: RunContext;
  readonly #stage: BroadcastStage;
  readonly #endSending: () => void;
  readonly #ticker: NodeJS.Timeout;
  #phase: string | null = null;
  hasEndedSending = false;

  constructor(context: RunContext, stage: BroadcastStage, endSending: () => void) {
    this.#context = context;
    this.#stage = stage;
    this.#endSending = endSending;
    this.#ticker = setInterval(() => this.#look(), stepMs);
  }

  close(): void {
    clearInterval(this.#ticker);
  }

  #look(): void {
    const { monitor, assignments } = this.#stage;
    const context = this.#context;
    const { scenario } = context;
    const view = monitor.live(context.elapsedMicros() < 0 ? "waiting" : "broadcasting", assignments, 0);
    if (view.phase !== null && view.phase.name !== this.#phase) {
      this.#phase = view.phase.name;
      context.tell("phase", "info", this.#phase, "began");
    }
    context.progress.live(view);
    context.checkEvidence();
    if (this.hasEndedSending) return;
    const { counters } = monitor.figures;
    const failed = failedAbortThreshold(scenario.thresholds, scenario.phases, counters, view.elapsedMicros);
    if (failed === null) return;
    this.hasEndedSending = true;
    context.tell("phase", "error", view.phase?.name ?? null, `sending is ended: ${failed}`);
    this.#endSending();
  }
}

function isPaced({ load }: Phase): boolean {
  return load.kind === "paced";
}

function endOfPhase({ startMicros, durationMicros }: Phase): number {
  return startMicros + durationMicros;
}
