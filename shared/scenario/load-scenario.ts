import { readFile } from "node:fs/promises";
import { chainNames, driverOf } from "../chains/registry.ts";
import { AppError, messageOf } from "../errors/app-error.ts";
import type { ChainCatalogues } from "./check-scenario.ts";
import { loadReplay } from "./load-replay.ts";
import { parseScenario } from "./parse-scenario.ts";
import type { Scenario } from "./scenario.ts";

export interface LoadedScenario {
  readonly path: string;
  /** As it stands in the file, for the run's evidence. */
  readonly text: string;
  readonly scenario: Scenario;
}

/** Every chain that there is a driver for. */
export const supportedChains: ChainCatalogues = {
  names: chainNames,
  catalogueOf: (chain) => (chainNames.includes(chain) ? driverOf(chain).operations : null),
  nodeProtocolsOf: (chain) => (chainNames.includes(chain) ? driverOf(chain).nodeProtocols : null),
  provisioningOf: (chain) => (chainNames.includes(chain) ? (driverOf(chain).provisioning ?? null) : null),
};

/** Throws AppError SCENARIO_UNREADABLE (no such file, no YAML) or SCENARIO_INVALID (with all problems). */
export async function loadScenario(path: string, chains: ChainCatalogues = supportedChains): Promise<LoadedScenario> {
  const text = await read(path);
  return { path, text, scenario: await readScenario(text, path, chains) };
}

/** A scenario of its text, with the capture that it replays, if it does. Throws as `loadScenario` does. */
export async function readScenario(text: string, path: string, chains: ChainCatalogues): Promise<Scenario> {
  return parseScenario(text, { path, chains, replay: await loadReplay(text, path, chains) });
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: "there is no such file",
      EISDIR: "it is a folder",
      EACCES: "it may not be read",
    };
    const reason = reasons[(cause as { code?: string }).code ?? ""] ?? messageOf(cause);
    throw new AppError("SCENARIO_UNREADABLE", `${path} cannot be read: ${reason}`, { cause });
  }
}
