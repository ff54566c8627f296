import type { Phase } from "../../shared/scenario/scenario.ts";
import { formatCount, formatDuration, formatInstant } from "./figures-text.ts";
import type { InclusionFlow } from "./inclusion-flow.ts";
import type { Backlog } from "./run-summary.ts";

/** A transaction waits for up to one interval where nothing is behind, and for another where a block is missed or late. */
const explainedIntervals = 2;

/**
 * The largest backlog of the measured phases with a schedule. It is one where blocks have got less far through the schedule
 * than to `explainedIntervals` before their own arrival, and gone with the first that has got to within one interval.
 * Null where blocks never fell behind so far.
 */
export function largestBacklogOf(
  flow: InclusionFlow,
  phases: readonly Phase[],
  blockIntervalMicros: number,
): Backlog | null {
  const { arrivals, includedOfDue, reached } = flow;
  const backlogs: Backlog[] = [];
  let current: Backlog | null = null;
  for (const [position, at] of arrivals.entries()) {
    const intervalsBehind = (at - (reached.atMost[position] as number)) / blockIntervalMicros;
    const transactions = Math.round(flow.everIncludedUntil(at) - (includedOfDue[position] as number));
    if (intervalsBehind > explainedIntervals && transactions > (current?.transactions ?? 0)) {
      // What a block leaves behind came due before it: of a phase that has just ended, the first one after it tells.
      const phase = phaseAt(phases, at - blockIntervalMicros);
      current = {
        transactions,
        phase: phase.name,
        atMicros: Math.round(at),
        phaseEndMicros: phase.startMicros + phase.durationMicros,
        goneAtMicros: null,
      };
    }
    if (current === null || intervalsBehind > 1) continue;
    backlogs.push({ ...current, goneAtMicros: Math.round(at) });
    current = null;
  }
  if (current !== null) backlogs.push(current);
  return backlogs
    .filter((backlog) => isOfMeasured(phases, backlog))
    .reduce<Backlog | null>((top, one) => (top === null || one.transactions > top.transactions ? one : top), null);
}

export function backlogSentence(backlog: Backlog | null): string {
  if (backlog === null) return "";
  const { transactions, phase, atMicros, phaseEndMicros, goneAtMicros } = backlog;
  const grown = `The backlog grew to ${formatCount(transactions)} (${phase}, ${formatInstant(atMicros)} after the start)`;
  if (goneAtMicros === null) return `${grown} and was not gone when the last block was seen.`;
  return goneAtMicros > phaseEndMicros
    ? `${grown} and was gone ${formatDuration(goneAtMicros - phaseEndMicros)} after ${phase} had ended.`
    : `${grown} and was gone ${formatDuration(goneAtMicros - atMicros)} later.`;
}

/** The phase of an instant; of one after all of them, the last. */
function phaseAt(phases: readonly Phase[], micros: number): Phase {
  const phase = phases.findLast(({ startMicros }) => startMicros <= micros) ?? phases[0];
  if (phase === undefined) throw new Error("a run has phases");
  return phase;
}

function isOfMeasured(phases: readonly Phase[], { phase: name }: Backlog): boolean {
  return phases.some((phase) => phase.name === name && phase.measured && phase.load.kind === "paced");
}
