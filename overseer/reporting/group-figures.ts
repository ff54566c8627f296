import type { Ledger } from "../ledger/build-ledger.ts";
import type { SqlRow } from "../ledger/ledger-database.ts";
import type { Counts, Distribution, Figures, Latencies, Quantile, Rates } from "./run-summary.ts";

/** Figures of one group of ledger rows. */
export interface GroupFigures {
  readonly key: string;
  readonly counts: Counts;
  readonly latencies: Latencies;
}

const levels = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999] as const;

/**
 * Counts and exact percentiles for each value of `key`, an SQL expression over the ledger. What never came is counted
 * with what it is known to have waited.
 */
export async function groupFigures(ledger: Ledger, key: string, where: string): Promise<Map<string, GroupFigures>> {
  const distributions = distributionsOf(ledger.observedUntilMicros);
  const columns = Object.entries(distributions).flatMap(([name, parts]) => distributionColumns(name, parts));
  const rows = await ledger.database.rows(
    `SELECT (${key})::VARCHAR AS key, ${countColumns}, ${columns.join(", ")}
       FROM ledger WHERE ${where} GROUP BY ALL ORDER BY key`,
  );
  return new Map(
    rows.map((row) => {
      const groupKey = String(row.key);
      return [groupKey, { key: groupKey, counts: countsOf(row), latencies: latenciesOf(row) }];
    }),
  );
}

/** Of all planned transactions, measured or not. */
export async function countAll(ledger: Ledger): Promise<Counts> {
  return countsOf(await ledger.database.row(`SELECT ${countColumns} FROM ledger`));
}

/** Rates of a stretch of time, whichever transactions they are of: a backlog is worked off long after it was due. */
export interface KnownRates {
  readonly acceptedPerSecond?: number;
  readonly includedPerSecond?: number;
}

/** What the rates of a group are made of: its rows over a time, but for what is known better. */
export function toFigures(group: GroupFigures, seconds: number, known: KnownRates = {}): Figures {
  const { counts } = group;
  const per = (count: number): number => (seconds > 0 ? count / seconds : 0);
  const included = known.includedPerSecond ?? per(counts.included);
  const scale = counts.included > 0 ? included / counts.included : 0;
  const rates: Rates = {
    duePerSecond: per(counts.due),
    sentPerSecond: per(counts.sent),
    acceptedPerSecond: known.acceptedPerSecond ?? per(counts.accepted),
    includedPerSecond: included,
    includedOperationsPerSecond: counts.includedOperations * scale,
    includedBytesPerSecond: counts.includedBytes * scale,
  };
  return { seconds, counts, rates, latencies: group.latencies };
}

export function emptyGroup(key: string): GroupFigures {
  return { key, counts: countsOf({}), latencies: latenciesOf({}) };
}

const countColumns = `
  count(*) AS planned,
  count(*) FILTER (outcome IS DISTINCT FROM 'cancelled') AS due,
  count(*) FILTER (sent_us IS NOT NULL OR (reason = 'beacon-lost' AND outcome = 'unanswered')) AS sent,
  count(*) FILTER (outcome = 'shed') AS shed,
  count(*) FILTER (outcome = 'cancelled') AS cancelled,
  count(*) FILTER (outcome = 'cancelled' AND reason = 'phase-over') AS unused,
  count(*) FILTER (outcome = 'accepted') AS accepted,
  count(*) FILTER (outcome = 'rejected') AS rejected,
  count(*) FILTER (outcome = 'unanswered') AS unanswered,
  count(*) FILTER (fate = 'included') AS included,
  count(*) FILTER (fate = 'included' AND outcome = 'unanswered') AS "includedUnanswered",
  count(*) FILTER (fate = 'included' AND outcome = 'rejected') AS "includedRejected",
  count(*) FILTER (fate = 'expired') AS expired,
  count(*) FILTER (fate = 'lost') AS lost,
  count(*) FILTER (fate = 'forked-out') AS "forkedOut",
  count(*) FILTER (fate = 'forked-out' AND outcome = 'accepted') AS "forkedOutAccepted",
  count(*) FILTER (irreversible_us IS NOT NULL) AS irreversible,
  coalesce(sum(operations), 0) AS operations,
  coalesce(sum(operations) FILTER (fate = 'included'), 0) AS "includedOperations",
  coalesce(sum(bytes) FILTER (fate = 'included'), 0) AS "includedBytes"`;

function countsOf(row: SqlRow): Counts {
  const count = (name: keyof Counts): number => Number(row[name] ?? 0);
  return {
    planned: count("planned"),
    due: count("due"),
    sent: count("sent"),
    shed: count("shed"),
    cancelled: count("cancelled"),
    unused: count("unused"),
    accepted: count("accepted"),
    rejected: count("rejected"),
    unanswered: count("unanswered"),
    included: count("included"),
    includedUnanswered: count("includedUnanswered"),
    includedRejected: count("includedRejected"),
    expired: count("expired"),
    lost: count("lost"),
    forkedOut: count("forkedOut"),
    forkedOutAccepted: count("forkedOutAccepted"),
    irreversible: count("irreversible"),
    operations: count("operations"),
    includedOperations: count("includedOperations"),
    includedBytes: count("includedBytes"),
  };
}

/** What the beacons themselves added: not the time in which a bound or an unreachable node kept a transaction back. */
export const latenessOf = "sent_us - due_us - coalesce(held_us, 0)";

/** From due to the answer, or as long as it is known that none came. */
export const answerWaitOf = "coalesce(answered_us, waited_until_us, due_us) - due_us";

/** From due to the block, or as long as it is known that there was none. What was never sent no block could take in. */
export function inclusionWaitOf(observedUntilMicros: number): string {
  // A transaction may be due after the observation was cut short.
  const never = `CASE WHEN outcome = 'shed' THEN waited_until_us ELSE greatest(due_us, ${observedUntilMicros}) END`;
  return `coalesce(included_us, ${never}, due_us) - due_us`;
}

interface DistributionParts {
  /** SQL for the value, null for rows that are not in the distribution. */
  readonly value: string;
  /** SQL that is true for rows whose value is only a lower bound. */
  readonly censored: string;
}

function distributionsOf(observedUntilMicros: number): Record<keyof Latencies, DistributionParts> {
  const isDue = "outcome IS DISTINCT FROM 'cancelled' AND due_us IS NOT NULL";
  return {
    lateness: { value: `CASE WHEN NOT unlimited THEN ${latenessOf} END`, censored: "false" },
    answerIntended: {
      value: `CASE WHEN ${isDue} THEN ${answerWaitOf} END`,
      censored: `${isDue} AND answered_us IS NULL`,
    },
    answerService: { value: "answered_us - sent_us", censored: "false" },
    inclusionIntended: {
      value: `CASE WHEN ${isDue} THEN ${inclusionWaitOf(observedUntilMicros)} END`,
      censored: `${isDue} AND included_us IS NULL`,
    },
    inclusionService: { value: "included_us - sent_us", censored: "false" },
    inclusionOfIncluded: { value: "included_us - due_us", censored: "false" },
    irreversibility: { value: "irreversible_us - due_us", censored: "false" },
  };
}

/** Later than all that can happen, yet far from where numbers lose their last digit. */
const never = Number.MAX_SAFE_INTEGER;

/** Between the lower bounds taken as they are and the same ones taken as never: where both agree it is exact. */
function bounded(micros: number, ceilingMicros: number): Quantile {
  if (ceilingMicros <= micros) return { micros, atLeast: false };
  return ceilingMicros >= never ? { micros, atLeast: true } : { micros, atLeast: true, atMostMicros: ceilingMicros };
}

function distributionColumns(name: string, { value, censored }: DistributionParts): string[] {
  const columns = [
    `count(${value}) AS ${name}_count`,
    `quantile_disc(${value}, [${levels.join(", ")}]) AS ${name}_quantiles`,
    `max(${value}) AS ${name}_max`,
    `avg(${value}) AS ${name}_mean`,
  ];
  if (censored === "false") return columns;
  return [
    ...columns,
    `count(*) FILTER (${censored}) AS ${name}_censored`,
    `quantile_disc(CASE WHEN ${censored} THEN ${never} ELSE ${value} END, [${levels.join(", ")}]) AS ${name}_ceilings`,
  ];
}

function latenciesOf(row: SqlRow): Latencies {
  return {
    lateness: distributionOf(row, "lateness"),
    answerIntended: distributionOf(row, "answerIntended"),
    answerService: distributionOf(row, "answerService"),
    inclusionIntended: distributionOf(row, "inclusionIntended"),
    inclusionService: distributionOf(row, "inclusionService"),
    inclusionOfIncluded: distributionOf(row, "inclusionOfIncluded"),
    irreversibility: distributionOf(row, "irreversibility"),
  };
}

function distributionOf(row: SqlRow, name: keyof Latencies): Distribution | null {
  const count = Number(row[`${name}_count`] ?? 0);
  if (count === 0) return null;
  const quantiles = row[`${name}_quantiles`] as readonly number[];
  const censored = Number(row[`${name}_censored`] ?? 0);
  const ceilings = (row[`${name}_ceilings`] ?? quantiles) as readonly number[];
  const [p50, p75, p90, p95, p99, p999] = quantiles.map((micros, i) => bounded(micros, ceilings[i] as number)) as [
    Quantile,
    Quantile,
    Quantile,
    Quantile,
    Quantile,
    Quantile,
  ];
  return {
    count,
    censored,
    p50,
    p75,
    p90,
    p95,
    p99,
    p999,
    max: bounded(Number(row[`${name}_max`]), censored > 0 ? never : 0),
    mean: { micros: Number(row[`${name}_mean`]), atLeast: censored > 0 },
  };
}
