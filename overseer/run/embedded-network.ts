import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type DevnetReady, devnetConfigSchema, devnetReadySchema } from "../../shared/devnet/config.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import type { Scenario } from "../../shared/scenario/scenario.ts";
import { withDeadline } from "../../shared/time/wait.ts";
import { Child, entryOf } from "../process/child.ts";

export interface EmbeddedNetwork {
  readonly child: Child;
  readonly ready: DevnetReady;
}

/** A devnet with thousands of accounts is up in a few seconds; on a busy machine it may take several times that. */
const readyTimeoutMs = 60_000;

/** Starts the devnet that the scenario describes. Its configuration is kept in `folder` as evidence: it has no keys. */
export async function startEmbeddedNetwork(
  scenario: Scenario,
  genesis: unknown,
  folder: string,
  signal: AbortSignal,
): Promise<EmbeddedNetwork> {
  const network = scenario.network;
  if (network.kind !== "embedded") throw new AppError("INTERNAL", "the scenario's network is not embedded");
  const config = {
    chain: scenario.chain,
    seed: scenario.seed,
    ports: new Array<number>(network.allNodes).fill(0),
    topology: network.topology,
    ...network.settings,
    parameters: network.parameters,
    genesis,
    nodes: network.nodeBehaviours,
    network: network.networkBehaviour,
  };
  const path = join(folder, "devnet.json");
  await writeFile(path, JSON.stringify(devnetConfigSchema.parse(config)));
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
    return { child, ready: started };
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
