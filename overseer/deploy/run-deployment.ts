import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type Docker from "dockerode";
import { type DevnetConfig, type DevnetReady, devnetReadySchema } from "../../shared/devnet/config.ts";
import { AppError, messageOf } from "../../shared/errors/app-error.ts";
import type { Labels } from "../../shared/scenario/labels.ts";
import type { DeployWanted, NetworkTarget } from "../../shared/scenario/scenario.ts";
import { withDeadline } from "../../shared/time/wait.ts";
import { listContainers } from "./containers.ts";
import { deploy } from "./deploy.ts";
import type { DeployContext, Holding } from "./deployer.ts";
import { type BeaconsPart, type Deployment, imageOf, type NetworkPart } from "./deployment.ts";
import { asking, openEngine } from "./engine.ts";
import { type EngineAddress, isLocalEngine } from "./engine-address.ts";
import { hostAddressIn } from "./host-address.ts";
import { removeHolding, takeInventory } from "./inventory.ts";
import { type KeptSpool, keepSpools, type SpoolsWanted } from "./keep-spools.ts";
import { resourceName } from "./labels.ts";
import { deploymentLogs, readLogs } from "./logs.ts";
import { swarmOf } from "./swarm.ts";

export interface DeployedNetwork {
  /** URLs are those at which the nodes are reached from here and from containers. */
  readonly ready: DevnetReady;
  /** How it ended, once it has. */
  readonly exited: Promise<string>;
}

export interface DeployedBeacons {
  readonly count: number;
  readonly wanted: DeployWanted;
  readonly overseerUrl: string;
  readonly token: string;
  /** PEM of the certificate that they are to trust; null: those that they know by themselves. */
  readonly authority: string | null;
  readonly ownLabels: readonly Labels[];
}

export type ContainerWanted = NonNullable<Extract<NetworkTarget, { kind: "embedded" }>["container"]>;

/** What a container's own port is; another one for each node follows. */
export const firstNodePort = 8090;
/** As many lines as explain what a program did; the whole of a talkative one would fill the run's folder. */
const keptLogLines = 10_000;
const logsTimeoutMs = 15_000;
const beaconPrefix = "beacon";

/**
 * What one run has in a container engine: made while it is set up, gone when it ends. What a killed run leaves has its
 * labels, so that `overseer deploy sweep` finds it.
 */
export class RunDeployment {
  readonly name: string;
  readonly #engine: Docker;
  readonly #isLocal: boolean;
  readonly #context: DeployContext;
  #network: NetworkPart | null = null;
  /** Whether containers may reach nothing but each other and the overseer. */
  readonly #isolated: boolean;

  private constructor(engine: Docker, isLocal: boolean, isolated: boolean, context: DeployContext) {
    this.#engine = engine;
    this.#isLocal = isLocal;
    this.#isolated = isolated;
    this.#context = context;
    const stamp = new Date().toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
    this.name = `run-${stamp}-${randomBytes(3).toString("hex")}`;
  }

  /** `isolated`: the load stays within the containers' own network. Throws ENGINE_UNREACHABLE. */
  static async open(address: EngineAddress, isolated: boolean, context: DeployContext): Promise<RunDeployment> {
    const engine = await openEngine(address, context.signal);
    return new RunDeployment(engine, isLocalEngine(address), isolated, context);
  }

  /** Brings the network up and waits until its nodes are there. */
  async startNetwork(
    config: DevnetConfig,
    { image, publish, cpus, memoryBytes }: ContainerWanted,
  ): Promise<DeployedNetwork> {
    if (publish === null && !this.#isLocal) {
      throw new AppError(
        "CONFIGURATION_INVALID",
        "the nodes of a network on another machine's engine cannot be reached",
        {
          hint: "name an address of that machine with network.docker.publish",
        },
      );
    }
    this.#network = {
      kind: "devnet",
      image: image ?? imageOf("devnet"),
      config: { ...config, host: "0.0.0.0" },
      ports: config.ports,
      publish,
      publishedPorts: "any",
      limits: { cpus, memoryBytes },
    };
    await deploy(this.#engine, this.#deployment("containers", null), this.#context, false);
    const [found] = await listContainers(this.#engine, this.name, "devnet");
    const container = this.#engine.getContainer(found?.Id ?? "");
    const ready = readyIn(await readLogs(container, 20));
    const { NetworkSettings } = await asking("cannot look at the network", container.inspect());
    const address = NetworkSettings.Networks[resourceName(this.name)]?.IPAddress ?? "";
    const at = (url: string): string => {
      const node = new URL(url);
      const bound = publish === null ? null : NetworkSettings.Ports[`${node.port}/tcp`]?.[0];
      const host = publish ?? address;
      node.hostname = host.includes(":") ? `[${host}]` : host;
      if (bound !== null && bound !== undefined) node.port = bound.HostPort;
      return node.href.replace(/\/$/, "");
    };
    const exited = container.wait().then(
      async ({ StatusCode }: { StatusCode: number }) => {
        const last = await readLogs(container, 1).catch(() => "");
        return `ended with exit code ${StatusCode}; its last words: ${last.trim()}`;
      },
      (error: unknown) => `cannot be watched any more: ${messageOf(error)}`,
    );
    return { ready: { ...ready, nodes: ready.nodes.map(({ name, url }) => ({ name, url: at(url) })) }, exited };
  }

  /** An address of this machine that the beacons' containers reach, for the overseer to listen on. */
  async gatewayAddress(mode: DeployWanted["mode"]): Promise<string> {
    const asksForMore = { hint: "say where with --listen ADDRESS:PORT, an address of this machine that they reach" };
    if (!this.#isLocal) {
      throw new AppError(
        "CONFIGURATION_INVALID",
        "beacons on another machine's engine must reach this one",
        asksForMore,
      );
    }
    if (mode === "swarm") {
      if ((await swarmOf(this.#engine)).nodes > 1) {
        throw new AppError(
          "CONFIGURATION_INVALID",
          "beacons on the swarm's other machines must reach this one",
          asksForMore,
        );
      }
    } else await deploy(this.#engine, this.#deployment("containers", null), this.#context, false);
    // Tasks of a service without a network of its own are on the engine's usual one.
    const network = mode === "swarm" ? "bridge" : resourceName(this.name);
    const address = await hostAddressIn(this.#engine, network);
    if (address !== null) return address;
    throw new AppError(
      "ENGINE_FAILED",
      `the network ${network} of the engine has no address of this machine`,
      asksForMore,
    );
  }

  /** Starts them and waits until they run; that they have dialled in is another matter. */
  async startBeacons({ count, wanted, overseerUrl, token, authority, ownLabels }: DeployedBeacons): Promise<void> {
    const { mode, image, cpus, memoryBytes } = wanted;
    const beacons: BeaconsPart = {
      count,
      image: image ?? imageOf("beacon"),
      overseer: overseerUrl,
      token,
      authority,
      labels: {},
      ownLabels,
      namePrefix: beaconPrefix,
      limits: { cpus, memoryBytes },
    };
    await deploy(this.#engine, this.#deployment(mode, beacons), this.#context, false);
  }

  /** What beacons have on their disks and could not hand in any more, while their containers are there. */
  async keepSpools(wanted: SpoolsWanted): Promise<readonly KeptSpool[]> {
    return keepSpools(this.#engine, { name: this.name, namePrefix: beaconPrefix }, wanted);
  }

  /** Removes everything, and keeps what the programs said in a folder. */
  async takeDown(folder: string): Promise<void> {
    const [holding] = await takeInventory(this.#engine, this.name);
    if (holding === undefined) return;
    const late = (): Error => new Error("the engine does not hand the logs over");
    const logs = withDeadline(this.#keepLogs(holding, folder), { timeoutMs: logsTimeoutMs, onTimeout: late });
    // Without them the run is worth as much; with what they are of still there it would not be over.
    await logs.catch((error: unknown) => this.#context.tell(`warning: logs were not kept: ${messageOf(error)}`));
    await removeHolding(this.#engine, holding);
  }

  async #keepLogs(holding: Holding, folder: string): Promise<void> {
    for (const { name, text } of await deploymentLogs(this.#engine, holding, keptLogLines)) {
      await writeFile(join(folder, `${name.replace(`${resourceName(this.name)}-`, "")}.log`), text);
    }
  }

  /** A swarm's beacons have no part in the network's own: they are on whichever machine. */
  #deployment(mode: DeployWanted["mode"], beacons: BeaconsPart | null): Deployment {
    const network = mode === "swarm" ? null : this.#network;
    return { name: this.name, mode, join: null, isolated: mode === "containers" && this.#isolated, beacons, network };
  }
}

function readyIn(logs: string): DevnetReady {
  for (const line of logs.split("\n")) {
    if (!line.includes('"event":"ready"')) continue;
    const parsed = devnetReadySchema.safeParse(JSON.parse(line));
    if (parsed.success) return parsed.data;
  }
  throw new AppError("NETWORK_UNREACHABLE", "the network in the container did not say where its nodes are");
}
