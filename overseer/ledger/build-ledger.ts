import { rename } from "node:fs/promises";
import { join } from "node:path";
import { outcomes, type Reason, reasons } from "../../shared/chains/outcome.ts";
import { mixedClass } from "../../shared/ledger/columns.ts";
import { clockCorrectionOf } from "./beacon-clock.ts";
import { readChunk } from "./chunk-store.ts";
import type { RunManifest } from "./evidence.ts";
import { LedgerDatabase, sqlText } from "./ledger-database.ts";
import { PlannedRows } from "./planned-rows.ts";
import type { Evidence } from "./read-evidence.ts";
import { TableLoader } from "./table-loader.ts";
import { windowsOf } from "./windows.ts";
import { cannotWrite } from "./write-atomically.ts";

/**
 * The ledger of one run: table `ledger` in `database`, one row for each planned transaction, with the columns of
 * docs/ledger.md and, for the report alone, `phase_index`, `measured`, `unlimited` and `reported`: by a beacon's row.
 */
export interface Ledger {
  readonly database: LedgerDatabase;
  readonly integrity: LedgerIntegrity;
  /** Microseconds after T0 up to which the run was watched: what never came had been waited for until then. */
  readonly observedUntilMicros: number;
  close(): Promise<void>;
}

/** What was found while joining; all but the first two would be zero in a sound run. */
export interface LedgerIntegrity {
  /** Distinct transactions of which a beacon's `outcomes` row came. */
  readonly reported: number;
  /** Transactions of which none came: their rows were made from the `prepared` row or the plan. */
  readonly made: number;
  /** Rows that came more than once and were the same: harmless. */
  readonly repeatedRows: number;
  /** Transactions of which different rows came. */
  readonly conflicting: number;
  /** Rows about sequence numbers that were never planned. */
  readonly unplanned: number;
  /** Rows of the observers' table about one transaction more than once. */
  readonly repeatedInclusions: number;
}

export interface BuildLedgerOptions {
  readonly signal?: AbortSignal | undefined;
}

export const ledgerColumns = [
  "sequence",
  "phase",
  "beacon",
  "node",
  "operation",
  "operations",
  "bytes",
  "due_us",
  "sent_us",
  "held_us",
  "answered_us",
  "waited_until_us",
  "included_us",
  "irreversible_us",
  "outcome",
  "reason",
  "block",
  "orphanings",
  "fate",
] as const;

export const mixedName = "mixed";
const noBeacon = 65_535;
const noNode = 255;

/** Joins what beacons and observers saw. The caller closes the ledger. */
export async function buildLedger(evidence: Evidence, options: BuildLedgerOptions = {}): Promise<Ledger> {
  const database = await LedgerDatabase.open(evidence.runFolder);
  const interrupt = (): void => database.connection.interrupt();
  options.signal?.addEventListener("abort", interrupt, { once: true });
  try {
    const beaconNames = namesOfBeacons(evidence);
    await loadChunks(database, evidence, beaconNames, options.signal);
    await loadInclusions(database, evidence);
    await loadNames(database, evidence.manifest, beaconNames);
    const integrity = await settleRows(database, evidence.manifest);
    await joinLedger(database, evidence.manifest);
    const observedUntilMicros = await observationEnd(database, evidence);
    return { database, integrity, observedUntilMicros, close: () => database.close() };
  } catch (error) {
    await database.close();
    options.signal?.throwIfAborted();
    throw error;
  } finally {
    options.signal?.removeEventListener("abort", interrupt);
  }
}

/** Throws AppError REPORT_FAILED that names the path. */
export async function writeLedgerParquet(ledger: Ledger, path: string): Promise<void> {
  const { database } = ledger;
  const temporary = join(database.workFolder, "ledger.parquet");
  try {
    await database.run(
      `COPY (SELECT ${ledgerColumns.join(", ")} FROM ledger ORDER BY sequence)
       TO ${sqlText(temporary)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    await rename(temporary, path);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function namesOfBeacons(evidence: Evidence): string[] {
  const names = [...evidence.manifest.beacons.map((beacon) => beacon.name), ...evidence.chunks.map((c) => c.beacon)];
  return [...new Set(names)];
}

async function loadChunks(
  database: LedgerDatabase,
  evidence: Evidence,
  beaconNames: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const prepared = await TableLoader.create(database.connection, "prepared_rows", [
    { name: "sequence", type: "u32" },
    { name: "phase", type: "u8" },
    { name: "node", type: "u8" },
    { name: "operationClass", type: "u8" },
    { name: "operations", type: "u16" },
    { name: "bytes", type: "u32" },
    { name: "beacon", type: "u16" },
    { name: "epoch", type: "u32" },
  ]);
  const outcomeRows = await TableLoader.create(database.connection, "outcome_rows", [
    { name: "sequence", type: "u32" },
    { name: "due", type: "f64" },
    { name: "sent", type: "f64" },
    { name: "answered", type: "f64" },
    { name: "held", type: "u32" },
    { name: "outcome", type: "u8" },
    { name: "reason", type: "u8" },
    { name: "beacon", type: "u16" },
    { name: "epoch", type: "u32" },
  ]);
  for (const stored of evidence.chunks) {
    signal?.throwIfAborted();
    const chunk = await readChunk(stored);
    const beacon = beaconNames.indexOf(stored.beacon);
    // The match key has done its service: the observers have found the transactions by it.
    const { rows, epoch } = chunk;
    if (chunk.table === "prepared") {
      const { matchKey: _, ...kept } = chunk.columns;
      prepared.append(rows, { ...kept, beacon, epoch });
    } else {
      outcomeRows.append(rows, { ...chunk.columns, beacon, epoch });
    }
  }
  prepared.close();
  outcomeRows.close();
}

async function loadInclusions(database: LedgerDatabase, evidence: Evidence): Promise<void> {
  const loader = await TableLoader.create(database.connection, "inclusion_rows", [
    { name: "sequence", type: "u32" },
    { name: "block", type: "u32" },
    { name: "included", type: "f64" },
    { name: "irreversible", type: "f64" },
    { name: "orphanings", type: "u8" },
  ]);
  loader.append(evidence.inclusions.rows, evidence.inclusions.columns);
  loader.close();
}

/** Names for the numbers in the rows, as enumerations: they sort and group as numbers and read as text. */
async function loadNames(
  database: LedgerDatabase,
  manifest: RunManifest,
  beaconNames: readonly string[],
): Promise<void> {
  const { scenario, network } = manifest;
  const mix = scenario.workload.mix.map((entry, code) => ({ code, name: entry.name }));
  await nameTable(database, "operation", [...mix, { code: mixedClass, name: mixedName }]);
  await nameTable(database, "node", named(network.nodes));
  await nameTable(
    database,
    "beacon",
    beaconNames.map((name, code) => ({ code, name })),
  );
  await nameTable(
    database,
    "outcome",
    outcomes.map((name, code) => ({ code, name })),
  );
  await nameTable(
    database,
    "reason",
    reasons.map((name, code) => ({ code, name })),
  );
  await nameTable(database, "phase", named(scenario.phases));
  // A phase without transactions would only tie with its successor for the first sequence number.
  const filled = scenario.phases.filter((phase) => phase.transactions > 0);
  const phases = filled.map(
    (phase) =>
      `(${phase.index}, ${phase.firstSequence}, ${phase.measured}, ${phase.load.kind === "unlimited"}, ` +
      `${Math.ceil((phase.startMicros + phase.durationMicros) / 1e6)})`,
  );
  await database.run(
    "CREATE TABLE phases (index UTINYINT, first UINTEGER, measured BOOLEAN, unlimited BOOLEAN, end_s INTEGER)",
  );
  if (phases.length > 0) await database.run(`INSERT INTO phases VALUES ${phases.join(", ")}`);
  const beacons = manifest.beacons.map((beacon) => `(${beaconNames.indexOf(beacon.name)}, ${beacon.lost !== null})`);
  await database.run("CREATE TABLE beacons (beacon USMALLINT, lost BOOLEAN)");
  if (beacons.length > 0) await database.run(`INSERT INTO beacons VALUES ${beacons.join(", ")}`);
  const windows = windowsOf(manifest).map(
    ({ firstSequence, baseExpirationSeconds, armed }) =>
      `(${firstSequence}, ${baseExpirationSeconds ?? "NULL"}, ${armed})`,
  );
  await database.run("CREATE TABLE windows (first UINTEGER, base BIGINT, armed BOOLEAN)");
  await database.run(`INSERT INTO windows VALUES ${windows.join(", ")}`);
  const clocks = manifest.beacons.flatMap((beacon) =>
    (beacon.clocks ?? [beacon]).map((compared) => {
      const { rate, fromMicros } = clockCorrectionOf(compared);
      return `(${beaconNames.indexOf(beacon.name)}, ${compared.epoch}, ${rate}::DOUBLE, ${fromMicros}::DOUBLE)`;
    }),
  );
  await database.run("CREATE TABLE clocks (beacon USMALLINT, epoch UINTEGER, rate DOUBLE, since DOUBLE)");
  if (clocks.length > 0) await database.run(`INSERT INTO clocks VALUES ${clocks.join(", ")}`);
}

function named(items: readonly { readonly name: string }[]): { code: number; name: string }[] {
  return items.map((item, code) => ({ code, name: item.name }));
}

async function nameTable(
  database: LedgerDatabase,
  kind: string,
  names: readonly { readonly code: number; readonly name: string }[],
): Promise<void> {
  const distinct = [...new Set(names.map(({ name }) => name))];
  const values = distinct.length === 0 ? ["''"] : distinct.map(sqlText);
  await database.run(`CREATE TYPE ${kind}_name AS ENUM (${values.join(", ")})`);
  await database.run(`CREATE TABLE ${kind}_names (code USMALLINT, name ${kind}_name)`);
  if (names.length === 0) return;
  const rows = names.map(({ code, name }) => `(${code}, ${sqlText(name)})`);
  await database.run(`INSERT INTO ${kind}_names VALUES ${rows.join(", ")}`);
}

/** One row of each table for each transaction, and what had to be set right for it. */
async function settleRows(database: LedgerDatabase, manifest: RunManifest): Promise<LedgerIntegrity> {
  const planned = manifest.plan.transactions;
  const outcome = await settle(database, "outcome", planned, ["due", "sent", "answered", "held", "outcome", "reason"]);
  // The match key may differ between epochs, what a transaction is may not.
  const prepared = await settle(database, "prepared", planned, [
    "phase",
    "node",
    "operationClass",
    "operations",
    "bytes",
  ]);
  const inclusion = await settle(database, "inclusion", planned, ["block", "included", "irreversible", "orphanings"]);
  const made = await makeMissingRows(database, manifest);
  return {
    reported: outcome.transactions,
    made,
    repeatedRows: outcome.repeated + prepared.repeated,
    conflicting: outcome.conflicting + prepared.conflicting + inclusion.conflicting,
    unplanned: outcome.unplanned + prepared.unplanned + inclusion.unplanned,
    repeatedInclusions: inclusion.repeated + inclusion.conflicting,
  };
}

interface Settled {
  readonly transactions: number;
  readonly repeated: number;
  readonly conflicting: number;
  readonly unplanned: number;
}

/** The row that stands when several contradict each other: the one that claims most, so that nothing sent is forgotten. */
const precedence = {
  outcome: `CASE outcome WHEN 1 THEN 0 WHEN 2 THEN 1 WHEN 3 THEN 2 WHEN 4 THEN 3 WHEN 5 THEN 4 ELSE 5 END, epoch DESC, beacon,
    due, sent, answered, held, reason`,
  prepared: "epoch DESC, beacon, node, operationClass, operations, bytes",
  inclusion: "CASE WHEN block > 0 THEN 0 ELSE 1 END, block, included, irreversible, orphanings",
} as const;

async function settle(
  database: LedgerDatabase,
  table: keyof typeof precedence,
  planned: number,
  columns: readonly string[],
): Promise<Settled> {
  const counts = await database.row(
    `SELECT count(*) AS all_rows, count(*) FILTER (sequence >= ${planned}) AS unplanned,
       count(DISTINCT sequence) FILTER (sequence < ${planned}) AS transactions FROM ${table}_rows`,
  );
  const unplanned = Number(counts.unplanned);
  const transactions = Number(counts.transactions);
  const surplus = Number(counts.all_rows) - unplanned - transactions;
  const rows = `SELECT * FROM ${table}_rows WHERE sequence < ${planned}`;
  if (surplus === 0) {
    await database.run(`CREATE VIEW ${table}_settled AS ${rows}`);
    return { transactions, repeated: 0, conflicting: 0, unplanned };
  }
  await database.run(
    `CREATE TABLE ${table}_settled AS ${rows}
       QUALIFY row_number() OVER (PARTITION BY sequence ORDER BY ${precedence[table]}) = 1`,
  );
  // A beacon that lost its lease cancelled what others then took over: that is no contradiction.
  const considered =
    table === "outcome"
      ? `SELECT * FROM (SELECT *, max(epoch) OVER (PARTITION BY sequence) AS last_epoch FROM (${rows}))
           WHERE NOT (outcome = ${outcomes.indexOf("cancelled")} AND epoch < last_epoch)`
      : rows;
  // NaN equals NaN in DuckDB, so that "did not happen" twice is no contradiction.
  const conflicts = await database.row(
    `SELECT count(*) AS conflicting FROM (
       SELECT sequence FROM (SELECT DISTINCT sequence, ${columns.join(", ")} FROM (${considered}))
       GROUP BY sequence HAVING count(*) > 1)`,
  );
  const conflicting = Number(conflicts.conflicting);
  return { transactions, repeated: surplus - conflicting, conflicting, unplanned };
}

/** Transactions of which no outcome came get what the plan knows of them. */
async function makeMissingRows(database: LedgerDatabase, manifest: RunManifest): Promise<number> {
  const loader = await TableLoader.create(database.connection, "made_rows", [
    { name: "sequence", type: "u32" },
    { name: "due", type: "f64" },
    { name: "beacon", type: "u16" },
    { name: "node", type: "u8" },
    { name: "operationClass", type: "u8" },
    { name: "operations", type: "u16" },
  ]);
  const missing = await database.connection.runAndReadAll(
    `SELECT range::UINTEGER AS sequence FROM range(${manifest.plan.transactions})
       WHERE range NOT IN (SELECT sequence FROM outcome_settled) ORDER BY 1`,
  );
  const sequences = missing.getColumnsJS()[0] as number[] | undefined;
  const count = sequences?.length ?? 0;
  if (sequences !== undefined && count > 0) loader.append(count, madeColumns(sequences, new PlannedRows(manifest)));
  loader.close();
  return count;
}

function madeColumns(sequences: readonly number[], plan: PlannedRows): Record<string, ArrayLike<number>> {
  const columns = {
    sequence: sequences,
    due: new Float64Array(sequences.length),
    beacon: new Uint16Array(sequences.length),
    node: new Uint8Array(sequences.length),
    operationClass: new Uint8Array(sequences.length),
    operations: new Uint16Array(sequences.length),
  };
  for (const [i, sequence] of sequences.entries()) {
    const { operations, operationClass } = plan.operationsOf(sequence);
    const beacon = plan.beaconOf(sequence);
    columns.due[i] = plan.dueOf(sequence);
    columns.beacon[i] = beacon < 0 ? noBeacon : beacon;
    columns.node[i] = plan.nodeOf(sequence);
    columns.operationClass[i] = operationClass;
    columns.operations[i] = operations;
  }
  return columns;
}

async function joinLedger(database: LedgerDatabase, manifest: RunManifest): Promise<void> {
  const { ending } = manifest;
  const { sending } = manifest.scenario;
  // An answer that is not waited for any more may still come: nobody knows that it did not.
  const observedUntil = ending?.drainEndedMicros == null ? "NULL" : String(Math.round(ending.drainEndedMicros));
  const missingReason = reasonOfUnreported(manifest);
  const lastBlockSeconds = ending?.lastBlockTimeMs == null ? "NULL" : String(ending.lastBlockTimeMs / 1000);
  const instant = (column: string): string => `CASE WHEN isfinite(${column}) THEN round(${column})::BIGINT END`;
  // All instants of a beacon alike, also those that were due: it went by its own clock, and what lies between two of them
  // is no matter of clocks.
  const told = (column: string): string => {
    const corrected = `${column} + coalesce(c.rate * (${column} - c.since), 0)`;
    return instant(corrected);
  };
  await database.run(`
    CREATE TABLE ledger AS
    WITH joined AS (
      SELECT
        plan.range::UINTEGER AS sequence,
        phases.index AS phase_index, phases.measured, phases.unlimited, phases.end_s, o.sequence IS NOT NULL AS reported,
        coalesce(o.beacon, p.beacon, m.beacon, ${noBeacon})::USMALLINT AS beacon,
        coalesce(p.node, m.node, ${noNode})::UTINYINT AS node,
        coalesce(p.operationClass, m.operationClass, ${mixedClass})::UTINYINT AS operation_class,
        coalesce(p.operations, m.operations)::USMALLINT AS operations,
        p.bytes,
        CASE WHEN phases.unlimited AND o.sequence IS NOT NULL THEN ${told("o.sent")}
             ELSE coalesce(${told("o.due")}, ${instant("m.due")}) END AS due_us,
        ${told("o.sent")} AS sent_us,
        CASE WHEN phases.unlimited OR o.outcome = ${outcomes.indexOf("cancelled")} THEN NULL
             ELSE o.held END::BIGINT AS held_us,
        ${told("o.answered")} AS answered_us,
        CASE WHEN i.block > 0 THEN ${instant("i.included")} END AS included_us,
        CASE WHEN i.block > 0 THEN ${instant("i.irreversible")} END AS irreversible_us,
        CASE WHEN o.sequence IS NOT NULL THEN o.outcome
             WHEN i.sequence IS NOT NULL THEN ${outcomes.indexOf("unanswered")}
             ELSE ${outcomes.indexOf("cancelled")} END AS outcome_code,
        CASE WHEN o.sequence IS NOT NULL THEN o.reason
             WHEN i.sequence IS NOT NULL THEN ${reasons.indexOf("beacon-lost")}
             WHEN b.lost THEN ${reasons.indexOf("beacon-lost")}
             WHEN NOT windows.armed AND ${ending?.exitName !== "stopped"} THEN ${reasons.indexOf("aborted")}
             ELSE ${reasons.indexOf(missingReason)} END AS reason_code,
        windows.base,
        CASE WHEN i.block > 0 THEN i.block END AS block,
        coalesce(i.orphanings, 0)::UTINYINT AS orphanings
      FROM range(${manifest.plan.transactions}) plan
      ASOF JOIN phases ON plan.range >= phases.first
      ASOF JOIN windows ON plan.range >= windows.first
      LEFT JOIN outcome_settled o ON o.sequence = plan.range
      LEFT JOIN clocks c ON c.beacon = o.beacon AND c.epoch = o.epoch
      LEFT JOIN prepared_settled p ON p.sequence = plan.range
      LEFT JOIN made_rows m ON m.sequence = plan.range
      LEFT JOIN inclusion_settled i ON i.sequence = plan.range
      LEFT JOIN beacons b ON b.beacon = coalesce(o.beacon, p.beacon, m.beacon)
    )
    SELECT
      sequence, phase_names.name AS phase, beacon_names.name AS beacon, node_names.name AS node,
      operation_names.name AS operation, operations, bytes,
      due_us, sent_us, held_us, answered_us,
      CASE WHEN answered_us IS NOT NULL OR outcome_code = ${outcomes.indexOf("cancelled")} THEN NULL
           ELSE greatest(due_us, least(coalesce(sent_us + ${sending.answerTimeoutMicros}, due_us), ${observedUntil})) END
        AS waited_until_us,
      included_us, irreversible_us,
      outcome_names.name AS outcome, reason_names.name AS reason, block, orphanings,
      (CASE
        WHEN block IS NOT NULL THEN 'included'
        WHEN orphanings > 0 THEN 'forked-out'
        WHEN outcome_code <> ${outcomes.indexOf("accepted")} THEN NULL
        WHEN base + CASE WHEN unlimited THEN end_s ELSE ceil(due_us / 1e6) END < ${lastBlockSeconds} THEN 'expired'
        ELSE 'lost'
      END)::ENUM ('included', 'expired', 'lost', 'forked-out') AS fate,
      phase_index, measured, unlimited, reported
    FROM joined
    LEFT JOIN phase_names ON phase_names.code = phase_index
    LEFT JOIN beacon_names ON beacon_names.code = joined.beacon
    LEFT JOIN node_names ON node_names.code = joined.node
    LEFT JOIN operation_names ON operation_names.code = operation_class
    LEFT JOIN outcome_names ON outcome_names.code = outcome_code
    LEFT JOIN reason_names ON reason_names.code = reason_code
`);
  await boundShedWaits(database, sending.shedAfterMicros, observedUntil);
  for (const table of ["prepared", "outcome", "inclusion"]) {
    await database.run(`DROP ${await kindOf(database, `${table}_settled`)} ${table}_settled`);
    await database.run(`DROP TABLE ${table}_rows`);
  }
}

/** Why a transaction of a beacon that stayed has no outcome. */
function reasonOfUnreported({ ending, t0WallMillis }: RunManifest): Reason {
  if (ending?.exitName === "stopped") return "stopped";
  // Without T0 no beacon was ever told to send.
  return t0WallMillis === null ? "aborted" : "beacon-lost";
}

/**
 * What was shed had waited its time, and would have gone out no sooner than the next transaction that its beacon did send
 * to the same node, because they wait in line: so much it would have waited at least. Where none followed, it is what
 * it had waited.
 */
async function boundShedWaits(database: LedgerDatabase, shedAfterMicros: number, until: string): Promise<void> {
  await database.run(`
    UPDATE ledger SET waited_until_us = bound.until_us
    FROM (
      SELECT shed.sequence,
             greatest(shed.due_us, coalesce(next.sent_us, least(shed.due_us + ${shedAfterMicros}, ${until}))) AS until_us
      FROM (SELECT * FROM ledger WHERE outcome = 'shed' AND due_us IS NOT NULL) shed
      ASOF LEFT JOIN (SELECT beacon, node, sequence, sent_us FROM ledger WHERE sent_us IS NOT NULL) next
        ON next.beacon = shed.beacon AND next.node = shed.node AND next.sequence >= shed.sequence
    ) bound
    WHERE ledger.sequence = bound.sequence`);
}

async function kindOf(database: LedgerDatabase, name: string): Promise<string> {
  const row = await database.row(
    `SELECT table_type FROM information_schema.tables WHERE table_name = ${sqlText(name)}`,
  );
  return row.table_type === "VIEW" ? "VIEW" : "TABLE";
}

async function observationEnd(database: LedgerDatabase, evidence: Evidence): Promise<number> {
  const drainEnd = evidence.manifest.ending?.drainEndedMicros;
  if (drainEnd != null) return Math.round(drainEnd);
  const row = await database.row(
    "SELECT coalesce(max(greatest(sent_us, answered_us, included_us)), 0) AS latest FROM ledger",
  );
  return Number(row.latest);
}
