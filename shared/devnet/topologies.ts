import type { Topology } from "./config.ts";

/** Topologies with a name, so that scenarios need not list roles and links. */
export const topologyNames = ["block-producer"] as const;

export type TopologyName = (typeof topologyNames)[number];

const builders: Readonly<Record<TopologyName, (fullNodes: number) => Topology>> = {
  "block-producer": (full) => layeredTopology({ producers: 1, backups: 1, seeds: 1, full }),
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

/** How many nodes of each role there are. */
export interface NodeCounts {
  readonly producers: number;
  readonly backups: number;
  readonly seeds: number;
  readonly full: number;
}

/**
 * As block producers publish their own architecture: producing nodes and backups are private and talk to each other and
 * to the nodes of their own network alone, seeds are there for other networks' nodes, full nodes serve clients and hear
 * from all but each other. Positions: producers, backups, seeds, full nodes.
 */
export function layeredTopology({ producers, backups, seeds, full }: NodeCounts): Topology {
  const positions = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);
  const makers = positions(0, producers + backups);
  const passers = positions(makers.length, seeds);
  const servers = positions(makers.length + seeds, full);
  return {
    roles: [
      ...makers.map((maker) => (maker < producers ? ("producer" as const) : ("backup" as const))),
      ...passers.map(() => "seed" as const),
      ...servers.map(() => "full" as const),
    ],
    links: [
      ...pairsOf(makers),
      ...makers.flatMap((maker) => [...passers, ...servers].map((other): [number, number] => [maker, other])),
      ...pairsOf(passers),
      ...servers.flatMap((node) => passers.map((seed): [number, number] => [seed, node])),
    ],
  };
}

function pairsOf(positions: readonly number[]): [number, number][] {
  return positions.flatMap((a, i) => positions.slice(i + 1).map((b): [number, number] => [a, b]));
}
