import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { readManifest } from "../overseer/ledger/read-evidence.ts";
import type { RunSummary } from "../overseer/reporting/run-summary.ts";
import { writeCapture } from "../overseer/traffic/write-capture.ts";
import type { TrafficBlock, TrafficOperation } from "../shared/chains/traffic.ts";
import { exitCodes } from "../shared/errors/exit-codes.ts";
import { blocksOf, type StandingNetwork, startNetworkFor } from "./support/known-traffic.ts";
import { broadcastingFor, onlyRun, Program, processesWith, readJson, temporaryFolder } from "./support/programs.ts";
import { sentHoweverLate, writeScenario } from "./support/scenarios.ts";

const chain = "antelope";
const blockIntervalMs = 500;
const blocks = 30;
const transactionsPerBlock = 8;
const planned = blocks * transactionsPerBlock;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let network: StandingNetwork | null = null;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  // Of a test that failed.
  for (const pid of await processesWith(folder.path)) process.kill(pid, "SIGKILL");
  await network?.stop();
  network = null;
  await folder.remove();
});

/** A transaction is known by the lengths of its memos: one, or two in every fifth. */
function operationsOf(number: number): TrafficOperation[] {
  const sender = `user${number % 7}`;
  const transfer = (size: number): TrafficOperation => ({
    ...{ kind: "transfer with memo", accounts: [sender, `user${(number % 5) + 7}`], size, fields: {} },
  });
  const first = transfer(1 + number);
  return number % 5 === 0 ? [first, transfer(1 + (number % 200))] : [first];
}

async function* captured(): AsyncGenerator<TrafficBlock> {
  await Promise.resolve();
  for (let i = 0; i < blocks; i++) {
    const transactions = Array.from({ length: transactionsPerBlock }, (_, k) => ({
      operations: operationsOf(i * transactionsPerBlock + k),
    }));
    yield { number: 100 + i, timestampMs: i * blockIntervalMs, transactions };
  }
}

function formOf(operations: readonly TrafficOperation[]): string {
  return operations.map(({ kind, size }) => `${kind} ${size}`).join(", ");
}

interface Row {
  readonly sequence: number;
  readonly beacon: string;
  readonly outcome: string;
  readonly isIncluded: boolean;
}

async function rowsOf(run: string): Promise<Row[]> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  try {
    const reader = await connection.runAndReadAll(
      `SELECT sequence, beacon, outcome, included_us IS NOT NULL FROM '${join(run, "ledger.parquet")}' ORDER BY sequence`,
    );
    return reader.getRows().map(([sequence, beacon, outcome, isIncluded]) => ({
      ...{
        sequence: Number(sequence),
        beacon: String(beacon),
        outcome: String(outcome),
        isIncluded: isIncluded === true,
      },
    }));
  } finally {
    connection.closeSync();
  }
}

async function killBeacon(name: string): Promise<void> {
  const ours = await processesWith(folder.path);
  const pid = (await processesWith(join("spool", name))).find((candidate) => ours.includes(candidate));
  process.kill(pid as number, "SIGKILL");
}

test("a replay in windows that loses a beacon sends what was captured, each transaction once", async () => {
  await writeCapture(captured(), {
    ...{ path: join(folder.path, "known.capture.gz"), withNames: false, range: { first: 100, last: 99 + blocks } },
    network: { chain, chainId: "0".repeat(64), blockIntervalMs },
  });
  const scenario = {
    name: "shadow",
    question: "Is what is replayed what was captured, whatever becomes of a beacon?",
    chain,
    network: { embedded: { nodes: 1 } },
    accounts: { count: 9, balance: "100000 EOS" },
    seed: 3,
    beacons: { count: 3, signingWindow: "10s", lease: "4s" },
    onBeaconLost: "redistribute",
    workload: { replay: { capture: "known.capture.gz" } },
    phases: [{ name: "shadow", replay: "rest" }],
    drain: "20s",
    sending: sentHoweverLate,
  };
  network = await startNetworkFor(folder.path, scenario, "network");
  const path = await writeScenario(folder.path, network.scenario);
  const reports = join(folder.path, "reports");
  const program = new Program("overseer", ["run", path, "--reports", reports, "--json"], { KEYS: network.keys });
  await program.says(broadcastingFor(2));
  await killBeacon("local-2");
  const { code } = await program.finished;
  // How late a beacon was is the machine's matter.
  expect([exitCodes.passed, exitCodes["generator-bound"]]).toContain(code);

  const run = await onlyRun(reports);
  const { overall, verdicts } = await readJson<RunSummary>(join(run, "run.json"));
  const { counts } = overall;
  expect(verdicts.accounting.lines.filter((line) => !line.holds)).toEqual([]);
  expect(counts.planned).toBe(planned);
  expect(counts.sent + counts.shed + counts.cancelled).toBe(planned);
  const { windows, takeovers } = await readManifest(run);
  expect(windows?.map(({ armed }) => armed)).toEqual([true, true]);
  expect(takeovers?.some(({ armed, transactions }) => armed && transactions > 0)).toBe(true);

  const rows = await rowsOf(run);
  expect(rows.map(({ sequence }) => sequence)).toEqual(Array.from({ length: planned }, (_, i) => i));
  const cancelled = rows.filter(({ outcome }) => outcome === "cancelled");
  expect(cancelled.filter(({ beacon }) => beacon !== "local-2")).toEqual([]);
  const included = rows.filter(({ isIncluded }) => isIncluded);
  expect(included.length).toBe(counts.included);
  const sent = await blocksOf(network, chain, counts.included);
  const forms = sent.flatMap(({ transactions }) => transactions.map(({ operations }) => formOf(operations)));
  expect(forms.sort()).toEqual(included.map(({ sequence }) => formOf(operationsOf(sequence))).sort());
}, 150_000);
