import { setMaxListeners } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  AccountKey,
  ChainDriver,
  NetworkDescription,
  ResolvedChain,
  TransactionReference,
} from "../../../shared/chains/driver.ts";
import type { Survey } from "../../../shared/chains/provisioning.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import type { CreatedAccounts, Scenario } from "../../../shared/scenario/scenario.ts";
import { loadAccountKeys } from "../../run/account-keys.ts";
import { startEmbeddedNetwork } from "../../run/embedded-network.ts";
import { describeTarget } from "../../run/run-setting.ts";
import { surveyOnce } from "../../setup/conduct-setup.ts";
import { loadCreatedAccounts } from "../../setup/created-accounts.ts";

/** What a plan must know of a network to check lifetimes and blocks. */
export type PlanNetwork = Pick<
  NetworkDescription,
  | "blockIntervalMs"
  | "maximumBlockBytes"
  | "maximumTransactionBytes"
  | "maximumLifetimeSeconds"
  | "referenceWindowBlocks"
  | "headNumber"
  | "irreversibleNumber"
>;

export type SeenNetwork =
  | {
      readonly kind: "ready";
      readonly network: NetworkDescription;
      readonly resolved: ResolvedChain;
      readonly reference: TransactionReference;
      /** Of accounts that are made, which are there with all else; null for others. */
      readonly survey: Survey | null;
    }
  /** Accounts or what they need must be made first; until then nothing more can be said. */
  | { readonly kind: "missing"; readonly network: NetworkDescription; readonly survey: Survey };

export interface LookOptions {
  readonly scenario: Scenario;
  readonly driver: ChainDriver;
  readonly poolNeeds: readonly number[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

const describeTimeoutMs = 15_000;
const maximumHeadAgeMs = 60_000;

/**
 * Looks at the network that the run would use and sends nothing to it. An embedded one is started for a moment, so that
 * fees, funds and signing are those of the run; an existing one is only asked.
 */
export async function lookAtNetwork(given: LookOptions): Promise<SeenNetwork> {
  // Hundreds of calls may be under way at once, each listening for an abort: that is no leak.
  const signal = AbortSignal.any([given.signal]);
  setMaxListeners(0, signal);
  const options = { ...given, signal };
  const { scenario, environment } = options;
  if (scenario.network.kind === "embedded") return lookAtEmbedded(options);
  const { accounts } = scenario;
  if (accounts.kind === "created") return lookAtCreated(options, accounts);
  if (accounts.kind !== "given") throw new AppError("INTERNAL", "accounts of a real network must be given or made");
  const keys = await loadAccountKeys(accounts.names, accounts.keys, environment);
  return ask(options, scenario.network.endpoints, keys, scenario.network.chainId);
}

async function lookAtCreated(options: LookOptions, accounts: CreatedAccounts): Promise<SeenNetwork> {
  const { scenario, driver, environment, poolNeeds, signal } = options;
  const network = await describeTarget(scenario, driver, signal);
  const keys = await loadCreatedAccounts(accounts, { driver, environment, absentKeys: "make" });
  const request = { purpose: "make" as const, scenario, accounts, driver, network, keys, poolNeeds };
  const survey = await surveyOnce(request, signal);
  if (survey.stages.length > 0) return { kind: "missing", network, survey };
  const endpoints = network.nodes.map(({ endpoint }) => endpoint);
  return { ...(await ask(options, endpoints, keys.accounts, network.chainId)), survey };
}

async function lookAtEmbedded(options: LookOptions): Promise<SeenNetwork> {
  const { scenario, driver, poolNeeds, signal } = options;
  if (scenario.accounts.kind !== "embedded") throw new AppError("INTERNAL", "accounts of an embedded network are made");
  const { count, balance } = scenario.accounts;
  const { accounts, genesis } = driver.embeddedGenesis({
    seed: scenario.seed,
    accounts: count,
    balance,
    workload: scenario.workload,
    poolNeeds,
  });
  const folder = await mkdtemp(join(tmpdir(), "loadstone-plan-"));
  try {
    const { ready, stop } = await startEmbeddedNetwork(scenario, genesis, folder, signal);
    try {
      return await ask(
        options,
        ready.nodes.map((node) => node.url),
        accounts,
        ready.chainId,
      );
    } finally {
      await stop(2000);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function ask(
  { scenario, driver, signal }: LookOptions,
  endpoints: readonly string[],
  accounts: readonly AccountKey[],
  expectedChainId: string | null,
): Promise<Extract<SeenNetwork, { kind: "ready" }>> {
  const network = await driver.describe({
    endpoints,
    expectedChainId,
    timeoutMs: describeTimeoutMs,
    maximumHeadAgeMs,
    signal,
  });
  const endpoint = endpoints[0] as string;
  const resolved = await driver.resolve({ endpoint, network, accounts, workload: scenario.workload, signal });
  const reference = await driver.reference(endpoint, signal);
  return { kind: "ready", network, resolved, reference, survey: null };
}

/** What is known of the network from the scenario alone: nothing of an existing one. */
export function assumedNetwork({ network }: Scenario): PlanNetwork | null {
  if (network.kind === "endpoints") return null;
  const { settings, parameters } = network;
  return {
    blockIntervalMs: settings.blockIntervalMs as number,
    maximumBlockBytes: parameters.maximumBlockBytes as number,
    maximumTransactionBytes: parameters.maximumTransactionBytes as number,
    maximumLifetimeSeconds: parameters.maximumLifetimeSeconds as number,
    referenceWindowBlocks: 65_536,
    headNumber: 0,
    irreversibleNumber: 0,
  };
}
