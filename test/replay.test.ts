import { readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { stringify } from "yaml";
import type { RunSummary } from "../overseer/reporting/run-summary.ts";
import type { TrafficBlock, TrafficOperation } from "../shared/chains/traffic.ts";
import { blocksOf, runOn, startNetworkFor } from "./support/known-traffic.ts";
import { type Finished, onlyRun, Program, readJson, temporaryFolder } from "./support/programs.ts";
import { sentHoweverLate } from "./support/scenarios.ts";

const accounts = 30;
const rate = 40;
const seconds = 20;
/** Of the operations sent, one kind of each chain that a replay leaves out. */
const cases = [
  {
    chain: "bitshares",
    balance: "2000000 BTS",
    slotSeconds: 1,
    leftOut: "committee_member_create",
    mix: {
      transfer: 50,
      "transfer-memo": { weight: 20, operation: "transfer", memo: "5..100" },
      limit_order_create: 20,
      limit_order_cancel: 5,
      member: {
        weight: 5,
        operation: "committee_member_create",
        template: { committee_member_account: { $account: "sender" }, url: { $counter: "text" } },
      },
    },
  },
  {
    chain: "antelope",
    balance: "2000000 EOS",
    slotSeconds: 0.5,
    leftOut: "eosio.token::open",
    mix: {
      transfer: 50,
      "transfer-memo": { weight: 20, operation: "transfer", memo: "5..100" },
      ram: 20,
      net: { weight: 5, bytes: 48 },
      open: 5,
    },
  },
] as const;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
});

afterAll(async () => {
  await folder.remove();
});

function overseer(...args: readonly string[]): Promise<Finished> {
  return new Program("overseer", args).finished;
}

function operationsOf(blocks: readonly TrafficBlock[]): TrafficOperation[][] {
  return blocks.flatMap(({ transactions }) => transactions.map(({ operations }) => [...operations]));
}

/** What is replayed of transactions: kinds in their order and lengths of memos, without those that are left with nothing. */
function formsOf(blocks: readonly TrafficBlock[], leftOut: string): string[] {
  return operationsOf(blocks)
    .map((operations) => operations.filter(({ kind }) => kind !== leftOut))
    .filter((operations) => operations.length > 0)
    .map((operations) =>
      operations.map(({ kind, size }) => (kind.includes("memo") ? `${kind} ${size}` : kind)).join(", "),
    )
    .sort();
}

/** Everything about transactions but instants, which depend on when a run starts. */
function contentsOf(blocks: readonly TrafficBlock[]): string[] {
  const withoutTimes = (key: string, value: unknown): unknown => (key === "$time" ? 0 : value);
  return operationsOf(blocks)
    .map((operations) => JSON.stringify(operations, withoutTimes))
    .sort();
}

/** Operations of each sender, the busiest first. Whose orders are cancelled depends on the network. */
function sendersOf(blocks: readonly TrafficBlock[], leftOut: string): number[] {
  const counts = new Map<string, number>();
  for (const { kind, accounts: named } of operationsOf(blocks).flat()) {
    const [payer = ""] = named;
    if (kind !== leftOut && kind !== "limit_order_cancel") counts.set(payer, (counts.get(payer) ?? 0) + 1);
  }
  return [...counts.values()].sort((a, b) => b - a);
}

/** Transactions of which something is replayed, by the slot of their block. */
function keptBySlot(blocks: readonly TrafficBlock[], slotSeconds: number, leftOut: string): number[] {
  const firstMs = blocks[0]?.timestampMs ?? 0;
  return countsOf(
    blocks.flatMap(({ timestampMs, transactions }) =>
      transactions
        .filter(({ operations }) => operations.some(({ kind }) => kind !== leftOut))
        .map(() => Math.round((timestampMs - firstMs) / 1000 / slotSeconds)),
    ),
  );
}

/** How often each number from 0 on is there. */
function countsOf(slots: readonly number[]): number[] {
  const counts = Array.from({ length: Math.max(-1, ...slots) + 1 }, () => 0);
  for (const slot of slots) (counts[slot] as number)++;
  return counts;
}

/** When each transaction of a run was due, in seconds. */
async function dueSecondsOf(run: string): Promise<number[]> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  try {
    const reader = await connection.runAndReadAll(
      `SELECT due_us FROM '${join(run, "ledger.parquet")}' ORDER BY due_us`,
    );
    return reader.getRows().map(([due]) => Number(due) / 1e6);
  } finally {
    connection.closeSync();
  }
}

describe.each(cases)("on $chain", ({ chain, balance, slotSeconds, leftOut, mix }) => {
  const capture = `${chain}.capture.gz`;
  const common = {
    name: "shadow",
    question: "Is what is replayed what was captured?",
    chain,
    network: { embedded: { nodes: 1 } },
    accounts: { count: accounts, balance },
    seed: 9,
    drain: "20s",
    sending: sentHoweverLate,
  };
  let captured: TrafficBlock[];
  let replayed: TrafficBlock[];

  function replayScenario(replay: Record<string, unknown>): Record<string, unknown> {
    return { ...common, workload: { replay: { capture, ...replay } }, phases: [{ name: "shadow", replay: "rest" }] };
  }

  interface Replayed {
    readonly blocks: TrafficBlock[];
    readonly summary: RunSummary;
    readonly dueSeconds: readonly number[];
  }

  async function replay(pace: string, beacons: number): Promise<Replayed> {
    const name = `${chain}-${beacons}`;
    const network = await startNetworkFor(folder.path, replayScenario({ pace }), name);
    try {
      // Not 111: the accounting holds whether or not the machine was fast enough.
      await runOn(network, folder.path, name, beacons);
      const run = await onlyRun(join(folder.path, name));
      const summary = await readJson<RunSummary>(join(run, "run.json"));
      const blocks = await blocksOf(network, chain, summary.overall.counts.included);
      return { blocks, summary, dueSeconds: await dueSecondsOf(run) };
    } finally {
      await network.stop();
    }
  }

  beforeAll(async () => {
    const known = {
      ...common,
      name: "known",
      accounts: { ...common.accounts, popularity: { zipf: 1.1 } },
      workload: { operationsPerTransaction: { table: { 1: 70, 2: 20, 4: 10 } }, mix },
      phases: [{ name: "known", rate: `${rate} tx/s`, for: `${seconds}s`, arrivals: "poisson" }],
    };
    const network = await startNetworkFor(folder.path, known, `known-${chain}`);
    try {
      await runOn(network, folder.path, `known-${chain}`);
      captured = await blocksOf(network, chain, rate * seconds);
      const blocks = `${captured[0]?.number}..${captured.at(-1)?.number}`;
      const output = join(folder.path, capture);
      const args = ["--chain", chain, "--blocks", blocks, "--rate", "1000", "--output", output];
      expect(await overseer("capture", network.endpoint, ...args)).toMatchObject({ code: 0, err: "" });
    } finally {
      await network.stop();
    }
  }, 180_000);

  test("a replay has the captured kinds, lengths, senders and pace, and says what it left out", async () => {
    const { blocks, summary, dueSeconds } = await replay("original", 2);
    replayed = blocks;
    expect(formsOf(blocks, leftOut)).toEqual(formsOf(captured, leftOut));
    expect(sendersOf(blocks, leftOut)).toEqual(sendersOf(captured, leftOut));
    expect(
      operationsOf(blocks)
        .flat()
        .some(({ kind }) => kind === leftOut),
    ).toBe(false);
    const missing = operationsOf(captured)
      .flat()
      .filter(({ kind }) => kind === leftOut).length;
    expect(summary.replay?.leftOut).toMatchObject([{ kind: leftOut, operations: missing }]);
    expect(summary.verdicts.accounting.holds).toBe(true);

    // Those of a block are due in the slot before it.
    const inSlots = countsOf(dueSeconds.map((due) => Math.floor(due / slotSeconds)));
    expect(inSlots).toEqual(keptBySlot(captured, slotSeconds, leftOut));
  }, 180_000);

  test("at twice the pace it takes half as long, and the same transactions come from more beacons", async () => {
    const { blocks, summary, dueSeconds } = await replay("2 x", 3);
    expect(contentsOf(blocks)).toEqual(contentsOf(replayed));
    expect(summary.verdicts.accounting.holds).toBe(true);
    const inSlots = countsOf(dueSeconds.map((due) => Math.floor(due / (slotSeconds / 2))));
    expect(inSlots).toEqual(keptBySlot(captured, slotSeconds, leftOut));
  }, 180_000);

  test("the plan says what is left out and how many accounts share one; only wanted kinds are replayed", async () => {
    const path = join(folder.path, `plan-${chain}.yaml`);
    const wanted = { ...replayScenario({ kinds: ["transfer"] }), accounts: { count: 7, balance } };
    await writeFile(path, stringify(wanted));
    const { code, out } = await overseer("plan", path, "--json");
    expect(code).toBe(0);
    const { replay: source, summary } = JSON.parse(out) as {
      replay: RunSummary["replay"];
      summary: { byOperation: unknown };
    };
    const transfers = operationsOf(captured)
      .flat()
      .filter(({ kind }) => kind === "transfer").length;
    expect(summary.byOperation).toEqual([{ name: "transfer", count: transfers }]);
    expect(source).toMatchObject({ accounts, runAccounts: 7, operations: { replayed: transfers } });
    expect(source?.leftOut.map(({ kind }) => kind)).toEqual(expect.arrayContaining([leftOut, "transfer with memo"]));
  }, 60_000);

  test("captures that are cut off, of another chain or without what is wanted are refused before anything starts", async () => {
    const path = join(folder.path, `refused-${chain}.yaml`);
    const problemsOf = async (scenario: Record<string, unknown>): Promise<string[]> => {
      await writeFile(path, stringify(scenario));
      const { code, out } = await overseer("validate", path, "--json");
      expect(code).toBe(104);
      const [{ problems }] = JSON.parse(out) as [{ problems: { path: string }[] }];
      return problems.map((problem) => problem.path);
    };
    const whole = await readFile(join(folder.path, capture));
    await writeFile(join(folder.path, "cut.gz"), whole);
    await truncate(join(folder.path, "cut.gz"), Math.floor(whole.length / 2));
    expect(await problemsOf(replayScenario({ capture: "cut.gz" }))).toEqual(["workload.replay.capture"]);
    expect(await problemsOf(replayScenario({ capture: "absent.gz" }))).toEqual(["workload.replay.capture"]);
    expect(await problemsOf(replayScenario({ kinds: ["transfr"] }))).toEqual(["workload.replay.kinds[0]"]);
    const other = chain === "bitshares" ? "antelope" : "bitshares";
    expect(await problemsOf({ ...replayScenario({}), chain: other })).toEqual(["workload.replay.capture"]);
    expect(
      await problemsOf({
        ...replayScenario({ pace: "fast" }),
        accounts: { ...common.accounts, popularity: { zipf: 1 } },
      }),
    ).toEqual(["accounts.popularity", "workload.replay.pace"]);
    expect(await problemsOf({ ...replayScenario({}), phases: [{ name: "long", replay: "1h" }] })).toEqual([
      "phases[0].replay",
    ]);
    const mixed = { ...common, workload: { mix: { transfer: 1 } }, phases: [{ name: "one", replay: "rest" }] };
    expect(await problemsOf(mixed)).toEqual(["phases[0].replay"]);
  }, 60_000);
});
