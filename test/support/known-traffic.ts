import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AccountKey } from "../../shared/chains/driver.ts";
import { driverOf } from "../../shared/chains/registry.ts";
import type { TrafficBlock } from "../../shared/chains/traffic.ts";
import { devnetReadySchema } from "../../shared/devnet/config.ts";
import { exitCodes } from "../../shared/errors/exit-codes.ts";
import { readScenario, supportedChains } from "../../shared/scenario/load-scenario.ts";
import { planRun } from "../../shared/scenario/plan.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import { Program } from "./programs.ts";
import { writeScenario } from "./scenarios.ts";

/** A devnet that stands by itself, made for what a scenario sends, which it is given as a network of one's own. */
export interface StandingNetwork {
  readonly endpoint: string;
  readonly chainId: string;
  /** The given scenario on this network. */
  readonly scenario: Readonly<Record<string, unknown>>;
  readonly keys: string;
  stop(): Promise<void>;
}

const timeoutMs = 10_000;

/** `scenario` is written for an embedded network, whose accounts and objects to use up this one has. */
export async function startNetworkFor(
  folder: string,
  scenario: Readonly<Record<string, unknown>>,
  name: string,
): Promise<StandingNetwork> {
  const parsed = await readScenario(JSON.stringify(scenario), join(folder, name), supportedChains);
  const { chain, workload, seed, accounts: wanted } = parsed;
  if (wanted.kind !== "embedded") throw new Error("the scenario has accounts of its own");
  const { poolNeeds } = planRun(parsed, { nodeNames: ["node-1"], beaconNames: ["local-1"] });
  const { count, balance } = wanted;
  const { accounts, genesis } = driverOf(chain).embeddedGenesis({
    seed,
    accounts: count,
    balance,
    workload,
    poolNeeds,
  });
  const config = join(folder, `${name}.json`);
  await writeFile(config, JSON.stringify({ chain, ports: [0], genesis }));
  const devnet = new Program("devnet", ["--config", config, "--watch-stdin"]);
  const [line] = await devnet.says(/\{"event":"ready".*\}/);
  const { nodes, chainId } = devnetReadySchema.parse(JSON.parse(line));
  const endpoint = nodes[0]?.url as string;
  return {
    endpoint,
    chainId,
    scenario: { ...scenario, network: { endpoints: [endpoint], chainId }, accounts: givenAccounts(scenario, accounts) },
    keys: JSON.stringify(Object.fromEntries(accounts.map((account) => [account.name, account.privateKey]))),
    async stop() {
      devnet.signal("SIGTERM");
      await devnet.finished;
    },
  };
}

function givenAccounts(scenario: Readonly<Record<string, unknown>>, accounts: readonly AccountKey[]) {
  const { popularity } = scenario.accounts as { readonly popularity?: unknown };
  const names = accounts.map(({ name }) => name);
  return { names, keys: { env: "KEYS" }, ...(popularity === undefined ? {} : { popularity }) };
}

/** Runs the scenario there, whether or not the machine is fast enough for the schedule. Throws where it ends otherwise. */
export async function runOn(network: StandingNetwork, folder: string, reports: string, beacons = 1): Promise<void> {
  const path = await writeScenario(folder, network.scenario);
  const args = ["run", path, "--reports", join(folder, reports), "--beacons", String(beacons)];
  const program = new Program("overseer", args, { KEYS: network.keys });
  const { code, err } = await program.finished;
  if (code !== 0 && code !== exitCodes["generator-bound"]) throw new Error(`the run ended with ${code}: ${err}`);
}

/** The irreversible blocks from the first to the last with transactions, when those of the network are all in some. */
export async function blocksOf(network: StandingNetwork, chain: string, transactions: number): Promise<TrafficBlock[]> {
  const driver = driverOf(chain);
  const { endpoint } = network;
  const source = await driver.traffic?.open({ endpoint, timeoutMs });
  if (source === undefined) throw new Error(`traffic of ${chain} cannot be read`);
  const blocks: TrafficBlock[] = [];
  const look = async (): Promise<boolean> => {
    const described = await driver.describe({
      endpoints: [endpoint],
      expectedChainId: null,
      timeoutMs,
      maximumHeadAgeMs: Number.POSITIVE_INFINITY,
    });
    for (let number = blocks.length + 1; number <= described.irreversibleNumber; number++) {
      blocks.push((await source.fetchBlock(number)) as TrafficBlock);
    }
    return blocks.reduce((sum, block) => sum + block.transactions.length, 0) >= transactions;
  };
  try {
    await waitUntil(look, { timeoutMs: 60_000, everyMs: 200, onTimeout: () => new Error("blocks lack transactions") });
  } finally {
    await source.close();
  }
  const first = blocks.findIndex((block) => block.transactions.length > 0);
  const last = blocks.findLastIndex((block) => block.transactions.length > 0);
  return blocks.slice(first, last + 1);
}

/** Pearson's statistic, and the bound that chance exceeds once in some ten thousand times: its mean plus four sigmas. */
export function chiSquare(observed: readonly number[], weights: readonly number[]): { value: number; bound: number } {
  const total = observed.reduce((sum, count) => sum + count, 0);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const value = weights.reduce((sum, weight, i) => {
    const expected = (total * weight) / all;
    return sum + ((observed[i] ?? 0) - expected) ** 2 / expected;
  }, 0);
  const freedom = weights.length - 1;
  return { value, bound: freedom + 4 * Math.sqrt(2 * freedom) };
}
