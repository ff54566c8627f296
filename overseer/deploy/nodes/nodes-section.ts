import { join } from "node:path";
import { z } from "zod";
import type { NodeNetworks } from "../../../shared/chains/node-networks.ts";
import { driverOf } from "../../../shared/chains/registry.ts";
import type { NodeCounts } from "../../../shared/devnet/topologies.ts";
import { isAppError, type Problem } from "../../../shared/errors/app-error.ts";
import { type LoadedScenario, loadScenario } from "../../../shared/scenario/load-scenario.ts";
import { expectedDuration, parseDurationMicros } from "../../../shared/scenario/units.ts";
import type { Limits } from "../limits.ts";
import { delayProblems, type LinkDelay, type NodePlan, planNodes } from "./node-plan.ts";

/** A test network of real nodes, each in a container of its own. */
export interface NodesPart {
  readonly kind: "nodes";
  readonly chain: string;
  readonly networks: NodeNetworks;
  readonly plan: NodePlan;
  /** Where the network's files are, keys among them; made where there is none. */
  readonly folder: string;
  /** Says which accounts there are, and what the chain is like. */
  readonly scenario: LoadedScenario;
  readonly image: string;
  readonly relayImage: string;
  /** Address of the engine's host on which the full nodes' ports are published, one after the other; null: none. */
  readonly publish: string | null;
  readonly limits: Limits;
}

/** What a devnet of as many nodes could have. */
const mostNodes = 64;

const delay = z
  .string()
  .transform((text, context) => {
    const micros = parseDurationMicros(text);
    if (micros === null) context.addIssue({ code: "custom", message: expectedDuration });
    return (micros ?? 0) / 1000;
  })
  .default(0);

export const nodesShape = {
  kind: z.enum(["bitshares", "antelope"]),
  scenario: z.string().min(1),
  folder: z.string().min(1).nullable().default(null),
  image: z.string().min(1).nullable().default(null),
  producers: z.number().int().min(1).max(mostNodes).default(1),
  backups: z.number().int().min(0).max(mostNodes).default(0),
  seeds: z.number().int().min(0).max(mostNodes).default(0),
  full: z.number().int().min(1).max(mostNodes).default(1),
  delay,
  delays: z.array(z.strictObject({ between: z.tuple([z.string(), z.string()]), delay })).default([]),
  publish: z.union([z.ipv4(), z.ipv6()]).nullable().default(null),
};

interface WrittenNodes extends NodeCounts {
  readonly kind: string;
  readonly scenario: string;
  readonly folder: string | null;
  readonly image: string | null;
  readonly delay: number;
  readonly delays: readonly { readonly between: readonly [string, string]; readonly delay: number }[];
  readonly publish: string | null;
}

export interface ResolveNodesOptions {
  readonly written: WrittenNodes;
  readonly deployment: string;
  /** Folder of the deployment's file. */
  readonly base: string;
  readonly limits: Limits;
  readonly relayImage: string;
}

/** The section with all that it names read, or what is wrong with it. */
export async function resolveNodes({
  written,
  deployment,
  base,
  limits,
  relayImage,
}: ResolveNodesOptions): Promise<NodesPart | readonly Problem[]> {
  const { kind, image, publish } = written;
  const delays: LinkDelay[] = written.delays.map(({ between, delay: ms }) => ({ between, ms }));
  const problems: Problem[] = [...delayProblems(written, delays, "network.delays")];
  const scenarioPath = join(base, written.scenario);
  const scenario = await loadScenario(scenarioPath).catch((error: unknown) => {
    if (!isAppError(error)) throw error;
    problems.push({
      path: "network.scenario",
      value: written.scenario,
      expected: `expected a scenario without mistakes: ${[error.message, ...error.problems.map(({ path }) => path)].join(" ")}`,
    });
    return null;
  });
  const { nodeNetworks: networks } = driverOf(kind);
  if (networks === undefined) {
    problems.push({ path: "network.kind", value: kind, expected: "expected a chain whose nodes can be set up" });
  }
  if (scenario !== null) problems.push(...scenarioProblems(scenario, kind));
  if (scenario === null || networks === undefined || problems.length > 0) return problems;
  return {
    kind: "nodes",
    chain: kind,
    networks,
    plan: planNodes({ counts: written, delayMs: written.delay, delays, peerPort: networks.software.peerPort }),
    folder: join(base, written.folder ?? `${deployment}-network`),
    scenario,
    image: image ?? networks.software.image,
    relayImage,
    publish,
    limits,
  };
}

function scenarioProblems({ path, scenario }: LoadedScenario, kind: string): Problem[] {
  const at = "network.scenario";
  if (scenario.chain !== kind) {
    return [{ path: at, value: path, expected: `expected a scenario of ${kind}, not of ${scenario.chain}` }];
  }
  if (scenario.network.kind === "embedded") return [];
  return [
    { path: at, value: path, expected: "expected a scenario with an embedded network, which says what it is like" },
  ];
}
