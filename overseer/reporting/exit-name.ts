import type { ExitName } from "../../shared/errors/exit-codes.ts";
import type { RunEnding } from "../ledger/evidence.ts";
import type { RunSummary } from "./run-summary.ts";

/**
 * When several things are wrong, the first of these is what the process says. What kept the run from taking place comes
 * first; then broken books, because no other figure can be believed; then that somebody stopped it; then an instrument
 * that was too slow, because then the figures are not the network's; then a gap in the load; and thresholds last,
 * because they only mean something when all of the above is in order.
 */
export const exitPrecedence: readonly ExitName[] = [
  "internal-error",
  "usage",
  "invalid-scenario",
  "network",
  "refused",
  "report-failed",
  "accounting-broken",
  "stopped",
  "fault-not-healed",
  "generator-bound",
  "beacon-lost",
  "thresholds-failed",
  "regression",
  "passed",
];

/** How a run ends that ended as the conductor says and whose report found what the verdicts say. */
export function exitNameFor(
  summary: Pick<RunSummary, "verdicts" | "stage">,
  ending: Pick<RunEnding, "exitName"> | null,
): ExitName {
  const { validity, thresholds, accounting } = summary.verdicts;
  const names = new Set<ExitName>([ending?.exitName ?? "internal-error"]);
  if (!accounting.holds) names.add("accounting-broken");
  // Before T0 nothing could be too slow or miss a threshold: how the run ended says why.
  if (summary.stage !== "not-started") {
    if (validity.verdict === "void") names.add("generator-bound");
    if (thresholds.failed > 0) names.add("thresholds-failed");
  }
  return exitPrecedence.find((name) => names.has(name)) ?? "passed";
}
