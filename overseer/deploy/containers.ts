import type Docker from "dockerode";
import type { ContainerCreateOptions, ContainerInfo } from "dockerode";
import { AppError } from "../../shared/errors/app-error.ts";
import type { Teardown } from "../../shared/time/teardown.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import type { DeployContext } from "./deployer.ts";
import type { BeaconsPart, Deployment, NetworkPart } from "./deployment.ts";
import { asking, removing, toEngineError } from "./engine.ts";
import { fileArchive } from "./file-archive.ts";
import { labelFilter, labelNames, labelsOf, type Role, resourceName } from "./labels.ts";
import type { Limits } from "./limits.ts";
import { readLogs } from "./logs.ts";

/** Of the images' user. */
export const imageUser = 1000;
/** Where a container finds the file that it is given. */
const givenFolder = "/run/loadstone";
const tokenPath = `${givenFolder}/token`;
const authorityPath = `${givenFolder}/ca.pem`;
const configPath = `${givenFolder}/devnet.json`;
export const storagePath = "/spool";

const readyTimeoutMs = 60_000;
/** A program that cannot start at all is gone by then. */
const settledMs = 1000;
/** Signing threads, the sender, Node's own pool: far below it; a runaway stops here. */
const mostProcesses = 512;
export const stopSeconds = 10;
/** The engine's own machine, as beacons in containers know it. */
export const hostGateway = "host.docker.internal";

/** Brings the deployment's beacons in line with what is wanted: missing ones are made, the highest numbers go first. */
export async function reconcileBeacons(
  engine: Docker,
  { deployment, beacons, network }: { deployment: Deployment; beacons: BeaconsPart; network: string },
  { signal, tell }: DeployContext,
  undo: Teardown,
): Promise<void> {
  const present = await begunContainers(engine, deployment.name, "beacon");
  const indices = new Set(present.map(indexOf));
  const surplus = present.filter((container) => indexOf(container) > beacons.count);
  if (surplus.length > 0) {
    tell(`removing ${surplus.length} of ${present.length} beacons`);
    await Promise.all(surplus.map(({ Id }) => removeContainer(engine, Id)));
  }
  const kept = present.filter((container) => !surplus.includes(container));
  await startEnded(engine, kept, { signal, tell });
  const missing = Array.from({ length: beacons.count }, (_, i) => i + 1).filter((index) => !indices.has(index));
  if (missing.length > 0)
    tell(`starting ${missing.length === 1 ? "1 beacon" : `${missing.length} beacons`} from ${beacons.image}`);
  await allOf(missing, async (index) => {
    signal.throwIfAborted();
    const name = resourceName(deployment.name, "beacon", index);
    const container = await createContainer(engine, name, beaconOptions(deployment.name, beacons, index, network));
    undo.defer(`container ${name}`, () => removeContainer(engine, container.id));
    await putFile(container, "token", beacons.token);
    if (beacons.authority !== null) await putFile(container, "ca.pem", beacons.authority);
    await asking(`cannot start ${name}`, container.start());
    await requireRunning(container, name, signal);
  });
}

/** Starts the deployment's test network if it is not there, and waits until its nodes are up. */
export async function ensureDevnet(
  engine: Docker,
  { deployment, part, network }: { deployment: Deployment; part: NetworkPart; network: string },
  { signal, tell }: DeployContext,
  undo: Teardown,
): Promise<void> {
  const [present] = await begunContainers(engine, deployment.name, "devnet");
  // One that has ended has lost its chain, which it keeps in memory: there is nothing to go on with.
  if (present !== undefined && hasEnded(present)) await removeContainer(engine, present.Id);
  else if (present !== undefined) return;
  const name = resourceName(deployment.name, "devnet");
  tell(`starting a network of ${part.ports.length === 1 ? "1 node" : `${part.ports.length} nodes`} from ${part.image}`);
  const container = await createContainer(engine, name, devnetOptions(deployment.name, part, network));
  undo.defer(`container ${name}`, () => removeContainer(engine, container.id));
  if (part.config !== null) await putFile(container, "devnet.json", JSON.stringify(part.config));
  await asking(`cannot start ${name}`, container.start());
  await waitUntil(
    async () => {
      await requireAlive(container, name);
      return /"event":"ready"/.test(await readLogs(container, 20));
    },
    {
      timeoutMs: readyTimeoutMs,
      everyMs: 100,
      signal,
      onTimeout: () => new AppError("ENGINE_FAILED", `${name} was not ready within ${readyTimeoutMs / 1000} s`),
    },
  );
}

export async function listContainers(
  engine: Docker,
  deployment: string | null,
  role?: Role,
): Promise<readonly ContainerInfo[]> {
  const filters = labelFilter(deployment, role);
  const found = await asking("cannot list containers", engine.listContainers({ all: true, filters }));
  return found.sort((a, b) => indexOf(a) - indexOf(b));
}

/**
 * Those of a role, without such as were never started: whoever was making them is gone, they may lack the files that they
 * need, and nothing would start them. They are removed, so that they are made anew.
 */
export async function begunContainers(
  engine: Docker,
  deployment: string,
  role: Role,
): Promise<readonly ContainerInfo[]> {
  const found = await listContainers(engine, deployment, role);
  const begun = found.filter(({ State }) => State !== "created");
  await Promise.all(found.filter(({ State }) => State === "created").map(({ Id }) => removeContainer(engine, Id)));
  return begun;
}

export function hasEnded({ State }: ContainerInfo): boolean {
  return State === "exited" || State === "dead";
}

/** Starts again what somebody has stopped, or an engine that was itself started anew: what it keeps on its disk is kept. */
export async function startEnded(
  engine: Docker,
  containers: readonly ContainerInfo[],
  { signal, tell }: DeployContext,
): Promise<void> {
  const ended = containers.filter(hasEnded);
  if (ended.length === 0) return;
  tell(`starting again ${ended.length === 1 ? "1 container" : `${ended.length} containers`} that had ended`);
  await allOf(
    ended,
    async ({ Id, Names }) => {
      const name = Names[0]?.slice(1) ?? Id.slice(0, 12);
      const container = engine.getContainer(Id);
      await asking(`cannot start ${name} again`, container.start());
      await requireRunning(container, name, signal);
    },
    "cannot start again what had ended",
  );
}

/** Asks it to end, then makes it; with its volumes. Fine where it is gone already. */
export async function removeContainer(engine: Docker, id: string): Promise<void> {
  const container = engine.getContainer(id);
  // What it says at a stop is of no interest any more: it may have ended, or never have started.
  await container.stop({ t: stopSeconds }).catch(() => undefined);
  await removing(`container ${id.slice(0, 12)}`, container.remove({ force: true, v: true }));
}

function indexOf(container: ContainerInfo): number {
  return Number(container.Labels[labelNames.index] ?? 0);
}

export async function createContainer(
  engine: Docker,
  name: string,
  options: ContainerCreateOptions,
): Promise<Docker.Container> {
  return asking(`cannot create ${name}`, engine.createContainer({ ...options, name }));
}

/** Into a volume, before the start: neither the container's settings nor its image ever show what is in it. */
async function putFile(container: Docker.Container, name: string, content: string): Promise<void> {
  const archive = fileArchive([{ name, content, owner: imageUser, mode: 0o400 }]);
  await asking(`cannot hand ${name} over`, container.putArchive(archive, { path: givenFolder }));
}

function beaconOptions(
  deployment: string,
  { image, overseer, authority, labels, ownLabels, namePrefix, limits }: BeaconsPart,
  index: number,
  network: string,
): ContainerCreateOptions {
  const name = `${namePrefix}-${index}`;
  return {
    Image: image,
    Hostname: name,
    Cmd: beaconArguments({
      overseer,
      labels: { ...labels, ...ownLabels[index - 1] },
      name,
      tokenPath,
      authorityPath: authority === null ? null : authorityPath,
    }),
    Labels: labelsOf(deployment, "beacon", index),
    StopTimeout: stopSeconds,
    HostConfig: {
      ...confined(limits),
      NetworkMode: network,
      // The engine's own host, where the overseer runs when it is not in a container.
      ExtraHosts: [`${hostGateway}:host-gateway`],
      // It ends when it finds no overseer for a minute; the next run may be later.
      RestartPolicy: { Name: "unless-stopped" },
      Mounts: [
        volumeMount(givenFolder, labelsOf(deployment, "token")),
        volumeMount(storagePath, labelsOf(deployment, "storage")),
      ],
    },
  };
}

export function beaconArguments(options: {
  readonly overseer: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Null: the host's. */
  readonly name: string | null;
  readonly tokenPath: string;
  /** Null: the overseer's certificate is vouched for by those that beacons know, or there is none. */
  readonly authorityPath: string | null;
}): string[] {
  return [
    ...["--overseer", options.overseer, "--token-file", options.tokenPath],
    ...(options.authorityPath === null ? [] : ["--ca", options.authorityPath]),
    ...(options.name === null ? [] : ["--name", options.name]),
    ...Object.entries(options.labels).flatMap(([key, value]) => ["--label", `${key}=${value}`]),
  ];
}

function devnetOptions(deployment: string, part: NetworkPart, network: string): ContainerCreateOptions {
  const ports = part.ports.map((port) => `${port}/tcp`);
  return {
    Image: part.image,
    Hostname: "devnet",
    ...(part.config === null ? {} : { Cmd: ["--config", configPath] }),
    Labels: labelsOf(deployment, "devnet"),
    StopTimeout: stopSeconds,
    ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])),
    HostConfig: {
      ...confined(part.limits),
      NetworkMode: network,
      ...(part.publish === null
        ? {}
        : {
            PortBindings: Object.fromEntries(
              part.ports.map((port) => [
                `${port}/tcp`,
                [{ HostIp: part.publish ?? "", HostPort: part.publishedPorts === "any" ? "" : String(port) }],
              ]),
            ),
          }),
      Mounts: [volumeMount(givenFolder, labelsOf(deployment, "storage"))],
    },
    NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: ["devnet"] } } },
  };
}

/** Nothing that a program of ours does not need. */
export function confined({ cpus, memoryBytes }: Limits): NonNullable<ContainerCreateOptions["HostConfig"]> {
  return {
    ReadonlyRootfs: true,
    Tmpfs: { "/tmp": "rw,noexec,nosuid,size=64m" },
    CapDrop: ["ALL"],
    SecurityOpt: ["no-new-privileges"],
    PidsLimit: mostProcesses,
    Init: true,
    ...(cpus === null ? {} : { NanoCpus: Math.round(cpus * 1e9) }),
    ...(memoryBytes === null ? {} : { Memory: memoryBytes }),
  };
}

/** A volume without a name, which goes with its container. */
export function volumeMount(target: string, labels: Readonly<Record<string, string>>): Docker.MountSettings {
  const DriverConfig = { Name: "local" as const, Options: {} };
  return { Type: "volume", Target: target, Source: "", VolumeOptions: { NoCopy: false, Labels: labels, DriverConfig } };
}

async function requireRunning(container: Docker.Container, name: string, signal: AbortSignal): Promise<void> {
  const since = performance.now();
  await waitUntil(
    async () => {
      await requireAlive(container, name);
      return performance.now() - since >= settledMs;
    },
    {
      timeoutMs: readyTimeoutMs,
      everyMs: 200,
      signal,
      onTimeout: () => new AppError("ENGINE_FAILED", `${name} did not start within ${readyTimeoutMs / 1000} s`),
    },
  );
}

export async function requireAlive(container: Docker.Container, name: string): Promise<void> {
  const { State } = await asking(`cannot look at ${name}`, container.inspect());
  if (State.Running && !State.Restarting) return;
  const last = (await readLogs(container, 5)).trim().split("\n").at(-1) ?? "";
  throw new AppError("ENGINE_FAILED", `${name} ended with exit code ${State.ExitCode}: ${last}`);
}

/** All, also when one fails, so that nothing is still being made when the undoing begins; throws the first failure. */
export async function allOf<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
  doing = "cannot start the beacons",
): Promise<void> {
  const results = await Promise.allSettled(items.map(work));
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw toEngineError(failed.reason, doing);
}
