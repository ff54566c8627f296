import { basename, dirname } from "node:path/posix";
import type Docker from "dockerode";
import type { ContainerCreateOptions, ContainerInfo } from "dockerode";
import type { FoundingNode } from "../../../shared/chains/node-networks.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import type { Teardown } from "../../../shared/time/teardown.ts";
import { waitUntil } from "../../../shared/time/wait.ts";
import {
  allOf,
  begunContainers,
  confined,
  createContainer,
  hasEnded,
  imageUser,
  removeContainer,
  requireAlive,
  startEnded,
  stopSeconds,
  volumeMount,
} from "../containers.ts";
import type { DeployContext } from "../deployer.ts";
import { asking } from "../engine.ts";
import { fileArchive } from "../file-archive.ts";
import { labelsOf, resourceName } from "../labels.ts";
import { foundNetwork, nodeFilesOf, publishedNodes } from "./network-folder.ts";
import type { RelayPlan } from "./node-plan.ts";
import type { NodesPart } from "./nodes-section.ts";

/** Real nodes make their databases first, and wait for each other's blocks. */
const readyTimeoutMs = 180_000;
const healthIntervalSeconds = 2;
const nanosPerSecond = 1e9;

interface NodesOptions {
  readonly deployment: string;
  readonly part: NodesPart;
  readonly network: string;
}

/** Founds the network if it is not, starts the nodes that are not there, and waits until all take connections. */
export async function ensureNodes(
  engine: Docker,
  options: NodesOptions,
  context: DeployContext,
  undo: Teardown,
): Promise<void> {
  const { deployment, part } = options;
  if (await foundNetwork(part, deployment)) context.tell(`the network's files and keys are in ${part.folder}`);
  const begun = [
    ...(await begunContainers(engine, deployment, "node")),
    ...(await begunContainers(engine, deployment, "relay")),
  ];
  await startEnded(engine, begun, context);
  const namesOf = (containers: readonly ContainerInfo[]): readonly string[] =>
    containers.flatMap(({ Names }) => Names.map((name) => name.slice(1)));
  const present = namesOf(begun);
  const again = namesOf(begun.filter(hasEnded));
  const isMissing = ({ name }: { readonly name: string }): boolean => !present.includes(resourceName(deployment, name));
  const nodes = part.plan.nodes.filter(isMissing);
  const relays = part.plan.relays.filter(isMissing);
  if (nodes.length + relays.length > 0) {
    context.tell(`starting ${nodes.length} nodes from ${part.image}, ${relays.length} slow links between them`);
  }
  await allOf(nodes, (node) => startNode(engine, node, options, context, undo), "cannot start the nodes");
  await allOf(relays, (relay) => startRelay(engine, relay, options, context, undo), "cannot start the links");
  await allOf(
    part.plan.nodes.filter((node) => isMissing(node) || again.includes(resourceName(deployment, node.name))),
    ({ name }) => becomesHealthy(engine, resourceName(deployment, name), context),
    "a node is not well",
  );
}

async function startNode(
  engine: Docker,
  node: FoundingNode,
  { deployment, part, network }: NodesOptions,
  { signal }: DeployContext,
  undo: Teardown,
): Promise<void> {
  signal.throwIfAborted();
  const name = resourceName(deployment, node.name);
  const files = await nodeFilesOf(part.folder, node.name);
  const container = await createContainer(engine, name, nodeOptions(node, { deployment, part, network }));
  undo.defer(`container ${name}`, () => removeContainer(engine, container.id));
  const { folder } = part.networks.software;
  // Configuration, genesis and keys: into a volume of the container's own, readable by its user alone.
  const archive = fileArchive(
    files.map((file) => ({ ...file, owner: imageUser, mode: 0o600 })),
    { name: basename(folder), owner: imageUser, mode: 0o700 },
  );
  await asking(`cannot hand ${node.name} its files`, container.putArchive(archive, { path: dirname(folder) }));
  await asking(`cannot start ${name}`, container.start());
}

function nodeOptions(node: FoundingNode, { deployment, part, network }: NodesOptions): ContainerCreateOptions {
  const { software } = part.networks;
  const { nodes } = part.plan;
  const clientPort = `${software.clientPort}/tcp`;
  const position = publishedNodes(part).indexOf(node);
  const hostPort = software.clientPort + position;
  const isPublished = part.publish !== null && position >= 0;
  return {
    Image: part.image,
    Hostname: node.name,
    User: String(imageUser),
    Entrypoint: [...software.command],
    // None of the image's own arguments.
    Cmd: [],
    WorkingDir: software.folder,
    Env: [`HOME=${software.folder}`],
    Labels: labelsOf(deployment, "node", nodes.indexOf(node) + 1),
    StopSignal: software.stopSignal,
    StopTimeout: stopSeconds,
    ExposedPorts: { [clientPort]: {} },
    Healthcheck: {
      Test: ["CMD", ...software.healthCheck],
      Interval: healthIntervalSeconds * nanosPerSecond,
      Timeout: 5 * nanosPerSecond,
      Retries: 15,
      StartPeriod: (readyTimeoutMs / 1000) * nanosPerSecond,
    },
    HostConfig: {
      ...confined(part.limits),
      NetworkMode: network,
      ...(isPublished
        ? { PortBindings: { [clientPort]: [{ HostIp: part.publish ?? "", HostPort: String(hostPort) }] } }
        : {}),
      Mounts: [volumeMount(dirname(software.folder), labelsOf(deployment, "storage"))],
    },
    NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [node.name] } } },
  };
}

async function startRelay(
  engine: Docker,
  relay: RelayPlan,
  { deployment, part, network }: NodesOptions,
  { signal }: DeployContext,
  undo: Teardown,
): Promise<void> {
  signal.throwIfAborted();
  const name = resourceName(deployment, relay.name);
  const { peerPort } = part.networks.software;
  const container = await createContainer(engine, name, {
    Image: part.relayImage,
    Hostname: relay.name,
    Entrypoint: ["node", "/app/dist/devnet/relay/main.js"],
    Cmd: ["--listen", String(peerPort), "--to", `${relay.to}:${peerPort}`, "--delay-ms", String(relay.delayMs)],
    Labels: labelsOf(deployment, "relay", part.plan.relays.indexOf(relay) + 1),
    StopTimeout: stopSeconds,
    // The image's own asks the ports of a devnet.
    Healthcheck: { Test: ["NONE"] },
    HostConfig: { ...confined({ cpus: null, memoryBytes: null }), NetworkMode: network },
    NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [relay.name] } } },
  });
  undo.defer(`container ${name}`, () => removeContainer(engine, container.id));
  await asking(`cannot start ${name}`, container.start());
}

async function becomesHealthy(engine: Docker, name: string, { signal }: DeployContext): Promise<void> {
  const container = engine.getContainer(name);
  await waitUntil(
    async () => {
      await requireAlive(container, name);
      const { State } = await asking(`cannot look at ${name}`, container.inspect());
      return State.Health?.Status === "healthy";
    },
    {
      timeoutMs: readyTimeoutMs,
      everyMs: 500,
      signal,
      onTimeout: () =>
        new AppError("ENGINE_FAILED", `${name} takes no connections after ${readyTimeoutMs / 1000} s`, {
          hint: "see overseer deploy logs",
        }),
    },
  );
}
