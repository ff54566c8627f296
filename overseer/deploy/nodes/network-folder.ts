import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseDocument } from "yaml";
import { z } from "zod";
import type { AccountKey } from "../../../shared/chains/driver.ts";
import type { FoundedNetwork, FoundingNode } from "../../../shared/chains/node-networks.ts";
import { AppError, messageOf } from "../../../shared/errors/app-error.ts";
import type { NodesPart } from "./nodes-section.ts";

/**
 * The files of a network of real nodes:
 *   network.json    the chain, its id, the nodes, and what `overseer deploy boot` does
 *   funder.json     the private key of the account that pays for everything
 *   scenario.yaml   the scenario against this network, for `overseer run`
 *   accounts.json   a private key for each account that signs load; made with them
 *   nodes/NAME/     what each node finds in its folder; producers' with the keys that sign blocks
 */
const summarySchema = z.strictObject({
  chain: z.string(),
  chainId: z.string(),
  /** Address of a full node, as seen from where the overseer is to run. */
  endpoints: z.array(z.string()).min(1),
  /** Address of the node that `overseer deploy boot` talks to, and the chain's own plan of what is done there. */
  boot: z.strictObject({ endpoint: z.string(), plan: z.json() }),
  nodes: z.array(z.strictObject({ name: z.string(), role: z.string(), peers: z.array(z.string()) })),
});

const keysSchema = z.record(z.string(), z.string());
const funderFile = "funder.json";

export type NetworkSummary = z.output<typeof summarySchema>;

/** Nobody but their owner may read or change them: most of them have keys. */
const folderMode = 0o700;
const fileMode = 0o600;

/** Makes the folder where there is none. Returns whether it did. Throws CONFIGURATION_INVALID, PLAN_IMPOSSIBLE. */
export async function foundNetwork(part: NodesPart, deployment: string): Promise<boolean> {
  if (await exists(part.folder)) {
    requireSame(part, await readSummary(part.folder));
    return false;
  }
  // Made beside it and moved: a folder that is there is whole.
  const draft = `${part.folder}.${process.pid}.draft`;
  try {
    await writeNetwork(part, draft, deployment);
    await rename(draft, part.folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return true;
}

export async function readSummary(folder: string): Promise<NetworkSummary> {
  return parseFile(join(folder, "network.json"), summarySchema);
}

export async function readFunder(folder: string): Promise<AccountKey> {
  const [[name, privateKey] = ["", ""]] = Object.entries(await parseFile(join(folder, funderFile), keysSchema));
  return { name, privateKey };
}

/** Against this network; whoever uses it may have changed it since. */
export function scenarioPathIn(folder: string): string {
  return join(folder, "scenario.yaml");
}

/** What the node finds in its folder. */
export async function nodeFilesOf(folder: string, node: string): Promise<{ name: string; content: string }[]> {
  const own = join(folder, "nodes", node);
  const names = await readdir(own).catch((error: unknown) => {
    throw unreadable(own, messageOf(error));
  });
  return Promise.all(names.map(async (name) => ({ name, content: await read(join(own, name)) })));
}

async function writeNetwork(part: NodesPart, folder: string, deployment: string): Promise<void> {
  const { scenario, text } = part.scenario;
  const { accounts: wanted, network } = scenario;
  if (network.kind !== "embedded" || wanted.kind !== "embedded") {
    throw new AppError("INTERNAL", "a network of real nodes takes the place of an embedded one");
  }
  const { settings, parameters } = network;
  const founded = part.networks.found({
    ...{ nodes: part.plan.nodes, accounts: wanted, settings, parameters, nowMs: Date.now() },
    secret: randomBytes(32).toString("hex"),
  });
  const { chainId, funder, bootPlan } = founded;
  const endpoints = endpointsOf(part);
  const summary = {
    ...{ chain: part.chain, chainId, endpoints },
    boot: { endpoint: bootEndpointOf(part), plan: bootPlan },
    nodes: part.plan.nodes,
  };
  const files: [string, string][] = [
    ["network.json", toText(summary)],
    [funderFile, toText({ [funder.name]: funder.privateKey })],
    ["scenario.yaml", againstNodes(text, { endpoints, deployment, founded, wanted })],
    ...founded.files.map(({ node, name, content }): [string, string] => [join("nodes", node, name), content]),
  ];
  for (const [name, content] of files) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true, mode: folderMode });
    await writeFile(path, content, { mode: fileMode, flag: "wx" });
  }
}

/** Where clients find the full nodes: on the engine's host if they are published, in its network otherwise. */
function endpointsOf(part: NodesPart): string[] {
  return publishedNodes(part)
    .filter(({ role }) => role === "full")
    .map((node) => addressOf(part, node.name));
}

function bootEndpointOf(part: NodesPart): string {
  const node = part.plan.nodes.find(({ role }) => role === part.networks.software.bootsThrough);
  return addressOf(part, node?.name ?? "");
}

/** Nodes that are reached from outside, in the order of their ports on the engine's host. */
export function publishedNodes({ plan, networks }: NodesPart): readonly FoundingNode[] {
  const { bootsThrough } = networks.software;
  const boot = plan.nodes.filter(({ role }) => role === bootsThrough && role !== "full").slice(0, 1);
  return [...plan.nodes.filter(({ role }) => role === "full"), ...boot];
}

function addressOf(part: NodesPart, name: string): string {
  const { clientProtocol, clientPort } = part.networks.software;
  const { publish } = part;
  if (publish === null) return `${clientProtocol}://${name}:${clientPort}`;
  const position = publishedNodes(part).findIndex((node) => node.name === name);
  return `${clientProtocol}://${publish.includes(":") ? `[${publish}]` : publish}:${clientPort + position}`;
}

interface Rewriting {
  readonly endpoints: readonly string[];
  readonly deployment: string;
  readonly founded: FoundedNetwork;
  readonly wanted: { readonly count: number; readonly balance: string };
}

/** The scenario as it was written, comments included, but for where it is run and where its accounts come from. */
function againstNodes(text: string, { endpoints, deployment, founded, wanted }: Rewriting): string {
  const { chainId, funder, create } = founded;
  const { count, balance } = wanted;
  const resources = Object.keys(create.resources).length === 0 ? {} : { resources: create.resources };
  const accounts = {
    create: { count, prefix: create.prefix, balance, ...resources },
    from: { name: funder.name, key: { file: funderFile } },
    keys: { file: "accounts.json" },
  };
  const document = parseDocument(text);
  const popularity: unknown = document.getIn(["accounts", "popularity"], true);
  document.set("name", `${String(document.get("name"))}-${deployment}`.slice(0, 64));
  document.set("network", document.createNode({ endpoints, chainId }, { flow: true }));
  document.set("accounts", document.createNode(accounts));
  if (popularity !== undefined) document.setIn(["accounts", "popularity"], popularity);
  return String(document).replace(/^# yaml-language-server:.*\n/, "");
}

function requireSame({ plan, folder, chain }: NodesPart, summary: NetworkSummary): void {
  const wanted = plan.nodes.map((node) => ({ ...node, peers: [...node.peers] }));
  if (summary.chain === chain && JSON.stringify(wanted) === JSON.stringify(summary.nodes)) return;
  throw new AppError("CONFIGURATION_INVALID", `${folder} has the files of a network of other nodes`, {
    hint: "take the deployment down and remove the folder to found the network anew, or name another folder",
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function parseFile<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  let value: unknown;
  try {
    value = JSON.parse(await read(path));
  } catch (error) {
    if (error instanceof SyntaxError) throw unreadable(path, "it is not JSON");
    throw error;
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw unreadable(path, parsed.error.issues[0]?.message ?? "it has another form");
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw unreadable(path, messageOf(cause));
  }
}

/** What is in these files may be a key, so no message quotes it. */
function unreadable(path: string, why: string): AppError {
  return new AppError("CONFIGURATION_INVALID", `${path} cannot be read: ${why}`, {
    hint: "a network's folder is made by: overseer deploy found FILE",
  });
}

function toText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
