import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import type { TrafficBlock } from "../shared/chains/traffic.ts";
import { exitCodes } from "../shared/errors/exit-codes.ts";
import { blocksOf, chiSquare, runOn, type StandingNetwork, startNetworkFor } from "./support/known-traffic.ts";
import { type Finished, Program, temporaryFolder } from "./support/programs.ts";
import { sentHoweverLate } from "./support/scenarios.ts";

/** What is sent, and so what has to be learned. */
const table = { 1: 70, 2: 20, 5: 10 };
const exponent = 1.1;
const accounts = 40;
const rate = 60;
const seconds = 40;
const cases = [
  {
    chain: "bitshares",
    balance: "2000000 BTS",
    blockIntervalMs: 1000,
    mix: {
      transfer: 50,
      "transfer-memo": { weight: 20, operation: "transfer", memo: "5..100" },
      limit_order_create: 20,
      custom: { weight: 10, bytes: 48 },
    },
    learnedBytes: ["custom", 48],
  },
  {
    chain: "antelope",
    balance: "2000000 EOS",
    blockIntervalMs: 500,
    mix: {
      transfer: 50,
      "transfer-memo": { weight: 20, operation: "transfer", memo: "5..100" },
      ram: { weight: 20, bytes: "100..200" },
      net: { weight: 10, bytes: 48 },
    },
    learnedBytes: ["net", 48],
  },
] as const;

interface Learned {
  readonly accounts: { readonly count: number; readonly popularity?: { readonly zipf: number } };
  readonly workload: {
    readonly operationsPerTransaction: { readonly table: Record<string, number> };
    readonly mix: Record<
      string,
      number | { readonly weight: number; readonly memo?: string; readonly bytes?: unknown }
    >;
  };
  readonly phases: readonly { readonly rate: string; readonly for: string; readonly arrivals?: string }[];
}

/** 1 for a Poisson process, within four standard deviations of it. */
function dispersionOf(counts: readonly number[]): { readonly index: number; readonly tolerance: number } {
  const freedom = counts.length - 1;
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const index = counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0) / freedom;
  return { index, tolerance: 4 * Math.sqrt(2 / freedom) };
}

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

describe.each(cases)("on $chain", ({ chain, balance, blockIntervalMs, mix, learnedBytes }) => {
  let network: StandingNetwork;
  let blocks: TrafficBlock[];
  let range: string;

  beforeAll(async () => {
    const scenario = {
      name: "known",
      question: "Is what is learned what was sent?",
      chain,
      network: { embedded: { nodes: 1 } },
      accounts: { count: accounts, balance, popularity: { zipf: exponent } },
      seed: 5,
      workload: { operationsPerTransaction: { table }, mix },
      phases: [{ name: "known", rate: `${rate} tx/s`, for: `${seconds}s`, arrivals: "poisson" }],
      drain: "20s",
      sending: sentHoweverLate,
    };
    network = await startNetworkFor(folder.path, scenario, `known-${chain}`);
    await runOn(network, folder.path, `reports-${chain}`);
    blocks = await blocksOf(network, chain, rate * seconds);
    range = `${blocks[0]?.number}..${blocks.at(-1)?.number}`;
  }, 180_000);

  afterAll(() => network?.stop());

  test("what is learned from a network is what was sent, within the error of sampling", async () => {
    const output = join(folder.path, `learned-${chain}.yaml`);
    const report = join(folder.path, `page-${chain}`);
    const args = ["--chain", chain, "--blocks", range, "--rate", "1000", "--output", output, "--report", report];
    const { code, out, err } = await overseer("learn", network.endpoint, ...args);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const learned = parse(await readFile(output, "utf8")) as Learned;

    const weightOf = (name: string): number => {
      const entry = learned.workload.mix[name] ?? 0;
      return typeof entry === "number" ? entry : entry.weight;
    };
    const names = Object.keys(mix);
    expect(Object.keys(learned.workload.mix).sort()).toEqual([...names].sort());
    const mixed = chiSquare(
      names.map(weightOf),
      Object.values(mix).map((entry) => (typeof entry === "number" ? entry : entry.weight)),
    );
    expect(mixed.value).toBeLessThan(mixed.bound);

    const counts = learned.workload.operationsPerTransaction.table;
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(rate * seconds);
    const sizes = chiSquare(
      Object.keys(table).map((size) => counts[size] ?? 0),
      Object.values(table),
    );
    expect(Object.keys(counts)).toEqual(Object.keys(table));
    expect(sizes.value).toBeLessThan(sizes.bound);

    const memo = learned.workload.mix["transfer-memo"] as { readonly memo: string };
    const [shortest = 0, longest = 0] = memo.memo.split("..").map(Number);
    // Of several hundred memos some are of the last few lengths; encrypted ones tell theirs to sixteen characters.
    expect(shortest).toBeGreaterThanOrEqual(1);
    expect(shortest).toBeLessThanOrEqual(8);
    expect(longest).toBeGreaterThanOrEqual(97);
    expect(longest).toBeLessThanOrEqual(107);
    const [name, bytes] = learnedBytes;
    expect(learned.workload.mix[name]).toMatchObject({ bytes });

    // Four standard errors of the maximum likelihood, which are 1 / √(n · the variance of ln k).
    const logs = Array.from({ length: accounts }, (_, i) => Math.log(i + 1));
    const mean = (of: (log: number) => number): number =>
      logs.reduce((sum, log) => sum + of(log) * Math.exp(-exponent * log), 0) /
      logs.reduce((sum, log) => sum + Math.exp(-exponent * log), 0);
    const variance = mean((log) => log * log) - mean((log) => log) ** 2;
    const bound = 4 / Math.sqrt(rate * seconds * variance);
    expect(Math.abs((learned.accounts.popularity?.zipf ?? 0) - exponent)).toBeLessThan(bound);
    expect(learned.accounts.count).toBe(accounts);

    expect(learned.phases).toHaveLength(1);
    // Slots without a block, which a machine that stalls leaves, are part of it.
    const spanMs = (blocks.at(-1)?.timestampMs ?? 0) - (blocks[0]?.timestampMs ?? 0) + blockIntervalMs;
    expect(learned.phases[0]).toMatchObject({ for: `${spanMs}ms`, arrivals: "poisson" });
    // A machine that stalls makes bursts of what was due by chance, so what did arrive decides what has to be said of it.
    const { index, tolerance } = dispersionOf(blocks.map((block) => block.transactions.length));
    expect(index).toBeGreaterThan(1 - tolerance);
    const told = tolerance < 1 ? "arrivals are Poisson" : "too few blocks to tell";
    expect(out).toContain(index <= 1 + tolerance ? told : "They come in bursts");
    expect((await stat(join(report, "report.html"))).size).toBeGreaterThan(10_000);
  }, 60_000);

  test("the scenario that is learned is valid, and runs", async () => {
    const output = join(folder.path, `short-${chain}.yaml`);
    const [first = 0] = range.split("..").map(Number);
    const few = `${first + 2}..${first + 7}`;
    expect(
      (await overseer("learn", network.endpoint, "--chain", chain, "--blocks", few, "--output", output)).code,
    ).toBe(0);
    expect(await overseer("validate", output)).toMatchObject({ code: 0 });
    const { code, err } = await overseer("run", output, "--reports", join(folder.path, `learned-reports-${chain}`));
    if (code === exitCodes["generator-bound"]) return;
    expect({ code, err }).toMatchObject({ code: 0 });
  }, 120_000);

  test("blocks that nobody can read, or that hold nothing, are refused with what is wrong", async () => {
    const ask = async (blocks: string, ...args: readonly string[]): Promise<string> => {
      const output = join(folder.path, "refused.yaml");
      const finished = await overseer(
        "learn",
        network.endpoint,
        "--chain",
        chain,
        "--blocks",
        blocks,
        "--output",
        output,
        ...args,
      );
      await expect(stat(output)).rejects.toMatchObject({ code: "ENOENT" });
      return `${finished.code} ${finished.err}`;
    };
    expect(await ask("20..10")).toMatch(/^2 [\s\S]*--blocks/);
    expect(await ask("1..99999999")).toMatch(/^2 [\s\S]*--blocks/);
    expect(await ask("100000000..100000010")).toMatch(/^2 [\s\S]*--blocks/);
    expect(await ask("2..3")).toMatch(/^104 /);
    expect(await ask("2..3", "--chain-id", "0".repeat(64))).toMatch(/^113 /);
    expect(await ask("2..3", "--rate", "0", "--in-flight", "1000")).toMatch(/^2 [\s\S]*--rate[\s\S]*--in-flight/);
  }, 60_000);
});

test("a node of another chain family is no node of this one", async () => {
  const network = await startNetworkFor(
    folder.path,
    {
      name: "other",
      question: "Is it told?",
      chain: "antelope",
      network: { embedded: { nodes: 1 } },
      accounts: { count: 2, balance: "1000 EOS" },
      workload: { mix: { transfer: 1 } },
      phases: [{ name: "one", rate: "1 tx/s", for: "1s" }],
    },
    "other",
  );
  try {
    const wrong = network.endpoint.replace("http", "ws");
    expect(await overseer("learn", wrong, "--chain", "bitshares", "--blocks", "1..2")).toMatchObject({
      code: 113,
      out: "",
    });
  } finally {
    await network.stop();
  }
}, 60_000);
