import type { DevnetConfig, Topology } from "../../shared/devnet/config.ts";
import { linkDelayExpected } from "../../shared/devnet/topologies.ts";
import type { Problem } from "../../shared/errors/app-error.ts";

/** What the shape alone does not show of nodes, partitions and links. */
export function networkProblems({ ports, network, nodes, topology }: DevnetConfig): readonly Problem[] {
  const isNode = (node: number): boolean => node < ports.length;
  const expected = `expected a node from 0 to ${ports.length - 1}`;
  return [
    ...network.partitions.flatMap((partition, index) =>
      partition.nodes
        .filter((node) => !isNode(node))
        .map((node) => ({ path: `network.partitions[${index}].nodes`, value: String(node), expected })),
    ),
    ...linkDelayProblems(network.linkDelays, topology, ports.length),
    ...(nodes.length > ports.length
      ? [
          {
            path: "nodes",
            value: `${nodes.length} entries`,
            expected: `expected at most ${ports.length}, one for each port`,
          },
        ]
      : []),
    ...(topology === null ? [] : topologyProblems(topology, ports.length)),
  ];
}

function linkDelayProblems(
  delays: DevnetConfig["network"]["linkDelays"],
  topology: Topology | null,
  nodes: number,
): Problem[] {
  return delays.flatMap(({ between }, index) => {
    const expected = linkDelayExpected(between, topology, nodes);
    return expected === null
      ? []
      : [{ path: `network.linkDelays[${index}].between`, value: `[${between.join(", ")}]`, expected }];
  });
}

function topologyProblems({ roles, links }: Topology, nodes: number): Problem[] {
  const problems: Problem[] = links.flatMap(([a, b], index) =>
    a === b || a >= nodes || b >= nodes
      ? [
          {
            path: `topology.links[${index}]`,
            value: `[${a}, ${b}]`,
            expected: `expected two different nodes from 0 to ${nodes - 1}`,
          },
        ]
      : [],
  );
  if (roles.length !== nodes)
    problems.push({
      path: "topology.roles",
      value: `${roles.length} entries`,
      expected: `expected ${nodes}, one for each port`,
    });
  for (const role of ["producer", "full"] as const) {
    if (!roles.includes(role))
      problems.push({ path: "topology.roles", expected: `expected a ${role} node among them` });
  }
  if (problems.length === 0 && reachable(links).size < nodes) {
    problems.push({ path: "topology.links", expected: "expected links that lead from every node to every other" });
  }
  return problems;
}

/** From node 0. */
function reachable(links: Topology["links"]): ReadonlySet<number> {
  const found = new Set([0]);
  for (const node of found) {
    for (const [a, b] of links) {
      if (a === node) found.add(b);
      if (b === node) found.add(a);
    }
  }
  return found;
}
