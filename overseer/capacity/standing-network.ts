import type { ChainDriver } from "../../shared/chains/driver.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import type { Scenario } from "../../shared/scenario/scenario.ts";
import type { RunDeployment } from "../deploy/run-deployment.ts";
import { startNetwork } from "../run/embedded-network.ts";
import { consumingEntries, objectsNeeded } from "./objects-needed.ts";

/** The one network that all points of a search put under load. */
export interface StandingNetwork {
  /** Names the network by its endpoints, whoever started it. */
  readonly scenario: Scenario;
  readonly endpoints: readonly string[];
  readonly environment: Environment;
  /** Aborted with NETWORK_UNREACHABLE when it is gone. */
  readonly died: AbortSignal;
  stop(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Holds the keys that an embedded network was made with; in this process only. */
const keysVariable = "LOADSTONE_EMBEDDED_KEYS";

export interface StandOptions {
  readonly scenario: Scenario;
  readonly driver: ChainDriver;
  /** Where an embedded network's configuration and log are kept. */
  readonly folder: string;
  /** Where the scenario wants the network in a container; takes it down. */
  readonly deployment: RunDeployment | null;
  readonly environment: Environment;
  readonly signal: AbortSignal;
}

/** Starts the scenario's network where it is an embedded one, so that it outlives the single run. */
export async function standNetwork(options: StandOptions): Promise<StandingNetwork> {
  const { scenario, driver, environment } = options;
  const died = new AbortController();
  if (scenario.network.kind === "endpoints") {
    const { endpoints } = scenario.network;
    return { scenario, endpoints, environment, died: died.signal, stop: () => Promise.resolve() };
  }
  if (scenario.accounts.kind !== "embedded") throw new AppError("INTERNAL", "accounts of an embedded network are made");
  const { accounts, genesis } = driver.embeddedGenesis({
    seed: scenario.seed,
    accounts: scenario.accounts.count,
    balance: scenario.accounts.balance,
    workload: scenario.workload,
    poolNeeds: objectsNeeded(scenario, consumingEntries(scenario, driver)),
  });
  const { ready, exited, stop } = await startNetwork(scenario, genesis, options);
  void exited.then((how) => {
    died.abort(new AppError("NETWORK_UNREACHABLE", `the embedded network ${how}`));
  });
  const endpoints = ready.nodes.map((node) => node.url);
  const keys = Object.fromEntries(accounts.map(({ name, privateKey }) => [name, privateKey]));
  return {
    scenario: {
      ...scenario,
      network: { kind: "endpoints", endpoints, chainId: ready.chainId },
      accounts: {
        kind: "given",
        names: accounts.map(({ name }) => name),
        keys: { kind: "environment", variable: keysVariable },
      },
    },
    endpoints,
    environment: { ...environment, [keysVariable]: JSON.stringify(keys) },
    died: died.signal,
    stop: () => stop(5000),
  };
}
