import type { BeaconRecord } from "./evidence.ts";

/** How a beacon's instants are set right, and how far they may still be wrong afterwards. */
export interface ClockCorrection {
  /** To be added for each microsecond that an instant lies after `fromMicros`. */
  readonly rate: number;
  readonly fromMicros: number;
  /** The true instant lies within ± this; null when the clock was never compared. */
  readonly uncertaintyMicros: number | null;
}

const none = { rate: 0, fromMicros: 0 };

/**
 * Beacons turn their instants into the overseer's by the comparison at the barrier. A clock that has provably drifted by
 * the comparison at the end is corrected in a straight line between the two, which is as uncertain as the worse of them.
 * A difference that the uncertainties explain is no drift: to follow it would only add noise to a clock that is right,
 * so it widens the uncertainty instead.
 */
export function clockCorrectionOf({ clock, clockAtEnd }: Pick<BeaconRecord, "clock" | "clockAtEnd">): ClockCorrection {
  if (clock === null) return { ...none, uncertaintyMicros: null };
  if (clockAtEnd === null) return { ...none, uncertaintyMicros: clock.uncertaintyMicros };
  const moved = clockAtEnd.offsetMicros - clock.offsetMicros;
  const between = clockAtEnd.atMicros - clock.atMicros;
  if (between > 0 && Math.abs(moved) > clock.uncertaintyMicros + clockAtEnd.uncertaintyMicros) {
    const uncertaintyMicros = Math.max(clock.uncertaintyMicros, clockAtEnd.uncertaintyMicros);
    return { rate: moved / between, fromMicros: clock.atMicros, uncertaintyMicros };
  }
  const uncertaintyMicros = Math.max(clock.uncertaintyMicros, Math.abs(moved) + clockAtEnd.uncertaintyMicros);
  return { ...none, uncertaintyMicros };
}
