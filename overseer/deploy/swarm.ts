import { createHash } from "node:crypto";
import type Docker from "dockerode";
import type { CreateServiceOptions, Service } from "dockerode";
import { AppError, messageOf } from "../../shared/errors/app-error.ts";
import type { Teardown } from "../../shared/time/teardown.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import { beaconArguments, listContainers, storagePath, volumeMount } from "./containers.ts";
import type { DeployContext } from "./deployer.ts";
import type { BeaconsPart, Deployment, NetworkPart } from "./deployment.ts";
import { asking, removing, removingOnceFree, toEngineError } from "./engine.ts";
import { isTask, labelFilter, labelNames, labelsOf, type Role, resourceName, taskLabelsOf } from "./labels.ts";
import type { Limits } from "./limits.ts";

const secretsFolder = "/run/secrets";
const imageUser = "1000";
/** Twenty containers on a busy machine take several seconds; machines that must fetch the image take longer. */
const convergeTimeoutMs = 180_000;
const tasksEndTimeoutMs = 60_000;
const nanos = 1e9;

/** What the library's types leave out of a task. */
export interface SwarmTask {
  readonly ID: string;
  readonly ServiceID: string;
  readonly NodeID?: string;
  readonly Slot?: number;
  readonly DesiredState: string;
  readonly Spec: { readonly ContainerSpec: { readonly Image: string } };
  readonly Status: {
    readonly State: string;
    readonly Err?: string;
    readonly Timestamp: string;
    /** Once it has one. */
    readonly ContainerStatus?: { readonly ContainerID?: string };
  };
}

export interface SwarmOfEngine {
  /** The engine can make services in it. */
  readonly manages: boolean;
  /** By which it knows the engine; null: it is in none. */
  readonly nodeId: string | null;
  readonly nodes: number;
}

export async function swarmOf(engine: Docker): Promise<SwarmOfEngine> {
  const { Swarm } = (await asking("cannot ask the engine", engine.info())) as {
    readonly Swarm?: { readonly ControlAvailable?: boolean; readonly NodeID?: string; readonly Nodes?: number };
  };
  const nodeId = Swarm?.NodeID ?? "";
  return {
    manages: Swarm?.ControlAvailable === true,
    nodeId: nodeId === "" ? null : nodeId,
    nodes: Swarm?.Nodes ?? 1,
  };
}

/** Throws ENGINE_FAILED where the engine does not manage a swarm. */
export async function requireSwarm(engine: Docker): Promise<void> {
  if ((await swarmOf(engine)).manages) return;
  throw new AppError("ENGINE_FAILED", "this engine does not manage a swarm", {
    hint: "start one with: docker swarm init, or choose a manager's engine with --engine",
  });
}

/** Brings the service of beacons in line with what is wanted. */
export async function reconcileBeaconService(
  engine: Docker,
  { deployment, beacons, network }: { deployment: Deployment; beacons: BeaconsPart; network: string | null },
  context: DeployContext,
  undo: Teardown,
): Promise<void> {
  const name = resourceName(deployment.name, "beacons");
  const secret = await ensureSecret(engine, deployment.name, "token", beacons.token, undo);
  const authority =
    beacons.authority === null ? null : await ensureSecret(engine, deployment.name, "ca", beacons.authority, undo);
  const spec: CreateServiceOptions = {
    Name: name,
    Labels: labelsOf(deployment.name, "beacon"),
    TaskTemplate: {
      ContainerSpec: {
        ...containerSpec(deployment.name, "beacon", beacons.image),
        Args: beaconArguments({
          ...beacons,
          name: null,
          tokenPath: `${secretsFolder}/token`,
          authorityPath: authority === null ? null : `${secretsFolder}/ca`,
        }),
        // The name of the beacon, which stays when a lost machine's task is started on another.
        Hostname: `${beacons.namePrefix}-{{.Task.Slot}}`,
        Secrets: [secretReference(secret, "token"), ...(authority === null ? [] : [secretReference(authority, "ca")])],
        // A beacon that waits for its overseer is well: it must not be replaced while it holds results on its disk.
        HealthCheck: { Test: ["NONE"] },
        Mounts: [volumeMount(storagePath, taskLabelsOf(deployment.name, "storage"))],
      },
      ...taskTemplate(beacons.limits, network),
      Placement: { Preferences: [{ Spread: { SpreadDescriptor: "node.id" } }] },
    },
    Mode: { Replicated: { Replicas: beacons.count } },
    UpdateConfig: {
      // Ten steps, however many there are.
      Parallelism: Math.ceil(beacons.count / 10),
      Monitor: nanos,
      // The name of a beacon is free only when the one that had it has gone.
      Order: "stop-first",
      FailureAction: "rollback",
    },
  };
  await putService(engine, { deployment: deployment.name, name, spec }, context, undo);
  await converge(engine, name, beacons.count, context);
  await removeOldSecrets(engine, deployment.name, "token", secret.name);
  await removeOldSecrets(engine, deployment.name, "ca", authority?.name ?? null);
}

export async function ensureDevnetService(
  engine: Docker,
  { deployment, part, network }: { deployment: Deployment; part: NetworkPart; network: string },
  context: DeployContext,
  undo: Teardown,
): Promise<void> {
  const name = resourceName(deployment.name, "devnet");
  const secret =
    part.config === null
      ? null
      : await ensureSecret(engine, deployment.name, "devnet", JSON.stringify(part.config), undo);
  const spec: CreateServiceOptions = {
    Name: name,
    Labels: labelsOf(deployment.name, "devnet"),
    TaskTemplate: {
      ContainerSpec: {
        ...containerSpec(deployment.name, "devnet", part.image),
        Hostname: "devnet",
        ...(secret === null
          ? {}
          : { Args: ["--config", `${secretsFolder}/devnet`], Secrets: [secretReference(secret, "devnet")] }),
      },
      ...taskTemplate(part.limits, network),
      Networks: [{ Target: network, Aliases: ["devnet"] }],
    },
    Mode: { Replicated: { Replicas: 1 } },
    // One address, the container's own: connections that last gain nothing from a balancer before it.
    EndpointSpec: { Mode: "dnsrr" },
  };
  await putService(engine, { deployment: deployment.name, name, spec }, context, undo);
  await converge(engine, name, 1, context);
}

export async function listServices(
  engine: Docker,
  deployment: string | null,
  role?: Role,
): Promise<readonly Service[]> {
  const filters = labelFilter(deployment, role);
  return asking("cannot list services", engine.listServices({ filters }));
}

/** The newest task of every slot that is wanted. */
export async function listTasks(engine: Docker, service: string): Promise<readonly SwarmTask[]> {
  const filters = { service: [service], "desired-state": ["running", "ready", "accepted", "preparing"] };
  return (await asking("cannot list tasks", engine.listTasks({ filters }))) as SwarmTask[];
}

/** Those of the beacons' service, also ended ones that the swarm still knows of; and by which name it knows this engine. */
export async function beaconTasksEver(
  engine: Docker,
  deployment: string,
): Promise<{ readonly tasks: readonly SwarmTask[]; readonly ownNode: string | null }> {
  const { manages, nodeId } = await swarmOf(engine);
  const services = manages ? await listServices(engine, deployment, "beacon") : [];
  if (services.length === 0) return { tasks: [], ownNode: nodeId };
  const filters = { service: services.map(({ ID }) => ID) };
  const tasks = (await asking("cannot list tasks", engine.listTasks({ filters }))) as SwarmTask[];
  return { tasks, ownNode: nodeId };
}

export async function removeService(engine: Docker, id: string, name: string): Promise<void> {
  await removing(`service ${name}`, engine.getService(id).remove());
}

export async function listSecrets(engine: Docker, deployment: string | null): Promise<readonly NamedSecret[]> {
  const filters = labelFilter(deployment);
  const found = await asking("cannot list secrets", engine.listSecrets({ filters }));
  return found.map(({ ID, Spec }) => ({ id: ID, name: Spec?.Name ?? "", labels: Spec?.Labels ?? {} }));
}

export interface NamedSecret {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A secret cannot be changed: its name tells the contents, so that other contents are another secret. */
async function ensureSecret(
  engine: Docker,
  deployment: string,
  what: string,
  content: string,
  undo: Teardown,
): Promise<NamedSecret> {
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 12);
  const name = resourceName(deployment, what, digest);
  const present = (await listSecrets(engine, deployment)).find((secret) => secret.name === name);
  if (present !== undefined) return present;
  const labels = labelsOf(deployment, "token");
  const data = Buffer.from(content).toString("base64");
  const made = await asking(
    `cannot make secret ${name}`,
    engine.createSecret({ Name: name, Labels: labels, Data: data }),
  );
  const id = (made as unknown as { id: string }).id;
  undo.defer(`secret ${name}`, () => removing(name, engine.getSecret(id).remove()));
  return { id, name, labels };
}

/** Only this machine's containers can be seen here; those of others end by themselves. */
export async function tasksGone(engine: Docker, deployment: string): Promise<void> {
  const tasks = async (): Promise<number> =>
    (await listContainers(engine, deployment)).filter(({ Labels }) => isTask(Labels)).length;
  await waitUntil(async () => (await tasks()) === 0, {
    timeoutMs: tasksEndTimeoutMs,
    everyMs: 200,
    onTimeout: () => toEngineError(new Error("tasks of the swarm do not end"), `cannot remove ${deployment}`),
  });
}

/** A volume is made before its task is refused, and nobody removes it: that of an image that is missing, for one. */
async function removeTaskVolumes(engine: Docker, deployment: string): Promise<void> {
  await tasksGone(engine, deployment);
  const filters = labelFilter(deployment, "storage");
  const { Volumes } = await asking("cannot list volumes", engine.listVolumes({ filters }));
  // Those of containers that somebody holds have an owner. Without a volume the engine says null.
  const ofTasks = ((Volumes as typeof Volumes | null) ?? []).filter(({ Labels }) => !(labelNames.owner in Labels));
  await Promise.all(
    ofTasks.map(({ Name }) => removingOnceFree(`volume ${Name}`, () => engine.getVolume(Name).remove())),
  );
}

async function removeOldSecrets(
  engine: Docker,
  deployment: string,
  what: string,
  current: string | null,
): Promise<void> {
  const old = (await listSecrets(engine, deployment)).filter(
    ({ name }) => name !== current && name.startsWith(`${resourceName(deployment, what)}-`),
  );
  await Promise.all(old.map(({ id, name }) => removing(`secret ${name}`, engine.getSecret(id).remove())));
}

function secretReference({ id, name }: NamedSecret, file: string): Docker.SecretReference {
  return { SecretID: id, SecretName: name, File: { Name: file, UID: imageUser, GID: imageUser, Mode: 0o400 } };
}

function containerSpec(deployment: string, role: Role, image: string): Docker.ContainerSpec {
  return {
    Image: image,
    Labels: taskLabelsOf(deployment, role),
    Init: true,
    ReadOnly: true,
    CapabilityDrop: ["ALL"],
  } as Docker.ContainerSpec;
}

function taskTemplate(
  { cpus, memoryBytes }: Limits,
  network: string | null,
): Pick<Docker.ContainerTaskSpec, "Resources" | "RestartPolicy" | "Networks"> {
  const limits = {
    ...(cpus === null ? {} : { NanoCPUs: Math.round(cpus * nanos) }),
    ...(memoryBytes === null ? {} : { MemoryBytes: memoryBytes }),
  };
  return {
    Resources: { Limits: limits, Reservations: limits },
    RestartPolicy: { Condition: "any", Delay: 2 * nanos },
    ...(network === null ? {} : { Networks: [{ Target: network }] }),
  };
}

async function putService(
  engine: Docker,
  { deployment, name, spec }: { deployment: string; name: string; spec: CreateServiceOptions },
  { tell }: DeployContext,
  undo: Teardown,
): Promise<void> {
  const filters = { name: [name] };
  const found = await asking("cannot list services", engine.listServices({ filters }));
  const present = found.find(({ Spec }) => Spec?.Name === name);
  if (present === undefined) {
    tell(`making service ${name}`);
    const made = await asking(`cannot make service ${name}`, engine.createService(spec));
    undo.defer(`service ${name}`, async () => {
      await removeService(engine, made.id, name);
      await removeTaskVolumes(engine, deployment);
    });
    return;
  }
  tell(`changing service ${name}`);
  const version = present.Version?.Index ?? 0;
  await asking(`cannot change service ${name}`, engine.getService(present.ID).update({ ...spec, version }));
}

async function converge(engine: Docker, name: string, count: number, { signal, tell }: DeployContext): Promise<void> {
  const since = new Date().toISOString();
  let running = 0;
  let last = "";
  await waitUntil(
    async () => {
      const wanted = await wantedTask(engine, name);
      const tasks = await listTasks(engine, name);
      running = tasks.filter(
        ({ Spec, Status, DesiredState }) =>
          Status.State === "running" && DesiredState === "running" && JSON.stringify(Spec.ContainerSpec) === wanted,
      ).length;
      await refuseHopeless(engine, name, since);
      const trouble = tasks.find(({ Status }) => Status.Err !== undefined)?.Status.Err ?? last;
      // Such as machines without room for one more: nobody should wait for the deadline to hear of it.
      if (trouble !== last) tell(`${running} of ${count} tasks of ${name} run: ${trouble}`);
      last = trouble;
      return running === count && tasks.length === count;
    },
    {
      timeoutMs: convergeTimeoutMs,
      everyMs: 250,
      signal,
      onTimeout: () =>
        new AppError(
          "ENGINE_FAILED",
          `${running} of ${count} tasks of ${name} run after ${convergeTimeoutMs / 1000} s`,
          {
            ...(last === "" ? {} : { hint: last }),
          },
        ),
    },
  );
}

/** What a task of the service is told by now, to tell those that an update has not come to yet. */
async function wantedTask(engine: Docker, name: string): Promise<string> {
  const service = (await asking(`cannot look at ${name}`, engine.getService(name).inspect())) as {
    readonly Spec: { readonly TaskTemplate: Pick<SwarmTask["Spec"], "ContainerSpec"> };
  };
  return JSON.stringify(service.Spec.TaskTemplate.ContainerSpec);
}

/** A swarm tries for ever; what no try can mend must be said at once. */
async function refuseHopeless(engine: Docker, name: string, since: string): Promise<void> {
  const tasks = (await asking("cannot list tasks", engine.listTasks({ filters: { service: [name] } }))) as SwarmTask[];
  const rejected = tasks.find(
    ({ Status }) => Status.State === "rejected" && Status.Timestamp >= since && /no such image/i.test(Status.Err ?? ""),
  );
  if (rejected === undefined) return;
  throw new AppError("IMAGE_MISSING", `a machine of the swarm lacks an image: ${messageOf(rejected.Status.Err)}`, {
    hint: "push the image to a registry that all machines reach, and name it there in the deployment's file",
  });
}
