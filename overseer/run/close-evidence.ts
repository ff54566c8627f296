import { AppError, exitNameOf, isAppError, messageOf } from "../../shared/errors/app-error.ts";
import type { RunEnding } from "../ledger/evidence.ts";
import type { Assignments } from "./assignments.ts";
import { collectTimeoutMs } from "./collect-and-drain.ts";
import type { LaterWindows } from "./later-windows.ts";
import type { RunContext } from "./run-context.ts";
import type { RunMonitor } from "./run-monitor.ts";
import type { Takeovers } from "./take-over.ts";

/** How far a run came. */
export interface RunCourse {
  /** Microseconds after T0; null while it has not. */
  broadcastEndedMicros: number | null;
  drainEndedMicros: number | null;
  drainComplete: boolean;
}

export interface CloseStage {
  readonly assignments: Assignments;
  readonly windows: LaterWindows;
  readonly takeovers: Takeovers;
  readonly monitor: RunMonitor;
  readonly course: RunCourse;
  /** Takes what beacons that are gone owe the ledger. */
  readonly fetchSpools: () => Promise<void>;
  readonly writeEnding: (ending: RunEnding) => Promise<void>;
  /** What ended the run early; null when nothing did. */
  readonly error: unknown;
}

const partTimeoutMs = 5000;

/** Writes what is known, whatever happened before, and parts from the beacons. Returns an error only when that failed. */
export async function closeEvidence(context: RunContext, stage: CloseStage): Promise<AppError | null> {
  const { assignments, windows, takeovers, monitor, course, error } = stage;
  const { evidence, request } = context;
  try {
    windows.end();
    // Whoever was about to take over has its answer before all are told to stop.
    await takeovers.settled();
    if (error !== null && course.drainEndedMicros === null) await takeWhatThereIs(context, assignments);
    await windows.settled();
    const t0Micros = context.start?.micros ?? context.clock.nowMicros();
    await monitor.observers.close();
    for (const block of monitor.view.blockRecords(t0Micros)) evidence.appendBlock(block);
    const inclusions = monitor.view.inclusionColumns(t0Micros);
    await evidence.writeInclusions(inclusions, inclusions.sequence.length);
    await stage.writeEnding({
      exitName: error === null ? "passed" : exitNameOf(error),
      text: error === null ? "the run came to its end" : messageOf(error),
      ...course,
      lastBlockNumber: monitor.view.headNumber,
      lastBlockTimeMs: monitor.view.headTimeMs,
    });
    // Nothing is expected of them any more: that their processes end is no loss.
    if (request.kill.aborted) assignments.close();
    await stage.fetchSpools();
    await evidence.flush();
    await evidence.finish();
    if (!request.kill.aborted) await part(context, assignments);
    return null;
  } catch (failed) {
    return isAppError(failed) ? failed : new AppError("REPORT_FAILED", messageOf(failed), { cause: failed });
  }
}

/** A run that failed after T0 may have beacons that still send or hold rows. */
async function takeWhatThereIs(context: RunContext, assignments: Assignments): Promise<void> {
  if (context.start === null || context.request.kill.aborted) return;
  await assignments.each((fleet) => fleet.stop("aborted", partTimeoutMs));
  if (context.evidenceFailed.aborted) return;
  await assignments.each((fleet) => fleet.collect(collectTimeoutMs / 4));
}

async function part({ request }: RunContext, assignments: Assignments): Promise<void> {
  await assignments.each((fleet) => fleet.release(partTimeoutMs));
  assignments.close();
  if (request.beacons.kind === "local") await assignments.first.shutdown(partTimeoutMs);
}
