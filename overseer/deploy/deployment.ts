import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parseDocument } from "yaml";
import { z } from "zod";
import { type DevnetConfig, devnetConfigSchema } from "../../shared/devnet/config.ts";
import { AppError, messageOf, type Problem } from "../../shared/errors/app-error.ts";
import { release } from "../../shared/release.ts";
import { findingsOf, renderPath } from "../../shared/scenario/findings.ts";
import type { Labels } from "../../shared/scenario/labels.ts";
import { type Limits, limitsShape } from "./limits.ts";
import { type NodesPart, nodesShape, resolveNodes } from "./nodes/nodes-section.ts";

/** Beacons, each in a container of its own. */
export interface BeaconsPart {
  readonly count: number;
  readonly image: string;
  /** Where they find the overseer, as seen from inside a container. */
  readonly overseer: string;
  readonly token: string;
  /** PEM of the authority behind the overseer's certificate; null: one of those that beacons know by themselves. */
  readonly authority: string | null;
  readonly labels: Labels;
  /** Besides those, by the beacon's position; beyond the list none. Not of a swarm, whose tasks are all alike. */
  readonly ownLabels: readonly Labels[];
  /** A number follows. */
  readonly namePrefix: string;
  readonly limits: Limits;
}

/** A test network in one container: all nodes of a devnet. */
export interface NetworkPart {
  readonly kind: "devnet";
  readonly image: string;
  /** Null: the image's own, three nodes on ports 8090 to 8092. */
  readonly config: DevnetConfig | null;
  readonly ports: readonly number[];
  /** Address of the engine's host on which the ports are published; null: only containers reach them. */
  readonly publish: string | null;
  /** Whether the host's ports are the same, or any that are free. */
  readonly publishedPorts: "same" | "any";
  readonly limits: Limits;
}

export interface Deployment {
  readonly name: string;
  /** One engine's containers, or services of a swarm that spread over its machines. */
  readonly mode: "containers" | "swarm";
  /** A network of the engine that exists already and is joined instead of making one. */
  readonly join: string | null;
  /** Whether containers reach nothing but each other. */
  readonly isolated: boolean;
  readonly beacons: BeaconsPart | null;
  readonly network: NetworkPart | NodesPart | null;
}

/** Of this release. */
export function imageOf(program: "beacon" | "devnet"): string {
  return `loadstone-${program}:${release}`;
}

const defaultPorts = [8090, 8091, 8092] as const;
/** As for `overseer run --expect`. */
const mostBeacons = 1000;

const beaconsSchema = z.strictObject({
  count: z.number().int().min(1).max(mostBeacons).default(1),
  image: z.string().min(1).default(imageOf("beacon")),
  overseer: z.url({ protocol: /^(https?|wss?)$/, error: 'expected a URL such as "http://overseer:7411"' }),
  tokenFile: z.string().min(1),
  caFile: z.string().min(1).nullable().default(null),
  labels: z.record(z.string(), z.string()).default({}),
  ...limitsShape,
});

const devnetSchema = z.strictObject({
  kind: z.literal("devnet").default("devnet"),
  image: z.string().min(1).default(imageOf("devnet")),
  config: z.string().min(1).nullable().default(null),
  publish: z.union([z.ipv4(), z.ipv6()]).nullable().default(null),
  ...limitsShape,
});

const nodesSchema = z.strictObject({ ...nodesShape, ...limitsShape });

const networkSchema = z.union([devnetSchema, nodesSchema]);

const deploymentSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, "expected lower-case letters, digits and -, at most 32")
    .describe("part of the name of everything that is made"),
  mode: z.enum(["containers", "swarm"]).default("containers"),
  join: z.string().min(1).nullable().default(null),
  isolated: z.boolean().default(false),
  beacons: beaconsSchema.nullable().default(null),
  network: networkSchema.nullable().default(null),
});

type Written = z.output<typeof deploymentSchema>;

/** Reads a deployment's file and those that it names. Throws CONFIGURATION_INVALID with all problems at once. */
export async function loadDeployment(path: string): Promise<Deployment> {
  const root = parseYaml(await read(path, path), path);
  const parsed = deploymentSchema.safeParse(root);
  if (!parsed.success) throw invalid(path, problemsIn(root, parsed.error, deploymentSchema));
  const problems = contradictionsOf(parsed.data);
  if (problems.length > 0) throw invalid(path, problems);
  return resolveParts(parsed.data, path);
}

function problemsIn(root: unknown, { issues }: z.ZodError, schema: z.ZodType): Problem[] {
  return findingsOf(issues, root, z.toJSONSchema(schema, { io: "input" })).map(({ path, value, expected }) => ({
    path: renderPath(path),
    ...(value === undefined ? {} : { value }),
    expected,
  }));
}

function contradictionsOf({ beacons, network, join, isolated, mode }: Written): Problem[] {
  const problems: Problem[] = [];
  if (beacons === null && network === null) {
    problems.push({ path: "beacons", expected: "expected beacons, a network, or both" });
  }
  if (join !== null && isolated) {
    problems.push({ path: "isolated", value: "true", expected: "does not go together with join" });
  }
  if (mode === "swarm" && network !== null && network.publish !== null) {
    problems.push({ path: "network.publish", value: network.publish, expected: "does not go together with a swarm" });
  }
  if (mode === "swarm" && network !== null && network.kind !== "devnet") {
    problems.push({ path: "mode", value: "swarm", expected: "does not go together with real nodes: use containers" });
  }
  return problems;
}

async function resolveParts(written: Written, path: string): Promise<Deployment> {
  const { name, mode, join, isolated, beacons, network } = written;
  return {
    name,
    mode,
    join,
    isolated,
    beacons:
      beacons === null
        ? null
        : {
            count: beacons.count,
            image: beacons.image,
            overseer: beacons.overseer,
            token: (await read(beside(path, beacons.tokenFile), path, "beacons.tokenFile")).trim(),
            authority: beacons.caFile === null ? null : await readAuthority(beacons.caFile, path),
            labels: beacons.labels,
            ownLabels: [],
            namePrefix: `${name}-beacon`,
            limits: { cpus: beacons.cpus, memoryBytes: beacons.memory },
          },
    network: network === null ? null : await resolveNetwork(network, name, path),
  };
}

async function resolveNetwork(
  network: NonNullable<Written["network"]>,
  name: string,
  path: string,
): Promise<NetworkPart | NodesPart> {
  const limits = { cpus: network.cpus, memoryBytes: network.memory };
  if (network.kind !== "devnet") {
    const relayImage = imageOf("devnet");
    const base = dirname(path);
    const part = await resolveNodes({ written: network, deployment: name, base, limits, relayImage });
    if ("kind" in part) return part;
    throw invalid(path, part);
  }
  const { image, publish } = network;
  const common = { kind: "devnet", image, publish, publishedPorts: "same", limits } as const;
  if (network.config === null) return { ...common, config: null, ports: defaultPorts };
  const config = await loadDevnetConfig(network.config, path);
  return { ...common, config, ports: config.ports };
}

/** The form that `devnet --config` reads; only the address differs, because others than the container itself must reach it. */
async function loadDevnetConfig(file: string, path: string): Promise<DevnetConfig> {
  const root = parseYaml(await read(beside(path, file), path, "network.config"), file);
  const parsed = devnetConfigSchema.safeParse(root);
  if (!parsed.success) throw invalid(file, problemsIn(root, parsed.error, devnetConfigSchema));
  if (parsed.data.ports.includes(0)) {
    throw invalid(file, [
      { path: "ports", value: "0", expected: "expected fixed ports, so that others can reach them" },
    ]);
  }
  return { ...parsed.data, host: "0.0.0.0" };
}

/** What is no certificate would only be told of by containers that start again and again. */
async function readAuthority(file: string, path: string): Promise<string> {
  const text = await read(beside(path, file), path, "beacons.caFile");
  try {
    new X509Certificate(text);
  } catch (cause) {
    const expected = `expected a certificate in PEM: ${messageOf(cause)}`;
    throw invalid(path, [{ path: "beacons.caFile", value: file, expected }], cause);
  }
  return text;
}

function beside(path: string, file: string): string {
  return resolve(dirname(path), file);
}

async function read(file: string, path: string, field = "(file)"): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw invalid(
      path,
      [{ path: field, value: file, expected: `expected a file that can be read: ${messageOf(cause)}` }],
      cause,
    );
  }
}

function parseYaml(text: string, path: string): unknown {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) {
    const expected = `expected YAML or JSON: ${error.message.split("\n")[0]?.replace(/:$/, "")}`;
    throw invalid(path, [{ path: "(file)", value: path, expected }]);
  }
  return document.toJS();
}

function invalid(path: string, problems: readonly Problem[], cause?: unknown): AppError {
  const count = `${problems.length} problem${problems.length === 1 ? "" : "s"}`;
  return new AppError("CONFIGURATION_INVALID", `${path} has ${count}`, { problems, cause });
}
