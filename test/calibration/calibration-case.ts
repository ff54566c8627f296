import type { RunSummary } from "../../overseer/reporting/run-summary.ts";
import type { Bench, Observed } from "./bench.ts";
import type { Comparison } from "./comparison.ts";

/** A known truth, set up on the devnet, and what must come back from the report. */
export interface CalibrationCase {
  readonly name: string;
  /** What it proves, in one line. */
  readonly proves: string;
  /** Short enough for the ordinary tests. */
  readonly quick: boolean;
  run(bench: Bench): Promise<Trial>;
}

export interface Trial {
  readonly comparisons: readonly Comparison[];
  /**
   * Why the run cannot be held against the instrument: it says itself, without a reason in the truth, that it was
   * disturbed, or the devnet could not keep to its own truth. Null when both were in order.
   */
  readonly disturbance: string | null;
}

/** Only busy machines fail these in a run whose truth does not; the others follow from the truth itself. */
const disturbedByTheMachine = ["schedule", "shedding", "sending thread", "beacon hosts"];
/** The devnet is a process like any other: on an idle machine it is at most this late, which no tolerance minds. */
export const devnetLatenessMicros = 8000;

/** `expected`: checks of the validity verdict that the truth itself must fail. */
export function disturbanceOf(
  { summary, devnet }: Pick<Observed, "devnet"> & { readonly summary: Pick<RunSummary, "verdicts"> },
  expected: readonly string[] = [],
): string | null {
  const failed = summary.verdicts.validity.checks
    .filter(
      ({ name, verdict }) => verdict !== "valid" && disturbedByTheMachine.includes(name) && !expected.includes(name),
    )
    .map(({ finding }) => finding);
  if (devnet.latestMicros > devnetLatenessMicros) {
    failed.push(`The devnet itself was up to ${(devnet.latestMicros / 1000).toFixed(1)} ms late.`);
  }
  return failed.length === 0 ? null : failed.join(" ");
}
