import { z } from "zod";
import { AppError } from "../shared/errors/app-error.ts";
import { type Clock, systemClock } from "../shared/time/clock.ts";
import { skewedClock } from "../shared/time/skewed-clock.ts";

/**
 * What is wrong with this beacon on purpose, so that it can be proved that the instrument notices: from the environment
 * variable LOADSTONE_FAULTS alone, for calibration. Such a beacon has the label `faults`, which every report shows.
 */
const faultsSchema = z.strictObject({
  /** The sending thread does nothing at all for a while, times in milliseconds after T0. */
  blockSendLoop: z.array(z.strictObject({ atMs: z.number().min(0), forMs: z.number().positive() })).default([]),
  /** The host's clock is wrong. */
  clock: z
    .strictObject({ offsetMicros: z.number(), driftPpm: z.number(), anchorMicros: z.number() })
    .nullable()
    .default(null),
});

export type Faults = z.output<typeof faultsSchema>;

export const faultsVariable = "LOADSTONE_FAULTS";
export const noFaults: Faults = { blockSendLoop: [], clock: null };

/** Throws USAGE when the text is no description of faults. */
export function parseFaults(text: string | undefined): Faults {
  if (text === undefined || text === "") return noFaults;
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (cause) {
    throw new AppError("USAGE", `${faultsVariable} is no JSON`, { cause });
  }
  const parsed = faultsSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new AppError("USAGE", `${faultsVariable}: ${z.prettifyError(parsed.error)}`);
}

export function clockWith({ clock }: Faults): Clock {
  return clock === null ? systemClock : skewedClock(systemClock, clock);
}
