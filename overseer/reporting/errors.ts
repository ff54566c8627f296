import type { Ledger } from "../ledger/build-ledger.ts";
import type { ReasonRecord } from "../ledger/evidence.ts";
import type { ErrorClass } from "./run-summary.ts";

/** What did not end in a block, by what became of it and why; the most frequent first. */
export async function errorClassesOf(
  ledger: Ledger,
  planned: number,
  samples: readonly ReasonRecord[],
): Promise<ErrorClass[]> {
  const rows = await ledger.database.rows(
    `SELECT kind, reason, node, count(*) AS count, min(instant) AS first, max(instant) AS last FROM (
       SELECT CASE WHEN outcome = 'accepted' THEN fate::VARCHAR ELSE outcome::VARCHAR END AS kind,
         CASE WHEN outcome = 'accepted' THEN fate::VARCHAR ELSE reason::VARCHAR END AS reason,
         coalesce(node::VARCHAR, '') AS node, coalesce(answered_us, sent_us, due_us) AS instant
       FROM ledger
       WHERE (outcome = 'accepted' AND fate <> 'included') OR (outcome <> 'accepted' AND reason <> 'phase-over'))
     GROUP BY kind, reason, node ORDER BY kind, reason, node`,
  );
  const classes = new Map<string, ErrorClass>();
  for (const row of rows) {
    const [kind, reason, node] = [String(row.kind), String(row.reason), String(row.node)];
    const key = JSON.stringify([kind, reason]);
    const known = classes.get(key);
    const count = Number(row.count);
    const sum = (known?.count ?? 0) + count;
    classes.set(key, {
      kind,
      reason,
      count: sum,
      share: planned === 0 ? 0 : sum / planned,
      firstMicros: least(known?.firstMicros ?? null, row.first as number | null),
      lastMicros: greatest(known?.lastMicros ?? null, row.last as number | null),
      byNode: [...(known?.byNode ?? []), { name: node, count }],
      samples: kind === "rejected" ? samplesOf(samples, reason) : [],
    });
  }
  return [...classes.values()].sort((a, b) => b.count - a.count || a.reason.localeCompare(b.reason));
}

function samplesOf(samples: readonly ReasonRecord[], reason: string): ErrorClass["samples"] {
  return samples.filter((sample) => sample.reason === reason).map(({ node, message }) => ({ node, message }));
}

function least(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}

function greatest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}
