import type { Clock } from "./clock.ts";

/** A clock that is wrong by a known amount: what calibration puts into a beacon in the place of the host's. */
export interface Skew {
  /** How far it is ahead at the anchor; negative: behind. */
  readonly offsetMicros: number;
  /** How much faster it runs, in parts per million. */
  readonly driftPpm: number;
  /** An instant of the right clock. */
  readonly anchorMicros: number;
}

export function skewedClock(base: Clock, skew: Skew): Clock {
  return {
    nowMicros: () => toSkewed(skew, base.nowMicros()),
    wallMillis: () => base.wallMillis() + (toSkewed(skew, base.nowMicros()) - base.nowMicros()) / 1000,
  };
}

/** What the wrong clock shows at an instant of the right one. */
export function toSkewed({ offsetMicros, driftPpm, anchorMicros }: Skew, micros: number): number {
  return micros + offsetMicros + ((micros - anchorMicros) * driftPpm) / 1e6;
}

/** The instant of the right clock at which the wrong one shows this. */
export function fromSkewed({ offsetMicros, driftPpm, anchorMicros }: Skew, micros: number): number {
  return anchorMicros + (micros - offsetMicros - anchorMicros) / (1 + driftPpm / 1e6);
}
