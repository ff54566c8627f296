import type { Phase } from "../../shared/scenario/scenario.ts";
import type { Ledger } from "../ledger/build-ledger.ts";
import { type Evidence, firstSeen } from "../ledger/read-evidence.ts";
import { dateInclusions, runningSum, valueAt } from "./inclusion-dating.ts";
import type { NamedCount } from "./run-summary.ts";

/**
 * How transactions came due and how blocks took them in, for rates that do not depend on where a stretch of time happens
 * to cut between two blocks.
 */
export interface InclusionFlow {
  /** When blocks arrived, empty ones included, in order; microseconds after T0. */
  readonly arrivals: Float64Array;
  /** Transactions in the blocks up to and including the one at the same position that `dueUntil` counts as well. */
  readonly includedOfDue: Float64Array;
  /**
   * How far through the schedule blocks had got with the one at the same position: as many transactions were in blocks as
   * had come due before an instant between the two, of those that got into a block at all. Microseconds after T0.
   */
  readonly reached: { readonly atLeast: Float64Array; readonly atMost: Float64Array };
  /**
   * Transactions due before an instant that the network could have included: neither shed nor cancelled, nor rejected for
   * a reason of their own. A rejection because the node was too busy counts: it is the network that did not keep up.
   */
  dueUntil(micros: number): number;
  /** As many of those as got into a block, whenever that was. */
  everIncludedUntil(micros: number): number;
  /**
   * How many of those due before an instant were in no block by then, by the node that they were meant for, most first;
   * without those due before `sinceMicros` that got into no block at all.
   */
  waitingByNode(micros: number, sinceMicros: number): Promise<readonly NamedCount[]>;
  /** Transactions included before an instant, each dated within its block's interval as `dateInclusions` does. */
  includedUntil(micros: number): number;
}

/** Resolution of what is counted by instants. */
const stepMicros = 50_000;

const couldBeIncluded = `outcome NOT IN ('cancelled', 'shed')
  AND (outcome <> 'rejected' OR reason IN ('node-overloaded', 'resources-exhausted'))`;

export async function inclusionFlowOf(ledger: Ledger, evidence: Evidence): Promise<InclusionFlow> {
  const blocks = evidence.blocks.filter((block) => !block.orphaned && !Number.isNaN(firstSeen(block)));
  const perBlock = await ledger.database.rows(
    `SELECT block, count(*) FILTER (due_us IS NOT NULL AND ${couldBeIncluded}) AS of_due FROM ledger WHERE block IS NOT NULL GROUP BY block`,
  );
  const counts = new Map(perBlock.map((row) => [Number(row.block), Number(row.of_due)]));
  const byArrival = blocks
    .map((block) => ({ at: firstSeen(block), ofDue: counts.get(block.number) ?? 0 }))
    .sort((a, b) => a.at - b.at);
  const includedOfDue = runningSum(byArrival.map(({ ofDue }) => ofDue));
  const { due, everIncluded } = await cumulativeDue(ledger);
  const included = await cumulativeIncluded(ledger, blocks, evidence.manifest.network.blockIntervalMs * 1000);
  return {
    arrivals: Float64Array.from(byArrival, ({ at }) => at),
    includedOfDue,
    reached: await reachedBy(ledger, includedOfDue),
    dueUntil: (micros) => valueAt(due, micros / stepMicros),
    waitingByNode: (micros, sinceMicros) => waitingByNode(ledger, micros, sinceMicros),
    everIncludedUntil: (micros) => valueAt(everIncluded, micros / stepMicros),
    includedUntil: (micros) => valueAt(included, micros / stepMicros),
  };
}

async function waitingByNode(ledger: Ledger, micros: number, sinceMicros: number): Promise<NamedCount[]> {
  const rows = await ledger.database.rows(
    `SELECT node, count(*) AS count FROM ledger
      WHERE due_us < ${micros} AND ${couldBeIncluded} AND CASE WHEN block IS NULL THEN due_us >= ${sinceMicros} ELSE included_us > ${micros} END
      GROUP BY node ORDER BY count DESC, node`,
  );
  return rows.map((row) => ({ name: String(row.node), count: Number(row.count) }));
}

/** Included per second in a stretch of time, whenever it was due. Null for a stretch without length. */
export function includedRateIn(
  flow: InclusionFlow,
  { startMicros, durationMicros }: Pick<Phase, "startMicros" | "durationMicros">,
): number | null {
  if (durationMicros <= 0) return null;
  const included = flow.includedUntil(startMicros + durationMicros) - flow.includedUntil(startMicros);
  return (included * 1e6) / durationMicros;
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

async function cumulativeDue(ledger: Ledger): Promise<{ due: Float64Array; everIncluded: Float64Array }> {
  const rows = await ledger.database.rows(
    `SELECT floor(due_us / ${stepMicros})::INTEGER AS step, count(*) AS due, count(block) AS ever_included
       FROM ledger WHERE due_us IS NOT NULL AND ${couldBeIncluded} GROUP BY step ORDER BY step`,
  );
  const due = new Float64Array(Number(rows.at(-1)?.step ?? -1) + 2);
  const everIncluded = new Float64Array(due.length);
  for (const row of rows) {
    due[Number(row.step) + 1] = Number(row.due);
    everIncluded[Number(row.step) + 1] = Number(row.ever_included);
  }
  return { due: runningSum(due), everIncluded: runningSum(everIncluded) };
}

/** Blocks need not take transactions in the order in which they came due: only how many there are is compared. */
async function reachedBy(ledger: Ledger, includedOfDue: Float64Array): Promise<InclusionFlow["reached"]> {
  const counts = [...new Set(includedOfDue)];
  const rows = await ledger.database.rows(
    `SELECT * FROM (
       SELECT row_number() OVER (ORDER BY due_us) AS count, due_us, lead(due_us) OVER (ORDER BY due_us) AS next_us
         FROM ledger WHERE block IS NOT NULL AND due_us IS NOT NULL AND ${couldBeIncluded})
      WHERE count IN (1, ${counts.join(", ")})`,
  );
  const instants = new Map(rows.map((row) => [Number(row.count), row]));
  const first = Number(instants.get(1)?.due_us ?? Number.POSITIVE_INFINITY);
  return {
    atLeast: includedOfDue.map((count) => Number(instants.get(count)?.due_us ?? Number.NEGATIVE_INFINITY)),
    atMost: includedOfDue.map((count) =>
      count === 0 ? first : Number(instants.get(count)?.next_us ?? Number.POSITIVE_INFINITY),
    ),
  };
}

/**
 * When a node had taken the transaction in, so that it only waited for a block: the answer, or where that came after the
 * block or not at all, the sending.
 */
const readyAt = "CASE WHEN answered_us <= included_us THEN answered_us ELSE coalesce(sent_us, included_us) END";

async function cumulativeIncluded(
  ledger: Ledger,
  blocks: Evidence["blocks"],
  blockIntervalMicros: number,
): Promise<Float64Array> {
  const rows = await ledger.database.rows(
    `SELECT block, floor((${readyAt}) / ${stepMicros})::INTEGER AS step, count(*) AS count,
       min(included_us - (${readyAt})) FILTER (sent_us IS NOT NULL) AS lag FROM ledger WHERE block IS NOT NULL GROUP BY block, step`,
  );
  // Clocks of two hosts agree to some milliseconds only: an answer may seem to come after its block was seen.
  const lags = rows.filter((row) => row.lag !== null).map((row) => Number(row.lag));
  const shortest = lags.reduce((least, lag) => Math.min(least, lag), blockIntervalMicros);
  return dateInclusions({
    blocks: blocks.map((block) => ({ number: block.number, seenMicros: firstSeen(block) })),
    ready: rows.map((row) => ({ block: Number(row.block), step: Number(row.step), count: Number(row.count) })),
    blockIntervalMicros,
    lagMicros: Math.max(0, shortest),
    stepMicros,
  });
}
