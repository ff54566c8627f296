import type Docker from "dockerode";
import { listContainers, removeContainer } from "./containers.ts";
import type { DeploymentStatus, Holding, PartStatus, ReasonToKeep, Resource } from "./deployer.ts";
import { asking, removing, removingOnceFree } from "./engine.ts";
import { isTask, labelFilter, labelNames, ownerLives, resourceName } from "./labels.ts";
import { listSecrets, listServices, listTasks, removeService, swarmOf, tasksGone } from "./swarm.ts";

/** The order in which things can be removed: what uses something goes before it. */
const removalOrder = ["service", "container", "secret", "network", "volume"] as const;

/** Everything with our labels: of one deployment, or of all. */
export async function takeInventory(engine: Docker, deployment: string | null): Promise<readonly Holding[]> {
  const filters = labelFilter(deployment);
  const [containers, networks, volumes, swarm] = await Promise.all([
    listContainers(engine, deployment),
    asking("cannot list networks", engine.listNetworks({ filters })),
    asking("cannot list volumes", engine.listVolumes({ filters })),
    swarmResources(engine, deployment),
  ]);
  const resources: Resource[] = [
    ...swarm,
    ...containers.map(({ Id, Names, Labels }) => resource("container", Id, Names[0]?.slice(1) ?? Id, Labels)),
    ...networks.map(({ Id, Name, Labels }) => resource("network", Id, Name, Labels ?? {})),
    // Without a volume the engine says null, whatever the library's type says.
    ...((volumes.Volumes as typeof volumes.Volumes | null) ?? []).map(({ Name, Labels }) =>
      resource("volume", Name, Name, Labels),
    ),
  ];
  return groupByDeployment(resources);
}

/** True once it came up as asked for and was meant to stay. */
export function isComplete({ resources }: Holding): boolean {
  return resources.some(({ labels }) => labels[labelNames.role] === "complete");
}

/** Null: nobody will come back for it. */
export function reasonToKeep(holding: Holding): ReasonToKeep | null {
  if (isComplete(holding)) return "complete";
  // Of a service that this engine does not know: the swarm would start them again, and with them goes what they hold.
  if (!hasService(holding) && holding.resources.some(({ labels }) => isTask(labels))) return "tasks";
  // Tasks of a swarm have none: their service has.
  const owners = new Set(holding.resources.flatMap(({ labels }) => labels[labelNames.owner] ?? []));
  const lives = [...owners].map(ownerLives);
  if (lives.includes(true)) return "owned";
  return lives.includes(null) ? "foreign" : null;
}

function hasService({ resources }: Holding): boolean {
  return resources.some(({ kind }) => kind === "service");
}

/** Removes all of it, in the order in which that can be done. Returns how many things were removed. */
export async function removeHolding(engine: Docker, holding: Holding): Promise<number> {
  const ofSwarm = hasService(holding);
  for (const kind of removalOrder) {
    const these = holding.resources.filter((one) => one.kind === kind);
    await Promise.all(these.map((one) => remove(engine, one)));
    if (kind === "service" && ofSwarm) await tasksGone(engine, holding.deployment);
  }
  return holding.resources.length;
}

export async function statusOf(engine: Docker, holding: Holding): Promise<DeploymentStatus> {
  const services = holding.resources.filter(({ kind }) => kind === "service");
  const tasks = await Promise.all(services.map((service) => taskStatuses(engine, service, holding.deployment)));
  const count = (kind: Resource["kind"]): number => holding.resources.filter((one) => one.kind === kind).length;
  const found = await listContainers(engine, holding.deployment);
  // A run may have its network in a container and its beacons in a swarm. Only a swarm's manager knows their service.
  const containers = found
    .filter(({ Labels }) => !isTask(Labels) || services.length === 0)
    .map(
      ({ Names, Labels, Image, State, Status }): PartStatus => ({
        name: shortName(Names[0]?.slice(1) ?? "", holding.deployment),
        role: Labels[labelNames.role] ?? "",
        image: Image,
        state: State,
        detail: Status,
        node: null,
      }),
    );
  return {
    name: holding.deployment,
    mode: services.length > 0 || found.some(({ Labels }) => isTask(Labels)) ? "swarm" : "containers",
    complete: isComplete(holding),
    kept: reasonToKeep(holding),
    parts: [...containers, ...tasks.flat()],
    rest: { network: count("network"), volume: count("volume"), secret: count("secret") },
  };
}

async function taskStatuses(engine: Docker, service: Resource, deployment: string): Promise<PartStatus[]> {
  const tasks = await listTasks(engine, service.name);
  return [...tasks]
    .sort((a, b) => (a.Slot ?? 0) - (b.Slot ?? 0))
    .map((task) => ({
      name: `${shortName(service.name, deployment)}.${task.Slot ?? 0}`,
      role: service.labels[labelNames.role] ?? "",
      image: task.Spec.ContainerSpec.Image,
      state: task.Status.State,
      detail: task.Status.Err ?? `since ${task.Status.Timestamp.slice(0, 19).replace("T", " ")}`,
      node: task.NodeID ?? null,
    }));
}

/** All of a deployment begin alike. */
function shortName(name: string, deployment: string): string {
  return name.replace(`${resourceName(deployment)}-`, "");
}

async function swarmResources(engine: Docker, deployment: string | null): Promise<Resource[]> {
  if (!(await swarmOf(engine)).manages) return [];
  const [services, secrets] = await Promise.all([listServices(engine, deployment), listSecrets(engine, deployment)]);
  return [
    ...services.map(({ ID, Spec }) => resource("service", ID, Spec?.Name ?? ID, Spec?.Labels ?? {})),
    ...secrets.map(({ id, name, labels }) => resource("secret", id, name, labels)),
  ];
}

function resource(kind: Resource["kind"], id: string, name: string, labels: Resource["labels"]): Resource {
  return { kind, id, name, labels };
}

function groupByDeployment(resources: readonly Resource[]): Holding[] {
  const groups = new Map<string, Resource[]>();
  for (const one of resources) {
    const deployment = one.labels[labelNames.deployment] ?? "";
    const group = groups.get(deployment) ?? [];
    group.push(one);
    groups.set(deployment, group);
  }
  return [...groups]
    .map(([deployment, group]) => ({ deployment, resources: group }))
    .sort((a, b) => a.deployment.localeCompare(b.deployment));
}

async function remove(engine: Docker, { kind, id, name }: Resource): Promise<void> {
  switch (kind) {
    case "service":
      return removeService(engine, id, name);
    case "container":
      return removeContainer(engine, id);
    case "secret":
      return removing(`secret ${name}`, engine.getSecret(id).remove());
    case "network":
      return removingOnceFree(`network ${name}`, () => engine.getNetwork(id).remove());
    case "volume":
      return removingOnceFree(`volume ${name}`, () => engine.getVolume(id).remove());
  }
}
