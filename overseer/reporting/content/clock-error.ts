import type { RunSummary } from "../run-summary.ts";

/** How well the beacons' clocks are known, the worst of them, in microseconds; null where none was measured. */
export function widestClockErrorOf({ beacons }: RunSummary): number | null {
  const known = beacons.flatMap(({ clockErrorMicros }) => (clockErrorMicros === null ? [] : [clockErrorMicros]));
  return known.length === 0 ? null : Math.max(...known);
}
