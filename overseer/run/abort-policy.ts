import type { PhaseCounters } from "../../shared/protocol/messages.ts";
import { compare } from "../../shared/scenario/compare.ts";
import { abortableMetrics, parseMetric } from "../../shared/scenario/metrics.ts";
import type { Phase, Threshold } from "../../shared/scenario/scenario.ts";

type Counted = "rejected" | "unanswered" | "shed";

/**
 * The thresholds that end a run as soon as they fail. Looked at live, a share is of what was due in the phase so far;
 * the verdict at the end is the ledger's. Returns what failed, in words, or null.
 */
export function failedAbortThreshold(
  thresholds: readonly Threshold[],
  phases: readonly Phase[],
  counters: readonly PhaseCounters[],
  elapsedMicros: number,
): string | null {
  for (const threshold of thresholds) {
    const parsed = threshold.abortOnFail ? parseMetric(threshold.metric) : null;
    if (parsed === null || !(abortableMetrics as readonly string[]).includes(parsed.metric)) continue;
    const meant = phases.filter((phase) => (parsed.phase === null ? phase.measured : phase.name === parsed.phase));
    const first = meant[0];
    if (first === undefined || elapsedMicros < first.startMicros + threshold.afterMicros) continue;
    const share = shareOf(parsed.metric.split(".")[0] as Counted, meant, counters);
    if (share === null || compare(share, threshold.comparison, threshold.limit)) continue;
    return `${threshold.metric} is ${(share * 100).toPrecision(3)} %, ${threshold.limitText} is required`;
  }
  return null;
}

function shareOf(what: Counted, phases: readonly Phase[], counters: readonly PhaseCounters[]): number | null {
  const meant = new Set(phases.map((phase) => phase.index));
  let due = 0;
  let count = 0;
  for (const counter of counters) {
    if (!meant.has(counter.phase)) continue;
    due += counter.due;
    count += counter[what];
  }
  return due === 0 ? null : count / due;
}
