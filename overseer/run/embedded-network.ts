import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type DevnetConfig,
  type DevnetReady,
  devnetConfigSchema,
  devnetReadySchema,
} from "../../shared/devnet/config.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import type { Scenario } from "../../shared/scenario/scenario.ts";
import { withDeadline } from "../../shared/time/wait.ts";
import { firstNodePort, type RunDeployment } from "../deploy/run-deployment.ts";
import { Child, entryOf } from "../process/child.ts";

export interface EmbeddedNetwork {
  readonly ready: DevnetReady;
  /** Of its process on this machine; null where it is in a container. */
  readonly pid: number | null;
  /** How it ended, once it has. */
  readonly exited: Promise<string>;
  stop(graceMs: number): Promise<void>;
  kill(): void;
}

/** A devnet with thousands of accounts is up in a few seconds; on a busy machine it may take several times that. */
const readyTimeoutMs = 60_000;

export interface NetworkPlace {
  /** Where its configuration, which has no keys, and its log are kept. */
  readonly folder: string;
  /** Where the scenario wants it in a container. */
  readonly deployment: RunDeployment | null;
  readonly signal: AbortSignal;
}

/** Starts the devnet that the scenario describes, in a process or a container. Throws NETWORK_UNREACHABLE. */
export async function startNetwork(
  scenario: Scenario,
  genesis: unknown,
  { folder, deployment, signal }: NetworkPlace,
): Promise<EmbeddedNetwork> {
  const inContainer = scenario.network.kind === "embedded" && scenario.network.container !== null;
  return inContainer && deployment !== null
    ? startContainerNetwork(scenario, genesis, folder, deployment)
    : startEmbeddedNetwork(scenario, genesis, folder, signal);
}

/** In a container of a deployment, which takes it down. */
async function startContainerNetwork(
  scenario: Scenario,
  genesis: unknown,
  folder: string,
  deployment: RunDeployment,
): Promise<EmbeddedNetwork> {
  const { network, beacons } = scenario;
  if (network.kind !== "embedded" || network.container === null) {
    throw new AppError("INTERNAL", "the scenario's network is not in a container");
  }
  const config = embeddedConfig(scenario, genesis, { firstPort: firstNodePort });
  await keepConfig(config, folder);
  // Tasks of a swarm are in no network of this run: they come by way of the engine's machine.
  const reached = beacons.deploy?.mode === "swarm" ? () => deployment.gatewayAddress("swarm") : () => null;
  const publish = network.container.publish ?? (await reached());
  const { ready, exited } = await deployment.startNetwork(config, { ...network.container, publish });
  return { ready, pid: null, exited, stop: () => Promise.resolve(), kill: () => undefined };
}

function embeddedConfig(
  { chain, seed, network }: Scenario,
  genesis: unknown,
  { firstPort }: { readonly firstPort: number },
): DevnetConfig {
  if (network.kind !== "embedded") throw new AppError("INTERNAL", "the scenario's network is not embedded");
  return devnetConfigSchema.parse({
    chain,
    seed,
    ports: Array.from({ length: network.allNodes }, (_, i) => (firstPort === 0 ? 0 : firstPort + i)),
    topology: network.topology,
    ...network.settings,
    parameters: network.parameters,
    genesis,
    nodes: network.nodeBehaviours,
    network: network.networkBehaviour,
  });
}

/** As evidence: it has no keys. */
async function keepConfig(config: DevnetConfig, folder: string): Promise<string> {
  const path = join(folder, "devnet.json");
  await writeFile(path, JSON.stringify(config));
  return path;
}

/** In a process of this machine. */
export async function startEmbeddedNetwork(
  scenario: Scenario,
  genesis: unknown,
  folder: string,
  signal: AbortSignal,
): Promise<EmbeddedNetwork> {
  const config = embeddedConfig(scenario, genesis, { firstPort: 0 });
  const path = await keepConfig(config, folder);
  let onReady: (ready: DevnetReady) => void = () => undefined;
  const ready = new Promise<DevnetReady>((resolve) => {
    onReady = resolve;
  });
  const child = new Child(
    {
      name: "devnet",
      module: entryOf("devnet"),
      args: ["--config", path, "--watch-stdin"],
      logFile: join(folder, "devnet.log"),
    },
    (line) => {
      const message = parseReady(line);
      if (message !== null) onReady(message);
    },
  );
  const died = child.exited.then((): never => {
    throw new AppError("NETWORK_UNREACHABLE", `the embedded network did not start: it ${child.describeExit()}`);
  });
  try {
    const started = await withDeadline(Promise.race([ready, died]), {
      timeoutMs: readyTimeoutMs,
      signal,
      onTimeout: () =>
        new AppError("NETWORK_UNREACHABLE", `the embedded network was not ready within ${readyTimeoutMs / 1000} s`),
    });
    died.catch(() => undefined);
    return {
      ready: started,
      pid: child.pid ?? null,
      exited: child.exited.then(() => child.describeExit()),
      stop: (graceMs) => child.stop(graceMs),
      kill: () => child.kill(),
    };
  } catch (error) {
    died.catch(() => undefined);
    await child.stop(1000);
    throw error;
  }
}

function parseReady(line: string): DevnetReady | null {
  try {
    const parsed = devnetReadySchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
