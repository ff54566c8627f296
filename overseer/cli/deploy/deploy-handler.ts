import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type Docker from "dockerode";
import { AppError } from "../../../shared/errors/app-error.ts";
import type { ExitName } from "../../../shared/errors/exit-codes.ts";
import { loadScenario } from "../../../shared/scenario/load-scenario.ts";
import type { Scenario } from "../../../shared/scenario/scenario.ts";
import { waitUntil } from "../../../shared/time/wait.ts";
import { hostGateway } from "../../deploy/containers.ts";
import { deploy, withBeacons } from "../../deploy/deploy.ts";
import type { DeployContext, Holding } from "../../deploy/deployer.ts";
import { type Deployment, loadDeployment } from "../../deploy/deployment.ts";
import { openEngine } from "../../deploy/engine.ts";
import { type EngineAddress, engineAddressOf, isLocalEngine } from "../../deploy/engine-address.ts";
import { hostAddressIn } from "../../deploy/host-address.ts";
import { reasonToKeep, removeHolding, statusOf, takeInventory } from "../../deploy/inventory.ts";
import { deploymentLogs } from "../../deploy/logs.ts";
import { foundNetwork, readFunder, readSummary, scenarioPathIn } from "../../deploy/nodes/network-folder.ts";
import type { CliIo } from "../io.ts";
import { progressOf } from "../run/run-handler.ts";
import { type SetupContext, setUp } from "../setup/setup-handler.ts";
import type {
  BootArguments,
  DownArguments,
  EngineArguments,
  FoundArguments,
  LogsArguments,
  ScaleArguments,
  StatusArguments,
  SweepArguments,
  UpArguments,
} from "./deploy-command.ts";
import { statusText } from "./status-text.ts";

export interface DeployCliContext {
  readonly io: CliIo;
  /** Aborted at the first Ctrl-C. */
  readonly signal: AbortSignal;
}

const mostBeacons = 1000;

export async function up(args: UpArguments, { io, signal }: DeployCliContext): Promise<ExitName> {
  const deployment = await loadDeployment(args.file);
  const engine = await engineOf(args, io, signal);
  await deploy(engine, deployment, context(io, signal), !args.attached);
  io.out(`${describeDeployment(deployment)} up\n`);
  await tellWhatIsNext(engine, deployment, { io, address: engineAddressOf(args, io.env) });
  if (!args.attached) return "passed";
  io.err("Ctrl-C takes everything down.\n");
  await aborted(signal);
  await takeDown(engine, deployment.name, io);
  return "passed";
}

export async function scale(args: ScaleArguments, { io, signal }: DeployCliContext): Promise<ExitName> {
  if (!Number.isInteger(args.count) || args.count < 1 || args.count > mostBeacons) {
    throw new AppError("USAGE", `COUNT must be a whole number from 1 to ${mostBeacons}`);
  }
  const deployment = withBeacons(await loadDeployment(args.file), args.count);
  const engine = await engineOf(args, io, signal);
  await requireHolding(engine, deployment.name);
  await deploy(engine, deployment, context(io, signal), true);
  io.out(`${deployment.name} has ${beaconsText(args.count)}\n`);
  return "passed";
}

export async function status(args: StatusArguments, { io, signal }: DeployCliContext): Promise<ExitName> {
  const engine = await engineOf(args, io, signal);
  const holdings = await takeInventory(engine, args.name ?? null);
  if (args.name !== undefined && holdings.length === 0) throw missing(args.name);
  const statuses = await Promise.all(holdings.map((holding) => statusOf(engine, holding)));
  if (args.json) io.out(`${JSON.stringify(statuses)}\n`);
  else if (statuses.length === 0) io.out("There are no deployments.\n");
  else io.out(statuses.map((one) => statusText(one, io.columns)).join("\n"));
  return "passed";
}

export async function logs(args: LogsArguments, { io, signal }: DeployCliContext): Promise<ExitName> {
  // Engines take what is no number for all there is.
  if (!Number.isInteger(args.tail) || args.tail < 1) {
    throw new AppError("USAGE", "--tail must be a whole number of lines, at least 1");
  }
  const engine = await engineOf(args, io, signal);
  const holding = await requireHolding(engine, args.name);
  for (const { name, text } of await deploymentLogs(engine, holding, args.tail)) {
    for (const line of text.split("\n")) if (line !== "") io.out(`${name}  ${line}\n`);
  }
  return "passed";
}

export async function down(args: DownArguments, { io, signal }: DeployCliContext): Promise<ExitName> {
  const engine = await engineOf(args, io, signal);
  await requireHolding(engine, args.name);
  await takeDown(engine, args.name, io);
  return "passed";
}

export async function sweep(args: SweepArguments, { io, signal }: DeployCliContext): Promise<ExitName> {
  const engine = await engineOf(args, io, signal);
  const reasons = {
    complete: "is meant to stay; remove it with: overseer deploy down",
    owned: "is held by a process that still runs",
    foreign: "was begun on another machine; remove it with: overseer deploy down",
    tasks: "has tasks of a swarm that another engine manages; remove it there",
  } as const;
  const holdings = await takeInventory(engine, null);
  for (const holding of holdings) {
    const reason = args.all ? null : reasonToKeep(holding);
    if (reason !== null) io.out(`kept     ${holding.deployment}: ${reasons[reason]}\n`);
    else io.out(`removed  ${holding.deployment}: ${await removeHolding(engine, holding)} things\n`);
  }
  if (holdings.length === 0) io.out("There is nothing to sweep.\n");
  return "passed";
}

/** Makes the network's folder where there is none; what is there stays. */
export async function found(args: FoundArguments, { io }: DeployCliContext): Promise<ExitName> {
  const { name, network } = await loadDeployment(args.file);
  if (network?.kind !== "nodes") {
    throw new AppError("USAGE", `${args.file} describes no network of real nodes`, {
      hint: "see docs/docker.md: network.kind is bitshares or antelope",
    });
  }
  const made = await foundNetwork(network, name);
  const { chainId, endpoints } = await readSummary(network.folder);
  io.out(
    `${network.folder}: ${made ? "founded" : "was there already"}, chain ${chainId}, ${network.plan.nodes.length} nodes, ${endpoints.join(" ")}\n`,
  );
  return "passed";
}

/** Brings the chain of a network that runs to where its funding account can pay, and sets up the folder's scenario. */
export async function boot(args: BootArguments, setup: SetupContext): Promise<ExitName> {
  const { io, chains, signals } = setup;
  const { folder, contracts } = args;
  const { chain, chainId, boot: usual } = await readSummary(folder);
  const { nodeNetworks } = setup.driverOf(chain);
  if (nodeNetworks === undefined) throw new AppError("USAGE", `networks of ${chain} cannot be set up`);
  const path = scenarioPathIn(folder);
  const { scenario } = await loadScenario(path, chains);
  const endpoint = args.endpoint ?? usual.endpoint;
  const progress = progressOf({ json: false, quiet: false }, io);
  await nodeNetworks.boot({
    ...{ endpoint, chainId, funder: await readFunder(folder), bootPlan: usual.plan },
    readAsset: async (name) => (contracts === undefined ? null : readFile(join(contracts, name))),
    signal: AbortSignal.any([signals.stop, signals.kill]),
    tell: (text) => progress.fact("Boot", text),
  });
  if (scenario.accounts.kind === "created") {
    // Through the one node that is known to have it all by now.
    const wanted: Scenario = { ...scenario, network: { kind: "endpoints", endpoints: [endpoint], chainId } };
    await setUp({ purpose: "make", scenario: wanted, path, allowMainNetwork: null, json: false }, progress, setup);
  }
  io.out(`${folder}: ready for overseer run ${path}\n`);
  return "passed";
}

async function engineOf(args: EngineArguments, io: CliIo, signal: AbortSignal): Promise<Docker> {
  return openEngine(engineAddressOf(args, io.env), signal);
}

async function takeDown(engine: Docker, name: string, io: CliIo): Promise<void> {
  const [holding] = await takeInventory(engine, name);
  const removed = holding === undefined ? 0 : await removeHolding(engine, holding);
  io.out(`${name} down: ${removed} things removed\n`);
}

async function requireHolding(engine: Docker, name: string): Promise<Holding> {
  const [holding] = await takeInventory(engine, name);
  if (holding === undefined) throw missing(name);
  return holding;
}

function missing(name: string): AppError {
  return new AppError("USAGE", `there is no deployment ${name}`, { hint: "see overseer deploy status" });
}

function context(io: CliIo, signal: AbortSignal): DeployContext {
  return { signal, tell: (text) => io.err(`${text}\n`) };
}

/** What is in no file: where the nodes are, and where an overseer of this machine is to listen for these beacons. */
async function tellWhatIsNext(
  engine: Docker,
  { network, beacons, mode, isolated }: Deployment,
  { io, address }: { readonly io: CliIo; readonly address: EngineAddress },
): Promise<void> {
  if (network?.kind === "nodes") io.err(`next: overseer deploy boot ${network.folder}, which makes the accounts\n`);
  if (network?.kind === "devnet" && network.publish !== null) {
    const host = network.publish.includes(":") ? `[${network.publish}]` : network.publish;
    io.err(`nodes at ${network.ports.map((port) => `${host}:${port}`).join(", ")}\n`);
  }
  if (beacons === null) return;
  const { hostname, port, protocol } = new URL(beacons.overseer);
  const secure = protocol === "https:" || protocol === "wss:";
  const isHere = hostname === hostGateway && mode === "containers" && !isolated && isLocalEngine(address);
  // Everything is up: it is no failure that the engine does not tell.
  const here = isHere ? await hostAddressIn(engine, "bridge").catch(() => null) : null;
  if (here === null) return io.err(`next: an overseer at ${beacons.overseer}, which the beacons wait for\n`);
  const listen = `${here}:${port === "" ? (secure ? 443 : 80) : port}`;
  const safety = secure ? "--tls-cert CERT --tls-key KEY" : "--without-tls";
  io.err(`next: overseer run FILE --expect ${beacons.count} --listen ${listen} --token-file TOKEN ${safety}\n`);
}

function describeDeployment({ name, beacons, network }: Deployment): string {
  const parts = [
    ...(beacons === null ? [] : [beaconsText(beacons.count)]),
    ...(network === null ? [] : [`a network of ${nodesOf(network)} nodes`]),
  ];
  return `${name}: ${parts.join(" and ")}`;
}

function beaconsText(count: number): string {
  return `${count} ${count === 1 ? "beacon" : "beacons"}`;
}

function nodesOf(network: NonNullable<Deployment["network"]>): number {
  return network.kind === "devnet" ? network.ports.length : network.plan.nodes.length;
}

/** A signal alone would not keep the process alive. */
async function aborted(signal: AbortSignal): Promise<void> {
  const forever = { timeoutMs: Number.POSITIVE_INFINITY, everyMs: 60_000, signal, onTimeout: () => new Error("never") };
  await waitUntil(() => false, forever).catch(() => undefined);
}
