import type { Phase } from "../../shared/scenario/scenario.ts";
import { formatCount, formatDuration, formatInstant, formatOf, listOf, shareText } from "./figures-text.ts";
import type { InclusionFlow } from "./inclusion-flow.ts";
import type { Backlog, NamedCount } from "./run-summary.ts";

/** A transaction waits for up to one interval where nothing is behind, and for another where a block is missed or late. */
const explainedIntervals = 2;

/**
 * The largest backlog of the measured phases with a schedule. It is one where blocks have got less far through the schedule
 * than to `explainedIntervals` before their own arrival, and gone with the first that has got to within one interval.
 * Null where blocks never fell behind so far.
 */
export async function largestBacklogOf(
  flow: InclusionFlow,
  phases: readonly Phase[],
  blockIntervalMicros: number,
): Promise<Backlog | null> {
  const { arrivals, includedOfDue, reached } = flow;
  const backlogs: Found[] = [];
  let current: Growing | null = null;
  let neverIncludedBefore = 0;
  let caughtUpMicros = Number.MIN_SAFE_INTEGER;
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
    const sinceMicros = caughtUpMicros;
    caughtUpMicros = at;
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
        sinceMicros,
      });
    }
    current = null;
  }
  const top = backlogs.reduce<Found | null>(
    (most, one) => (most === null || one.transactions > most.transactions ? one : most),
    null,
  );
  if (top === null) return null;
  const { sinceMicros, ...largest } = top;
  return { ...largest, byNode: await flow.waitingByNode(largest.atMicros, sinceMicros) };
}

interface Found extends Omit<Backlog, "byNode"> {
  /** When blocks had caught up before. */
  readonly sinceMicros: number;
}

interface Growing {
  readonly transactions: number;
  readonly atMicros: number;
}

/** Of what was due before an instant. */
function neverIncludedUntil(flow: InclusionFlow, micros: number): number {
  return flow.dueUntil(micros) - flow.everIncludedUntil(micros);
}

/** A share that is so much larger than that of the others together would be, had all nodes the same. */
const unevenFrom = 1.25;
/** More nodes than this are not told one by one. */
const nodesTold = 3;

/** `nodes` as the network has. */
export function backlogSentence(backlog: Backlog | null, nodes: number): string {
  if (backlog === null) return "";
  return [grownSentence(backlog), nodesSentence(backlog, nodes)].filter((sentence) => sentence !== "").join(" ");
}

/** Where users would have to wait: one slow node holds up its own, as long as others are not behind. */
function nodesSentence({ byNode }: Backlog, nodes: number): string {
  const all = byNode.reduce((sum, { count }) => sum + count, 0);
  if (nodes < 2 || all === 0) return "";
  const [most] = byNode as [NamedCount, ...NamedCount[]];
  if (most.count * nodes < all * unevenFrom) return `Each of the ${formatCount(nodes)} nodes had its share of it.`;
  if (most.count === all) return `All of it was at ${most.name}.`;
  const told = byNode
    .slice(0, nodesTold)
    .map(({ name, count }, i) => `${shareText(count, all)} ${i === 0 ? "of it was at" : "at"} ${name}`);
  const left = byNode.length - told.length;
  const others = left === 0 ? [] : [`the rest at ${formatOf(left, "other node", "other nodes")}`];
  return `${listOf([...told, ...others])}.`;
}

function grownSentence(backlog: Backlog): string {
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
