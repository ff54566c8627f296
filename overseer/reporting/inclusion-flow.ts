import type { Phase } from "../../shared/scenario/scenario.ts";
import type { Ledger } from "../ledger/build-ledger.ts";
import { type Evidence, firstSeen } from "../ledger/read-evidence.ts";

/**
 * How transactions came due and how blocks took them in, for rates that do not depend on where a stretch of time happens
 * to cut between two blocks.
 */
export interface InclusionFlow {
  /** When blocks arrived, empty ones included, in order; microseconds after T0. */
  readonly arrivals: Float64Array;
  /** Transactions in the blocks up to and including the one at the same position. */
  readonly included: Float64Array;
  /** Of those, the ones that `dueUntil` counts as well. */
  readonly includedOfDue: Float64Array;
  /**
   * Transactions due before an instant that the network could have included: neither shed nor cancelled, nor rejected for
   * a reason of their own. A rejection because the node was too busy counts: it is the network that did not keep up.
   */
  dueUntil(micros: number): number;
}

/** Resolution of the count of due transactions. */
const stepMicros = 50_000;

const couldBeIncluded = `outcome NOT IN ('cancelled', 'shed')
  AND (outcome <> 'rejected' OR reason IN ('node-overloaded', 'resources-exhausted'))`;

export async function inclusionFlowOf(ledger: Ledger, evidence: Evidence): Promise<InclusionFlow> {
  const blocks = evidence.blocks.filter((block) => !block.orphaned && !Number.isNaN(firstSeen(block)));
  const perBlock = await ledger.database.rows(
    `SELECT block, count(*) AS all_of_it, count(*) FILTER (${couldBeIncluded}) AS of_due
       FROM ledger WHERE block IS NOT NULL GROUP BY block`,
  );
  const counts = new Map(perBlock.map((row) => [Number(row.block), row]));
  const byArrival = blocks
    .map((block) => ({ at: firstSeen(block), row: counts.get(block.number) }))
    .sort((a, b) => a.at - b.at);
  const due = await cumulativeDue(ledger);
  return {
    arrivals: Float64Array.from(byArrival, ({ at }) => at),
    included: runningSum(byArrival.map(({ row }) => Number(row?.all_of_it ?? 0))),
    includedOfDue: runningSum(byArrival.map(({ row }) => Number(row?.of_due ?? 0))),
    dueUntil: (micros) => valueAt(due, micros / stepMicros),
  };
}

/**
 * Included per second in a phase, from its first block to its last: what the blocks between them took in, over the time
 * between them. Null for a phase with fewer than three blocks.
 */
export function includedRateIn(
  flow: InclusionFlow,
  phase: Pick<Phase, "startMicros" | "durationMicros">,
): number | null {
  const first = positionAtOrAfter(flow.arrivals, phase.startMicros);
  const last = positionAtOrAfter(flow.arrivals, phase.startMicros + phase.durationMicros) - 1;
  if (last - first < 2) return null;
  const seconds = ((flow.arrivals[last] as number) - (flow.arrivals[first] as number)) / 1e6;
  return ((flow.included[last] as number) - (flow.included[first] as number)) / seconds;
}

/** The first position whose value is at least `value`; the length when there is none. */
export function positionAtOrAfter(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function cumulativeDue(ledger: Ledger): Promise<Float64Array> {
  const rows = await ledger.database.rows(
    `SELECT floor(due_us / ${stepMicros})::INTEGER AS step, count(*) AS count
       FROM ledger WHERE due_us IS NOT NULL AND ${couldBeIncluded} GROUP BY step ORDER BY step`,
  );
  const counts = new Float64Array(Number(rows.at(-1)?.step ?? -1) + 2);
  for (const row of rows) counts[Number(row.step) + 1] = Number(row.count);
  return runningSum(counts);
}

function runningSum(values: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(values.length);
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i] as number;
    sums[i] = sum;
  }
  return sums;
}

/** In a straight line between the steps. */
function valueAt(steps: Float64Array, position: number): number {
  if (steps.length === 0 || position <= 0) return 0;
  const before = Math.floor(position);
  if (before >= steps.length - 1) return steps[steps.length - 1] as number;
  const [low, high] = [steps[before] as number, steps[before + 1] as number];
  return low + (high - low) * (position - before);
}
