import { messageOf } from "../../shared/errors/app-error.ts";
import type { Bench } from "./bench.ts";
import type { CalibrationCase, Trial } from "./calibration-case.ts";

export interface CaseResult {
  readonly chain: string;
  readonly name: string;
  readonly proves: string;
  readonly comparisons: Trial["comparisons"];
  readonly circumstances: Trial["circumstances"];
  readonly verdict: CaseVerdict;
  readonly seconds: number;
  /** What the tries were given up for; the last one too, when the case could not be measured. */
  readonly disturbances: readonly string[];
}

/** `not-measurable` is no pass: nobody knows whether the instrument is right on this machine. */
export type CaseVerdict = "agrees" | "wrong" | "not-measurable";

/** A machine that is shared may disturb a run; more often than this in a row it is no accident. */
const maximumRepeats = 2;

/**
 * Runs a case. Figures that are wrong fail it at once unless machine or devnet were later than the case can bear: then it is
 * repeated, and fails as not measurable here when that does not end.
 */
export async function runCase(calibration: CalibrationCase, bench: Bench): Promise<CaseResult> {
  const began = performance.now();
  const disturbances: string[] = [];
  for (;;) {
    const trial = await calibration.run(bench).catch(failedTrial);
    const verdict = verdictOf(trial);
    if (trial.disturbance !== null && verdict === "not-measurable") disturbances.push(trial.disturbance);
    if (verdict !== "not-measurable" || disturbances.length > maximumRepeats) {
      const { name, proves } = calibration;
      const { comparisons, circumstances } = trial;
      const seconds = (performance.now() - began) / 1000;
      return { chain: bench.chain.name, name, proves, comparisons, circumstances, verdict, seconds, disturbances };
    }
  }
}

/** What keeps a run from leaving figures is a failure like wrong ones, and no reason to leave out the other cases. */
function failedTrial(error: unknown): Trial {
  return { comparisons: [], circumstances: [`the run failed: ${messageOf(error)}`], disturbance: null };
}

/** Right figures are right: to agree by accident, with all of its quantities, a disturbed run would need more luck than there is. */
function verdictOf({ comparisons, disturbance }: Trial): CaseVerdict {
  if (comparisons.length > 0 && comparisons.every(({ ok }) => ok)) return "agrees";
  return disturbance === null ? "wrong" : "not-measurable";
}
