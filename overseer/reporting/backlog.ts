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
  let current: Growing | null = null;
  let neverIncludedBefore = 0;
  for (const [position, at] of arrivals.entries()) {
    const included = includedOfDue[position] as number;
    const intervalsBehind = (at - (reached.atMost[position] as number)) / blockIntervalMicros;
    if (intervalsBehind > explainedIntervals) {
      const transactions: number = flow.dueUntil(at) - included - neverIncludedBefore;
      if (current === null || transactions > current.transactions) current = { transactions, atMicros: at };
    }
    if (intervalsBehind > 1) continue;
    const neverIncludedByNow = neverIncludedUntil(flow, at);
    const neverIncluded = Math.round(neverIncludedByNow - neverIncludedBefore);
    neverIncludedBefore = neverIncludedByNow;
    if (current === null) continue;
    const { transactions, atMicros } = current;
    // With the last that got into a block nothing seems behind any more. Had there been further blocks, what was left could
    // have got into them.
    const isGone = neverIncluded === 0 || position < arrivals.length - 1;
    // What a block leaves behind came due before it: of a phase that has just ended, the first one after it tells.
    const phase = phaseAt(phases, atMicros - blockIntervalMicros);
    if (phase.measured && phase.load.kind === "paced") {
      backlogs.push({
        transactions: Math.round(transactions),
        phase: phase.name,
        phaseEndMicros: phase.startMicros + phase.durationMicros,
        atMicros: Math.round(atMicros),
        goneAtMicros: isGone ? Math.round(at) : null,
        neverIncluded,
      });
    }
    current = null;
  }
  return backlogs.reduce<Backlog | null>(
    (top, one) => (top === null || one.transactions > top.transactions ? one : top),
    null,
  );
}

interface Growing {
  readonly transactions: number;
  readonly atMicros: number;
}

/** Of what was due before an instant. */
function neverIncludedUntil(flow: InclusionFlow, micros: number): number {
  return flow.dueUntil(micros) - flow.everIncludedUntil(micros);
}

export function backlogSentence(backlog: Backlog | null): string {
  if (backlog === null) return "";
  const { transactions, phase, atMicros, phaseEndMicros, goneAtMicros, neverIncluded } = backlog;
  const grown = `The backlog grew to ${formatCount(transactions)} (${phase}, ${formatInstant(atMicros)} after the start)`;
  if (goneAtMicros === null) return `${grown} and was never gone: ${formatCount(neverIncluded)} got into no block.`;
  const gone =
    goneAtMicros > phaseEndMicros
      ? `gone ${formatDuration(goneAtMicros - phaseEndMicros)} after ${phase} had ended`
      : `gone ${formatDuration(goneAtMicros - atMicros)} later`;
  const butFor = neverIncluded === 0 ? "" : `, but for ${formatCount(neverIncluded)} that got into no block`;
  return `${grown} and was ${gone}${butFor}.`;
}

/** The phase of an instant; of one after all of them, the last. */
function phaseAt(phases: readonly Phase[], micros: number): Phase {
  const phase = phases.findLast(({ startMicros }) => startMicros <= micros) ?? phases[0];
  if (phase === undefined) throw new Error("a run has phases");
  return phase;
}
