import { expect, test } from "@jest/globals";
import { stringify } from "yaml";
import { isAppError } from "../errors/app-error.ts";
import { supportedChains } from "./load-scenario.ts";
import { parseScenario } from "./parse-scenario.ts";
import type { Scenario } from "./scenario.ts";

function parse(changes: Record<string, unknown>): Scenario {
  const written = {
    name: "deployed",
    question: "Is it?",
    chain: "bitshares",
    network: { docker: {} },
    accounts: { count: 10, balance: "100 BTS" },
    workload: { mix: { transfer: 1 } },
    phases: [{ name: "hold", rate: "1 tx/s", for: "1s" }],
    ...changes,
  };
  return parseScenario(stringify(written), { path: "deployed.yaml", chains: supportedChains });
}

function problemsOf(changes: Record<string, unknown>): string[] {
  try {
    parse(changes);
    return [];
  } catch (error) {
    if (!isAppError(error)) throw error;
    return error.problems.map(({ path, expected }) => `${path}: ${expected}`);
  }
}

test("a network in a container is an embedded one with limits and an image", () => {
  const docker = { nodes: 2, blockInterval: "2s", memory: "512 MiB", cpus: 1.5, publish: "10.0.0.5" };
  const { network } = parse({ network: { docker } });
  expect(network).toMatchObject({
    kind: "embedded",
    nodes: 2,
    settings: { blockIntervalMs: 2000 },
    container: { image: null, cpus: 1.5, memoryBytes: 512 * 1024 * 1024, publish: "10.0.0.5" },
  });
  expect(parse({ network: { embedded: {} } }).network).toMatchObject({ container: null });
});

test("beacons are deployed where the scenario says, in a word or with limits", () => {
  const none = { image: null, cpus: null, memoryBytes: null };
  expect(parse({}).beacons.deploy).toBeNull();
  expect(parse({ beacons: { deploy: "swarm" } }).beacons.deploy).toEqual({ mode: "swarm", ...none });
  const limited = { mode: "containers", memory: "1 MiB" };
  expect(parse({ beacons: { deploy: limited } }).beacons.deploy).toEqual({
    ...none,
    mode: "containers",
    memoryBytes: 1_048_576,
  });
});

test("mistakes are told of at their places", () => {
  const problems = problemsOf({
    network: { docker: { nodes: 2, blockInterval: "100ms", producers: 3, publish: "somewhere", cpus: 0 } },
    beacons: { count: 2, deploy: "cluster" },
  });
  for (const path of ["network.docker.publish", "network.docker.cpus", "beacons.deploy"]) {
    expect(problems).toEqual(expect.arrayContaining([expect.stringContaining(path)]));
  }
  expect(problemsOf({ network: { docker: { producers: 3 } } })).toEqual([
    expect.stringContaining("network.docker.producers"),
  ]);
  const shares = [{ where: { region: "eu" }, weight: 1 }];
  expect(problemsOf({ beacons: { count: 2, deploy: "swarm", shares } })).toEqual([
    expect.stringContaining("does not go together with deploy: swarm"),
  ]);
  expect(problemsOf({ accounts: { names: ["a"], keys: { env: "KEYS" } } })).toHaveLength(1);
});
