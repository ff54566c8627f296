import type { Topology } from "../devnet/config.ts";
import { buildTopology, clientNodesOf, layeredTopology } from "../devnet/topologies.ts";
import type { ValidatedEmbedded } from "./schema.ts";

const defaultNodes = 3;

export interface EmbeddedNodes {
  /** Those that clients reach. */
  readonly clients: number;
  readonly all: number;
  readonly topology: Topology | null;
}

export function embeddedNodesOf({ nodes, topology }: Pick<ValidatedEmbedded, "nodes" | "topology">): EmbeddedNodes {
  if (topology === null) return { clients: nodes ?? defaultNodes, all: nodes ?? defaultNodes, topology };
  const built = buildFrom(topology, nodes ?? defaultNodes);
  return { clients: clientNodesOf(built), all: built.roles.length, topology: built };
}

function buildFrom(topology: NonNullable<ValidatedEmbedded["topology"]>, fullNodes: number): Topology {
  if (typeof topology === "string") return buildTopology(topology, fullNodes);
  return "full" in topology ? layeredTopology(topology) : topology;
}
