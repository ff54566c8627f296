import type Docker from "dockerode";
import { AppError } from "../../shared/errors/app-error.ts";
import { Teardown } from "../../shared/time/teardown.ts";
import { ensureDevnet, reconcileBeacons } from "./containers.ts";
import type { DeployContext } from "./deployer.ts";
import type { BeaconsPart, Deployment } from "./deployment.ts";
import { asking, removingOnceFree } from "./engine.ts";
import { labelFilter, labelsOf, resourceName } from "./labels.ts";
import { ensureNodes } from "./nodes/node-containers.ts";
import { ensureDevnetService, reconcileBeaconService, requireSwarm } from "./swarm.ts";

/**
 * Makes what the deployment lacks and removes what it has too many of: doing it twice changes nothing. What this call
 * has made is gone again when it fails or is stopped. `stays`: whether it is to outlive the process that makes it.
 */
export async function deploy(
  engine: Docker,
  deployment: Deployment,
  context: DeployContext,
  stays: boolean,
): Promise<void> {
  const undo = new Teardown();
  try {
    if (deployment.mode === "swarm") await deployServices(engine, deployment, context, undo);
    else await deployContainers(engine, deployment, context, undo);
    context.signal.throwIfAborted();
    if (stays) await markComplete(engine, deployment.name);
  } catch (error) {
    const leftovers = await undo.run();
    if (leftovers.length > 0) {
      context.tell(`warning: could not remove ${leftovers.join("; ")}; try: overseer deploy down ${deployment.name}`);
    }
    throw error;
  }
}

/** The deployment with another number of beacons. Throws USAGE where it has none. */
export function withBeacons(deployment: Deployment, count: number): Deployment & { readonly beacons: BeaconsPart } {
  if (deployment.beacons === null) throw new AppError("USAGE", `deployment ${deployment.name} has no beacons to scale`);
  return { ...deployment, beacons: { ...deployment.beacons, count } };
}

export function markerName(deployment: string): string {
  return resourceName(deployment, "complete");
}

async function deployContainers(
  engine: Docker,
  deployment: Deployment,
  context: DeployContext,
  undo: Teardown,
): Promise<void> {
  const network = await ensureNetwork(engine, deployment, "bridge", undo);
  const { beacons, network: part } = deployment;
  if (part?.kind === "devnet") await ensureDevnet(engine, { deployment, part, network }, context, undo);
  if (part?.kind === "nodes") await ensureNodes(engine, { deployment: deployment.name, part, network }, context, undo);
  if (beacons !== null) await reconcileBeacons(engine, { deployment, beacons, network }, context, undo);
}

async function deployServices(
  engine: Docker,
  deployment: Deployment,
  context: DeployContext,
  undo: Teardown,
): Promise<void> {
  await requireSwarm(engine);
  const { beacons, network: part } = deployment;
  // Beacons alone dial out: a network over all machines would be one more thing between them and their targets.
  const needed = part !== null || deployment.join !== null || deployment.isolated;
  const network = needed ? await ensureNetwork(engine, deployment, "overlay", undo) : null;
  if (part?.kind === "devnet" && network !== null) {
    await ensureDevnetService(engine, { deployment, part, network }, context, undo);
  }
  if (beacons !== null) await reconcileBeaconService(engine, { deployment, beacons, network }, context, undo);
}

async function ensureNetwork(
  engine: Docker,
  { name, join, isolated }: Deployment,
  driver: "bridge" | "overlay",
  undo: Teardown,
): Promise<string> {
  if (join !== null) return join;
  const present = await asking("cannot list networks", engine.listNetworks({ filters: labelFilter(name, "network") }));
  const [found] = present;
  if (found !== undefined) return found.Name;
  const network = resourceName(name);
  const made = await asking(
    `cannot make network ${network}`,
    engine.createNetwork({
      Name: network,
      CheckDuplicate: true,
      Driver: driver,
      Internal: isolated,
      ...(driver === "overlay" ? { Attachable: true } : {}),
      Labels: labelsOf(name, "network"),
    }),
  );
  undo.defer(`network ${network}`, () => removingOnceFree(network, () => made.remove()));
  return network;
}

async function markComplete(engine: Docker, deployment: string): Promise<void> {
  const Labels = labelsOf(deployment, "complete");
  await asking("cannot mark the deployment", engine.createVolume({ Name: markerName(deployment), Labels }));
}
