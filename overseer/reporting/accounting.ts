import type { Ledger } from "../ledger/build-ledger.ts";
import type { BeaconRecord, RunEnding } from "../ledger/evidence.ts";
import type { Evidence } from "../ledger/read-evidence.ts";
import type { Accounting, AccountingLine, AccountingTerm, Counts } from "./run-summary.ts";

/**
 * Whether every planned transaction ended in exactly one way. The two sides of each line come from different columns or
 * different witnesses, so that a line can break.
 */
export async function checkAccounting(ledger: Ledger, evidence: Evidence, whole: Counts): Promise<Accounting> {
  const lines = [
    ...identity(evidence, whole, await ledgerTotals(ledger)),
    ...integrityLines(ledger, whole),
    ...(await contradictionLines(ledger)),
    blocksLine(evidence, ledger, whole),
    ...(await counterLines(ledger, evidence)),
  ];
  return { holds: lines.every((line) => line.holds), lines };
}

interface LedgerTotals {
  readonly rows: number;
  readonly sentInstants: number;
  readonly pending: number;
}

async function ledgerTotals(ledger: Ledger): Promise<LedgerTotals> {
  const row = await ledger.database.row(
    `SELECT count(*) AS rows, count(sent_us) AS sent,
       count(*) FILTER (outcome = 'pending' OR outcome IS NULL) AS pending FROM ledger`,
  );
  return { rows: Number(row.rows), sentInstants: Number(row.sent), pending: Number(row.pending) };
}

function identity(evidence: Evidence, whole: Counts, totals: LedgerTotals): AccountingLine[] {
  const planned = term("planned", evidence.manifest.plan.transactions);
  const phases = evidence.manifest.scenario.phases;
  return [
    line(
      "The plan is complete",
      planned,
      phases.map((phase) => term(phase.name, phase.transactions)),
      "plan against the scenario's phases",
    ),
    line(
      "Every planned transaction was sent, shed or cancelled",
      planned,
      [term("sent", whole.sent), term("shed", whole.shed), term("cancelled", whole.cancelled)],
      "plan against the ledger: sent by its instant, the others by their outcome",
    ),
    line(
      "Every sent transaction was accepted, rejected or stayed unanswered",
      term("sent", whole.sent),
      [term("accepted", whole.accepted), term("rejected", whole.rejected), term("unanswered", whole.unanswered)],
      "instants against outcomes in the ledger",
    ),
    line(
      "Every accepted transaction was included, expired, lost or forked out",
      term("accepted", whole.accepted),
      acceptedTerms(whole),
      "outcomes against fates in the ledger",
    ),
    line(
      "No transaction is left without an outcome",
      term("without outcome", totals.pending),
      [term("expected", 0)],
      "ledger",
    ),
  ];
}

function acceptedTerms(whole: Counts): AccountingTerm[] {
  return [
    term("included", whole.included - whole.includedUnanswered - whole.includedRejected),
    term("expired", whole.expired),
    term("lost", whole.lost),
    term("forked out", whole.forkedOutAccepted),
  ];
}

function integrityLines(ledger: Ledger, whole: Counts): AccountingLine[] {
  const { integrity } = ledger;
  return [
    line(
      "Each planned transaction has a row",
      term("planned", whole.planned),
      [term("reported by beacons", integrity.reported), term("made from the plan", integrity.made)],
      "ledger against the beacons' rows",
    ),
    none(
      "No transaction was reported in two different ways",
      "contradicting",
      integrity.conflicting,
      "beacons' and observers' rows",
    ),
    none(
      "No row is about a transaction that was never planned",
      "unplanned",
      integrity.unplanned,
      "beacons' and observers' rows",
    ),
  ];
}

async function contradictionLines(ledger: Ledger): Promise<AccountingLine[]> {
  const row = await ledger.database.row(
    `SELECT count(*) FILTER (outcome IN ('shed', 'cancelled') AND (block IS NOT NULL OR orphanings > 0)) AS unsent,
       count(*) FILTER (outcome IN ('accepted', 'rejected') AND answered_us IS NULL) AS unheard,
       count(*) FILTER (block IS NOT NULL AND included_us IS NULL) AS undated
     FROM ledger`,
  );
  return [
    none("No transaction that was not sent is in a block", "in a block", Number(row.unsent), "beacons against blocks"),
    none("No answer is without the instant it came", "without instant", Number(row.unheard), "ledger"),
    none("No inclusion is without its instant", "without instant", Number(row.undated), "ledger"),
  ];
}

function blocksLine(evidence: Evidence, ledger: Ledger, whole: Counts): AccountingLine {
  const kept = evidence.blocks.filter((block) => !block.orphaned);
  const ours = kept.reduce((sum, block) => sum + block.ours, 0);
  return line(
    "The blocks hold what the ledger says is included",
    term("included", whole.included + ledger.integrity.repeatedInclusions),
    [term("found in blocks", ours)],
    "ledger against the count made while each block was read",
  );
}

const counterNames = ["sent", "accepted", "rejected", "unanswered", "shed", "cancelled"] as const;

/**
 * What the live view showed at last must be what the beacon's rows in the ledger say; one line for each beacon and
 * counter. Rows that were made from the plan are nobody's counts: those of a signing window that was never armed.
 */
async function counterLines(ledger: Ledger, evidence: Evidence): Promise<AccountingLine[]> {
  const rows = await ledger.database.rows(
    `SELECT beacon::VARCHAR AS beacon, count(sent_us) AS sent,
       count(*) FILTER (outcome = 'accepted') AS accepted, count(*) FILTER (outcome = 'rejected') AS rejected,
       count(*) FILTER (outcome = 'unanswered') AS unanswered, count(*) FILTER (outcome = 'shed') AS shed,
       count(*) FILTER (outcome = 'cancelled') AS cancelled
     FROM ledger WHERE reported GROUP BY ALL`,
  );
  const byBeacon = new Map(rows.map((row) => [String(row.beacon), row]));
  return evidence.manifest.beacons.flatMap((beacon) => {
    const counted = byBeacon.get(beacon.name);
    const why = whyNotCompared(beacon, evidence.manifest.ending);
    if (why !== null) return [uncompared(beacon, why)];
    return counterNames.map((name) => {
      const live = beacon.counters.reduce((sum, counters) => sum + counters[name], 0);
      return line(
        `${beacon.name} counted the same: ${name}`,
        term(name, Number(counted?.[name] ?? 0)),
        [term("live counter", live)],
        "ledger against the beacon's last running totals",
        beacon.name,
      );
    });
  });
}

function whyNotCompared(beacon: BeaconRecord, ending: RunEnding | null): string | null {
  if (beacon.lost !== null) return "it was lost, and its last totals are older than its last rows";
  if (beacon.counters.length === 0) return "it sent no running totals";
  // Whoever ends a run at once does not wait for the last totals.
  return ending === null || ending.drainEndedMicros === null ? "the run was cut off before its last totals" : null;
}

function uncompared(beacon: BeaconRecord, why: string): AccountingLine {
  return {
    name: `${beacon.name} counted the same`,
    beacon: beacon.name,
    left: term("ledger", 0),
    right: [],
    holds: true,
    source: `not compared: ${why}`,
  };
}

function none(name: string, label: string, count: number, source: string): AccountingLine {
  return line(name, term(label, count), [term("expected", 0)], source);
}

function line(
  name: string,
  left: AccountingTerm,
  right: readonly AccountingTerm[],
  source: string,
  beacon: string | null = null,
): AccountingLine {
  return { name, beacon, left, right, holds: left.count === right.reduce((sum, { count }) => sum + count, 0), source };
}

function term(label: string, count: number): AccountingTerm {
  return { label, count };
}
