import type { Scenario } from "../../shared/scenario/scenario.ts";
import type { Teardown } from "../../shared/time/teardown.ts";
import type { EngineAddress } from "../deploy/engine-address.ts";
import { RunDeployment } from "../deploy/run-deployment.ts";
import type { RunProgress } from "./progress.ts";
import type { BeaconsRequest } from "./run-request.ts";

export interface DeploymentOptions {
  readonly engine: EngineAddress;
  readonly scenario: Scenario;
  readonly beacons: BeaconsRequest;
  /** Where what its programs said is kept. */
  readonly logs: string;
  readonly progress: Pick<RunProgress, "fact">;
  readonly signal: AbortSignal;
}

/** Null where nothing is to be in a container. What is made there is gone once `teardown` has run, however it ends. */
export async function openDeployment(options: DeploymentOptions, teardown: Teardown): Promise<RunDeployment | null> {
  const { engine, scenario, beacons, logs, progress, signal } = options;
  const { network } = scenario;
  const container = network.kind === "embedded" ? network.container : null;
  if (container === null && beacons.kind !== "deployed") return null;
  const ofSwarm = beacons.kind === "deployed" && beacons.wanted.mode === "swarm";
  // Towards an address outside of their network the beacons need a way out: without one engines give them no route.
  const dialOut = beacons.kind === "deployed" && beacons.listen !== null;
  const isolated = container !== null && container.publish === null && !ofSwarm && !dialOut;
  const tell = (text: string): void => progress.fact("Deploy", text);
  const deployment = await RunDeployment.open(engine, isolated, { signal, tell });
  progress.fact("Deploy", `as ${deployment.name}${isolated ? ", with no way out of its network" : ""}`);
  teardown.defer(`take ${deployment.name} down (see overseer deploy sweep)`, () => deployment.takeDown(logs));
  return deployment;
}
