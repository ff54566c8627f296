import { AppError } from "../../shared/errors/app-error.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import type { Assignments } from "./assignments.ts";
import { settleMs } from "./broadcast.ts";
import type { LaterWindows } from "./later-windows.ts";
import type { RunContext } from "./run-context.ts";
import type { RunMonitor } from "./run-monitor.ts";
import type { Takeovers } from "./take-over.ts";

export const collectTimeoutMs = 120_000;
const showEveryMicros = 1e6;

export interface DrainStage {
  readonly assignments: Assignments;
  readonly monitor: RunMonitor;
  readonly windows: LaterWindows;
  readonly takeovers: Takeovers;
  /** What beacons that were started again are handing in. */
  readonly handIns: readonly Promise<void>[];
  /** Ends it at once. */
  readonly hard: AbortSignal;
}

/**
 * Takes the rest of every ledger, then watches blocks until each accepted transaction is in one or expired, or the drain
 * is over. Returns whether nothing was left to wait for.
 */
export async function collectAndDrain(context: RunContext, stage: DrainStage): Promise<boolean> {
  const { assignments, monitor, windows, takeovers, handIns, hard } = stage;
  const { scenario, clock, progress } = context;
  await takeovers.settled();
  await windows.settled();
  await assignments.each((fleet) => fleet.collect(collectTimeoutMs));
  await Promise.all(handIns);
  const deadline = clock.nowMicros() + scenario.drainMicros;
  let shown = 0;
  let complete = false;
  await waitUntil(
    () => {
      const { waiting } = monitor.board.outstanding(
        (sequence) => monitor.view.isIncluded(sequence),
        windows.records,
        monitor.view.headTimeMs,
      );
      if (clock.nowMicros() - shown > showEveryMicros) {
        shown = clock.nowMicros();
        progress.live(monitor.live("draining", assignments, waiting));
      }
      complete = waiting === 0;
      return complete || clock.nowMicros() > deadline;
    },
    {
      everyMs: 250,
      timeoutMs: scenario.drainMicros / 1000 + settleMs,
      signal: hard,
      onTimeout: () => new AppError("INTERNAL", "the drain did not end at its deadline"),
    },
  );
  progress.live(monitor.live("draining", assignments, 0));
  return complete;
}
