import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { driverOf } from "../shared/chains/registry.ts";
import { type DevnetReady, devnetReadySchema } from "../shared/devnet/config.ts";
import { exitCodes } from "../shared/errors/exit-codes.ts";
import { loadScenario, supportedChains } from "../shared/scenario/load-scenario.ts";
import { planRun } from "../shared/scenario/plan.ts";
import { waitUntil } from "../shared/time/wait.ts";
import { Program, temporaryFolder } from "./support/programs.ts";
import { sentHoweverLate, shortScenario, writeScenario } from "./support/scenarios.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let devnet: Program;
let ready: DevnetReady;
let keys: Record<string, string>;

/** A network that stands by itself, with accounts whose keys the overseer is given: as a test network is used. */
beforeAll(async () => {
  folder = await temporaryFolder();
  const { scenario } = await loadScenario(await writeScenario(folder.path, shortScenario()), supportedChains);
  const { poolNeeds } = planRun(scenario, { nodeNames: ["node-1"], beaconNames: ["local-1"] });
  const { accounts, genesis } = driverOf("bitshares").embeddedGenesis({
    seed: 1,
    accounts: 20,
    balance: "1000000 BTS",
    workload: scenario.workload,
    // Orders to cancel for each of the three runs.
    poolNeeds: poolNeeds.map((need) => need * 3),
  });
  keys = Object.fromEntries(accounts.map(({ name, privateKey }) => [name, privateKey]));
  const config = join(folder.path, "devnet.json");
  await writeFile(config, JSON.stringify({ chain: "bitshares", ports: [0, 0], genesis }));
  devnet = new Program("devnet", ["--config", config, "--watch-stdin"]);
  const [line] = await devnet.says(/\{"event":"ready".*\}/);
  ready = devnetReadySchema.parse(JSON.parse(line));
}, 60_000);

afterAll(async () => {
  devnet.signal("SIGTERM");
  await devnet.finished;
  await folder.remove();
});

async function run(seed: number, beacons: number): Promise<void> {
  const path = await writeScenario(
    folder.path,
    shortScenario({
      seed,
      network: { endpoints: ready.nodes.map((node) => node.url), chainId: ready.chainId },
      accounts: { names: Object.keys(keys), keys: { env: "KEYS" } },
      phases: [{ name: "hold", rate: "100 tx/s", for: "2s" }],
      thresholds: {},
      sending: sentHoweverLate,
    }),
  );
  const program = new Program(
    "overseer",
    ["run", path, "--reports", join(folder.path, `reports-${seed}-${beacons}`), "--beacons", String(beacons)],
    { KEYS: JSON.stringify(keys) },
  );
  const { code, err } = await program.finished;
  // Whether this machine lets the beacons keep their schedule is not what is asked here.
  const passed = code === exitCodes.passed || code === exitCodes["generator-bound"];
  expect({ passed, code, err: passed ? "" : err }).toEqual({ passed: true, code, err: "" });
}

interface Block {
  readonly transactions: readonly { readonly operations: readonly [number, Record<string, unknown>][] }[];
}

/** All operations in blocks so far, without what depends on time or on the chain's state. */
async function operationsOnChain(): Promise<string[]> {
  const socket = new WebSocket(ready.nodes[0]?.url as string);
  await new Promise((resolve) => socket.once("open", resolve));
  let id = 0;
  const call = async <T>(method: string, args: unknown[]): Promise<T> => {
    socket.send(JSON.stringify({ id: ++id, method: "call", params: ["database", method, args] }));
    const data = await new Promise<Buffer>((resolve) => socket.once("message", resolve));
    return (JSON.parse(data.toString()) as { result: T }).result;
  };
  const { head_block_number: head } = await call<{ head_block_number: number }>("get_dynamic_global_properties", []);
  const operations: string[] = [];
  for (let number = 1; number <= head; number++) {
    const block = await call<Block>("get_block", [number]);
    for (const { operations: some } of block.transactions) {
      for (const [kind, fields] of some) {
        const { expiration: _, ...lasting } = fields;
        operations.push(JSON.stringify([kind, lasting]));
      }
    }
  }
  socket.close();
  return operations;
}

test("the same seed prepares the same transactions, for any number of beacons; another seed prepares others", async () => {
  const counts: number[] = [];
  const after = async (): Promise<string[]> => {
    const all = await operationsOnChain();
    const before = counts.reduce((sum, count) => sum + count, 0);
    counts.push(all.length - before);
    return all.slice(before).sort();
  };
  await after();
  await run(7, 2);
  const first = await after();
  await run(7, 3);
  const second = await after();
  await run(8, 2);
  const other = await after();
  expect(first.length).toBe(200);
  const transfersAndCreates = (list: string[]): string[] => list.filter((text) => !text.startsWith("[2,"));
  // Which orders are cancelled depends on those that are still open, and one that is filled meanwhile cannot be.
  expect(transfersAndCreates(second)).toEqual(transfersAndCreates(first));
  expect(transfersAndCreates(other)).not.toEqual(transfersAndCreates(first));
  await waitUntil(() => devnet.child.exitCode === null, {
    timeoutMs: 1000,
    onTimeout: () => new Error("devnet ended"),
  });
}, 120_000);
