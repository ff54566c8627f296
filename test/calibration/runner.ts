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
  /** Why tries that did not agree were repeated or, the last one, could not be judged. */
  readonly givenUp: readonly string[];
}

/** `not-measurable` is no pass: nobody knows whether the instrument is right on this machine. */
export type CaseVerdict = "agrees" | "wrong" | "not-measurable";

/** A machine that is shared may disturb a run; more often than this in a row it is no accident. */
const maximumRepeats = 2;

/**
 * Runs a case until it can be judged. Where machine or devnet were later than the case can bear it is repeated, and not
 * measurable here when that does not end. Where both were in time a wrong figure is measured once more, because a witness
 * does not see every delay; an instrument that is wrong is wrong twice. Accounts that do not add up are wrong at once.
 */
export async function runCase(calibration: CalibrationCase, bench: Bench): Promise<CaseResult> {
  const began = performance.now();
  const givenUp: string[] = [];
  let disturbed = 0;
  let wrong = 0;
  for (;;) {
    const trial = await calibration.run(bench).catch(failedTrial);
    const verdict = verdictOf(trial);
    if (verdict === "not-measurable") disturbed++;
    if (verdict === "wrong") wrong++;
    if (verdict === "agrees" || wrong > 1 || isBeyondExcuse(trial) || disturbed > maximumRepeats) {
      if (verdict === "not-measurable") givenUp.push(whyGivenUp(trial));
      const { name, proves } = calibration;
      const { comparisons, circumstances } = trial;
      const seconds = (performance.now() - began) / 1000;
      return { chain: bench.chain.name, name, proves, comparisons, circumstances, verdict, seconds, givenUp };
    }
    givenUp.push(whyGivenUp(trial));
  }
}

/** What keeps a run from leaving figures is a failure like wrong ones, and no reason to leave out the other cases. */
function failedTrial(error: unknown): Trial {
  return { comparisons: [], circumstances: [`the run failed: ${messageOf(error)}`], disturbance: null };
}

/** Right figures are right: to agree by accident, with all of its quantities, a disturbed run would need more luck than there is. */
function verdictOf(trial: Trial): CaseVerdict {
  const { comparisons, disturbance } = trial;
  if (comparisons.length > 0 && comparisons.every(({ ok }) => ok)) return "agrees";
  return disturbance === null || isBeyondExcuse(trial) ? "wrong" : "not-measurable";
}

function isBeyondExcuse({ comparisons }: Trial): boolean {
  return comparisons.some(({ ok, unconditional }) => !ok && unconditional);
}

function whyGivenUp({ comparisons, circumstances, disturbance }: Trial): string {
  const wrong = comparisons.filter(({ ok }) => !ok).map(({ quantity }) => quantity);
  const what = wrong.length > 0 ? `wrong: ${wrong.join("; ")}` : circumstances.join("; ");
  return disturbance === null ? `Nothing seemed to disturb it (${what}).` : `${disturbance} (${what})`;
}
