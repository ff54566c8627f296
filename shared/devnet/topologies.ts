import type { Topology } from "./config.ts";

/** Topologies with a name, so that scenarios need not list roles and links. */
export const topologyNames = ["block-producer"] as const;

export type TopologyName = (typeof topologyNames)[number];

const builders: Readonly<Record<TopologyName, (fullNodes: number) => Topology>> = {
  "block-producer": blockProducer,
};

/** `fullNodes` are those that clients reach. */
export function buildTopology(name: TopologyName, fullNodes: number): Topology {
  return builders[name](fullNodes);
}

/** How many nodes of a topology clients can reach: producers and seeds keep their doors shut to them. */
export function clientNodesOf({ roles }: Topology): number {
  return roles.filter((role) => role === "full").length;
}

/** Null for a pair of nodes whose link can have a delay of its own; otherwise what was expected. */
export function linkDelayExpected(
  [a, b]: readonly [number, number],
  topology: Topology | null,
  nodes: number,
): string | null {
  if (a === b || a >= nodes || b >= nodes) return `expected two different nodes from 0 to ${nodes - 1}`;
  if (topology === null || topology.links.some((link) => link.includes(a) && link.includes(b))) return null;
  return "expected two nodes that the topology links";
}

/**
 * How block producers publish their own architecture: the producing node and its backup are private and talk to the
 * producer's own nodes alone, a seed is there for other networks' nodes, full nodes serve clients. Positions: producer,
 * backup, seed, then the full nodes.
 */
function blockProducer(fullNodes: number): Topology {
  const [producer, backup, seed] = [0, 1, 2];
  const full = Array.from({ length: fullNodes }, (_, i) => 3 + i);
  return {
    roles: ["producer", "backup", "seed", ...full.map(() => "full" as const)],
    links: [
      [producer, backup],
      ...[producer, backup].flatMap((maker) => [seed, ...full].map((other): [number, number] => [maker, other])),
      ...full.map((node): [number, number] => [seed, node]),
    ],
  };
}
