import { RunDeployment } from "../deploy/run-deployment.ts";
import { evidencePaths } from "../ledger/evidence-files.ts";
import type { RunContext } from "./run-context.ts";

/** Null where nothing of the run is in a container. What is made there is gone when the run has ended, however it does. */
export async function openDeployment(context: RunContext): Promise<RunDeployment | null> {
  const { request, scenario, progress, teardown, beforeStart: signal } = context;
  const { network } = scenario;
  const container = network.kind === "embedded" ? network.container : null;
  const { beacons } = request;
  if (container === null && beacons.kind !== "deployed") return null;
  const ofSwarm = beacons.kind === "deployed" && beacons.wanted.mode === "swarm";
  // Towards an address outside of their network the beacons need a way out: without one engines give them no route.
  const dialOut = beacons.kind === "deployed" && beacons.listen !== null;
  const isolated = container !== null && container.publish === null && !ofSwarm && !dialOut;
  const tell = (text: string): void => progress.fact("Deploy", text);
  const deployment = await RunDeployment.open(request.engine, isolated, { signal, tell });
  progress.fact("Deploy", `as ${deployment.name}${isolated ? ", with no way out of its network" : ""}`);
  const { folder } = evidencePaths(request.runFolder);
  teardown.defer(`take ${deployment.name} down (see overseer deploy sweep)`, () => deployment.takeDown(folder));
  return deployment;
}
