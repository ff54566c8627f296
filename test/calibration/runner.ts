import { Bench } from "./bench.ts";
import type { CalibrationCase, Trial } from "./calibration-case.ts";

export interface CaseResult {
  readonly name: string;
  readonly proves: string;
  readonly comparisons: Trial["comparisons"];
  readonly ok: boolean;
  readonly seconds: number;
  /** What earlier tries were given up for. */
  readonly repeats: readonly string[];
}

/** A machine that is shared may disturb a run; more often than this in a row it is no accident. */
const maximumRepeats = 2;

/**
 * Runs a case. Figures that are wrong fail it at once if the run itself claims to be valid: only a run whose own verdict
 * says that the instrument was disturbed is repeated.
 */
export async function runCase(calibration: CalibrationCase, bench: Bench = new Bench()): Promise<CaseResult> {
  const { name, proves } = calibration;
  const began = performance.now();
  const repeats: string[] = [];
  for (;;) {
    const { comparisons, disturbance } = await calibration.run(bench);
    const ok = comparisons.length > 0 && comparisons.every((comparison) => comparison.ok);
    if (ok || disturbance === null || repeats.length === maximumRepeats) {
      return { name, proves, comparisons, ok, repeats, seconds: (performance.now() - began) / 1000 };
    }
    repeats.push(disturbance);
  }
}
