import { generatorReason, validityLimits } from "../reporting/validity.ts";
import type { LiveReading } from "../run/run-watch.ts";

export type CheckSoFar = "schedule" | "shedding" | "beacons";

/** 0: nothing against it so far, 1: degraded, 2: void. */
export type DoubtSoFar = 0 | 1 | 2;

/**
 * What of the report's validity can be seen while the run goes on, by the same limits. It counts all phases, the report
 * the measured ones, and what needs the whole run is not in it: so it warns, and the report judges.
 */
export function validitySoFar(live: LiveReading): Record<CheckSoFar, DoubtSoFar> {
  const due = live.beacons.reduce((sum, { totals }) => sum + totals.due, 0);
  const late = live.outcomes
    .filter(({ outcome, reason }) => outcome === "shed" && reason === generatorReason)
    .reduce((sum, { count }) => sum + count, 0);
  const { latenessMicros, shedShare } = validityLimits;
  return {
    schedule: graded(live.latenessP99Micros ?? 0, latenessMicros),
    shedding: graded(due === 0 ? 0 : late / due, shedShare),
    beacons: live.beacons.some(({ lost }) => lost) ? 1 : 0,
  };
}

function graded(value: number, limits: { readonly degraded: number; readonly void: number }): DoubtSoFar {
  if (value > limits.void) return 2;
  return value > limits.degraded ? 1 : 0;
}
