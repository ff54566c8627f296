import type { Ledger } from "../ledger/build-ledger.ts";
import type { SqlRow } from "../ledger/ledger-database.ts";
import { answerWaitOf, inclusionWaitOf, latenessOf } from "./group-figures.ts";
import type { LatencySeries, Timeline } from "./run-summary.ts";

/** Half an hour by the second; longer runs get wider steps, because no screen and no reader has room for more. */
const maximumPoints = 1800;
const stepsOfSeconds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600] as const;

export async function timelineOf(ledger: Ledger): Promise<Timeline> {
  const totalSeconds = Math.max(0, Math.ceil(ledger.observedUntilMicros / 1e6));
  const stepSeconds = stepsOfSeconds.find((step) => totalSeconds / step <= maximumPoints) ?? 86_400;
  const points = Math.ceil(totalSeconds / stepSeconds);
  const step = stepSeconds * 1e6;
  const per = async (instant: string, where: string): Promise<number[]> =>
    (await countByStep(ledger, instant, where, step, points)).map((count) => count / stepSeconds);

  const sent = await per("sent_us", "true");
  const [entering, answered, awaited] = [
    await countByStep(ledger, "sent_us", "answered_us IS NOT NULL", step, points),
    await countByStep(ledger, "answered_us", "sent_us IS NOT NULL", step, points),
    await countByStep(
      ledger,
      "greatest(answered_us, included_us)",
      "outcome = 'accepted' AND block IS NOT NULL",
      step,
      points,
    ),
  ];
  const accepted = await countByStep(ledger, "answered_us", "outcome = 'accepted'", step, points);
  return {
    stepSeconds,
    seconds: Array.from({ length: points }, (_, i) => i * stepSeconds),
    duePerSecond: await per("due_us", "outcome IS DISTINCT FROM 'cancelled' OR reason = 'beacon-lost'"),
    sentPerSecond: sent,
    acceptedPerSecond: accepted.map((count) => count / stepSeconds),
    rejectedPerSecond: await per("answered_us", "outcome = 'rejected'"),
    unansweredPerSecond: await per("coalesce(sent_us, due_us)", "outcome = 'unanswered'"),
    shedPerSecond: await per("due_us", "outcome = 'shed'"),
    cancelledPerSecond: await per("due_us", "outcome = 'cancelled'"),
    includedPerSecond: await per("included_us", "true"),
    awaitingAnswer: runningDifference(entering, answered),
    awaitingBlock: runningDifference(accepted, awaited),
    ...(await latencySeries(ledger, step, points)),
  };
}

async function countByStep(
  ledger: Ledger,
  instant: string,
  where: string,
  step: number,
  points: number,
): Promise<number[]> {
  const rows = await ledger.database.rows(
    `SELECT floor((${instant}) / ${step})::INTEGER AS step, count(*) AS count FROM ledger
       WHERE (${instant}) IS NOT NULL AND (${where}) GROUP BY step`,
  );
  const counts = new Array<number>(points).fill(0);
  for (const row of rows) {
    const at = Number(row.step);
    if (at >= 0 && at < points) counts[at] = Number(row.count);
  }
  return counts;
}

function runningDifference(incoming: readonly number[], outgoing: readonly number[]): number[] {
  let level = 0;
  return incoming.map((count, i) => {
    level += count - (outgoing[i] ?? 0);
    return level;
  });
}

async function latencySeries(
  ledger: Ledger,
  step: number,
  points: number,
): Promise<Pick<Timeline, "lateness" | "answerIntended" | "inclusionIntended">> {
  const waits = {
    // Lateness is of what was sent; what was not sent is in the other two.
    lateness: { value: latenessOf, never: "false" },
    answerIntended: { value: answerWaitOf, never: "answered_us IS NULL" },
    inclusionIntended: { value: inclusionWaitOf(ledger.observedUntilMicros), never: "included_us IS NULL" },
  };
  const columns = Object.entries(waits).map(
    ([name, { value, never }]) =>
      `quantile_disc(${value}, [0.5, 0.99]) AS ${name}_quantiles,
      max(CASE WHEN NOT (${never}) THEN ${value} END) AS ${name}_longest,
      count(*) FILTER (${never}) AS ${name}_censored, min(CASE WHEN ${never} THEN ${value} END) AS ${name}_floor`,
  );
  const rows = await ledger.database.rows(
    `SELECT floor(due_us / ${step})::INTEGER AS step, ${columns.join(", ")}
     FROM ledger WHERE due_us IS NOT NULL AND outcome IS DISTINCT FROM 'cancelled' GROUP BY step`,
  );
  const byStep = new Map(rows.map((row) => [Number(row.step), row]));
  const ordered = Array.from({ length: points }, (_, i) => byStep.get(i));
  return {
    lateness: seriesOf(ordered, "lateness"),
    answerIntended: seriesOf(ordered, "answerIntended"),
    inclusionIntended: seriesOf(ordered, "inclusionIntended"),
  };
}

function seriesOf(rows: readonly (SqlRow | undefined)[], name: string): LatencySeries {
  const quantiles = rows.map((row) => (row?.[`${name}_quantiles`] ?? null) as readonly number[] | null);
  const isBound = (level: 0 | 1): boolean[] =>
    rows.map((row, i) => {
      const floor = row?.[`${name}_floor`];
      const quantile = quantiles[i]?.[level];
      return typeof floor === "number" && quantile !== undefined && quantile >= floor;
    });
  return {
    p50Micros: quantiles.map((pair) => pair?.[0] ?? null),
    p99Micros: quantiles.map((pair) => pair?.[1] ?? null),
    longestMicros: rows.map((row) => (row?.[`${name}_longest`] ?? null) as number | null),
    censored: rows.map((row) => Number(row?.[`${name}_censored`] ?? 0)),
    p50AtLeast: isBound(0),
    p99AtLeast: isBound(1),
  };
}
