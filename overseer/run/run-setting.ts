import type {
  AccountKey,
  ChainDriver,
  CostEstimate,
  NetworkDescription,
  ResolvedChain,
} from "../../shared/chains/driver.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import type { PlanSummary } from "../../shared/scenario/plan-summary.ts";
import type { Scenario } from "../../shared/scenario/scenario.ts";
import type { Teardown } from "../../shared/time/teardown.ts";
import type { RunDeployment } from "../deploy/run-deployment.ts";
import { conductSetup } from "../setup/conduct-setup.ts";
import { loadCreatedAccounts } from "../setup/created-accounts.ts";
import { loadAccountKeys } from "./account-keys.ts";
import { type EmbeddedNetwork, startNetwork } from "./embedded-network.ts";
import { findMeans } from "./find-means.ts";
import { refuseMainNetwork } from "./main-network-guard.ts";
import type { RunProgress } from "./progress.ts";

/** Where a run takes place: everything about the network and the accounts that is known before beacons come in. */
export interface RunSetting {
  readonly network: NetworkDescription;
  readonly resolved: ResolvedChain;
  readonly cost: CostEstimate;
  readonly embedded: EmbeddedNetwork | null;
}

export interface SettingOptions {
  readonly scenario: Scenario;
  readonly driver: ChainDriver;
  readonly plan: PlanSummary;
  /** For each mix entry, how many objects it will consume at most. */
  readonly poolNeeds: readonly number[];
  readonly allowedMainNetwork: string | null;
  readonly folder: string;
  /** Where the network is to be in a container. */
  readonly deployment: RunDeployment | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Where accounts are made: beside this file it is noted what is under way. */
  readonly scenarioPath: string;
  /** First and second Ctrl-C: what was sent of a setup is waited for after the first. */
  readonly stop: AbortSignal;
  readonly kill: AbortSignal;
}

const describeTimeoutMs = 15_000;
/** A node that is in sync has a head of a few block intervals; more is a node that is catching up or cut off. */
const maximumHeadAgeMs = 60_000;

/** Starts or finds the network, and finds the accounts with what they need. Throws before anything is sent. */
export async function createSetting(
  options: SettingOptions,
  progress: RunProgress,
  teardown: Teardown,
): Promise<RunSetting> {
  const { scenario, driver, signal } = options;
  const { endpoints, embedded, made } = await findNetwork(options, teardown);
  const network = await driver.describe({
    endpoints,
    expectedChainId:
      embedded?.ready.chainId ?? (scenario.network.kind === "endpoints" ? scenario.network.chainId : null),
    timeoutMs: describeTimeoutMs,
    maximumHeadAgeMs,
    signal,
  });
  refuseMainNetwork(driver, network.chainId, scenario, options.allowedMainNetwork);
  progress.fact(
    "Network",
    networkFact(network, embedded === null ? "existing" : embedded.pid === null ? "container" : "process"),
  );
  const accounts = made ?? (await findAccounts(options, network, progress));
  const { resolved, cost } = await findMeans({ ...options, network, accounts });
  progress.fact("Accounts", `${resolved.accounts.length} found, keys checked, funds for the whole run`);
  return { network, resolved, cost, embedded };
}

/** The network that a scenario names by its endpoints. Throws as the driver's `describe` does. */
export function describeTarget(
  scenario: Scenario,
  driver: ChainDriver,
  signal: AbortSignal,
): Promise<NetworkDescription> {
  if (scenario.network.kind !== "endpoints") throw new AppError("INTERNAL", "the network is not there yet");
  const { endpoints, chainId: expectedChainId } = scenario.network;
  return driver.describe({ endpoints, expectedChainId, timeoutMs: describeTimeoutMs, maximumHeadAgeMs, signal });
}

async function findNetwork(
  options: SettingOptions,
  teardown: Teardown,
): Promise<{
  endpoints: readonly string[];
  embedded: EmbeddedNetwork | null;
  /** Accounts of an embedded network. */
  made: readonly AccountKey[] | null;
}> {
  const { scenario, driver, signal } = options;
  if (scenario.network.kind === "endpoints") {
    return { endpoints: scenario.network.endpoints, embedded: null, made: null };
  }
  if (scenario.accounts.kind !== "embedded") throw new AppError("INTERNAL", "accounts of an embedded network are made");
  const { accounts, genesis } = driver.embeddedGenesis({
    seed: scenario.seed,
    accounts: scenario.accounts.count,
    balance: scenario.accounts.balance,
    workload: scenario.workload,
    poolNeeds: options.poolNeeds,
  });
  const { deployment, folder } = options;
  const embedded = await startNetwork(scenario, genesis, { folder, deployment, signal });
  teardown.defer("stop the embedded network", () => embedded.stop(5000));
  return { endpoints: embedded.ready.nodes.map((node) => node.url), embedded, made: accounts };
}

/** On a network that is there: given ones, or such as are made now where they are not there yet. */
async function findAccounts(
  { scenario, scenarioPath, driver, environment, poolNeeds, stop, kill }: SettingOptions,
  network: NetworkDescription,
  progress: RunProgress,
): Promise<readonly AccountKey[]> {
  const { accounts } = scenario;
  if (accounts.kind === "given") return loadAccountKeys(accounts.names, accounts.keys, environment);
  if (accounts.kind === "embedded") throw new AppError("INTERNAL", "accounts of a real network must be given or made");
  const keys = await loadCreatedAccounts(accounts, { driver, environment, absentKeys: "make" });
  await conductSetup(
    { purpose: "make", ...{ scenario, scenarioPath, accounts, driver, network, keys, poolNeeds, stop, kill } },
    progress,
  );
  return keys.accounts;
}

export function networkFact(network: NetworkDescription, where: "existing" | "process" | "container"): string {
  const { nodes, blockIntervalMs, chainId, headNumber } = network;
  const count = `${nodes.length} ${nodes.length === 1 ? "node" : "nodes"}`;
  const prefix = { existing: "", process: "embedded ", container: "in a container: " }[where];
  const id = `${chainId.slice(0, 4)}…${chainId.slice(-4)}`;
  return `${prefix}${network.chain}, ${count}, block every ${blockIntervalMs / 1000} s, chain ${id}, head #${headNumber}`;
}
