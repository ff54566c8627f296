import { devnetChains, type Topology } from "../devnet/config.ts";
import { linkDelayExpected } from "../devnet/topologies.ts";
import { resolveEmbeddedSettings } from "./embedded-settings.ts";
import { embeddedNodesOf } from "./embedded-topology.ts";
import { type Finding, type Path, renderValue, valueAt } from "./findings.ts";
import type { ValidatedEmbedded, ValidatedScenario } from "./schema.ts";
import { limits } from "./schema-parts.ts";

export interface NetworkSections {
  readonly chain?: string;
  readonly network?: ValidatedScenario["network"];
  readonly accounts?: ValidatedScenario["accounts"];
}

/** Of `ChainCatalogues`, what networks need. */
interface NodeChains {
  readonly names: readonly string[];
  nodeProtocolsOf(chain: string): readonly string[] | null;
}

/** What only shows between the fields of a network, with the accounts, or against what its chain's devnet takes. */
export function checkNetwork(sections: NetworkSections, raw: unknown, chains: NodeChains): Finding[] {
  const { chain, network } = sections;
  const findings: Finding[] = [];
  const add: Add = (path, expected, value = renderValue(valueAt(raw, path))) => {
    findings.push({ path, value, expected });
  };
  checkAccounts(sections, add);
  if (network === undefined) return findings;
  if ("endpoints" in network) {
    const protocols = chain === undefined ? null : chains.nodeProtocolsOf(chain);
    for (const [i, endpoint] of network.endpoints.entries()) {
      if (protocols !== null && !protocols.some((protocol) => endpoint.startsWith(`${protocol}://`))) {
        add(["network", "endpoints", i], `expected the ${protocols.join(" or ")} address of a node of ${chain}`);
      }
      if (network.endpoints.indexOf(endpoint) < i) {
        add(["network", "endpoints", i], "is named twice; each node must be named once");
      }
    }
    return findings;
  }
  const section: Path = ["network", network.container === null ? "embedded" : "docker"];
  const addWithin: Add = (path, expected, value = renderValue(valueAt(raw, [...section, ...path]))) => {
    add([...section, ...path], expected, value);
  };
  if (chain !== undefined && chains.names.includes(chain)) {
    if (!devnetChains.includes(chain)) {
      add(["network"], `expected { endpoints: [ … ] }, because there is no embedded ${chain} network`);
    }
    for (const { field, expected } of resolveEmbeddedSettings(chain, network.embedded)?.problems ?? []) {
      addWithin([field], expected);
    }
  }
  checkNodes(network.embedded, addWithin);
  checkBehaviours(network.embedded, addWithin);
  return findings;
}

type Add = (path: Path, expected: string, value?: string) => void;

function checkAccounts({ network, accounts }: NetworkSections, add: Add): void {
  if (network === undefined || accounts === undefined) return;
  const embedded = "embedded" in network;
  if (embedded && !("count" in accounts)) {
    add(["accounts"], "expected { count: …, balance: … }, because an embedded network makes its accounts");
  }
  if (!embedded && "count" in accounts) {
    const expected =
      "expected { names: …, keys: … }, or { create: …, from: …, keys: … } to make some on existing nodes";
    add(["accounts"], expected);
  }
}

function checkNodes(embedded: ValidatedEmbedded, add: Add): void {
  const { all, clients, topology } = embeddedNodesOf(embedded);
  if (all > limits.embeddedNodes) {
    add(["nodes"], `expected at most ${limits.embeddedNodes} nodes in all, not ${all}`);
  }
  if (topology === null) return;
  if (typeof embedded.topology === "object" && "roles" in (embedded.topology ?? {})) checkTopology(topology, add);
  if (embedded.nodes !== undefined && embedded.nodes !== clients) {
    add(["nodes"], `expected ${clients}, as many as the topology has full nodes`);
  }
}

function checkTopology({ roles, links }: Topology, add: Add): void {
  const path: Path = ["topology"];
  for (const [role, what] of [
    ["producer", "one that makes blocks"],
    ["full", "one that clients reach"],
  ] as const) {
    if (!roles.includes(role)) add([...path, "roles"], `expected a ${role} node among them, ${what}`);
  }
  for (const [i, pair] of links.entries()) {
    if (pair[0] === pair[1] || pair.some((node) => node >= roles.length)) {
      add([...path, "links", i], `expected two different positions of nodes from 0 to ${roles.length - 1}`);
    }
  }
  const apart = roles.findIndex((_, node) => !isReached(node, links));
  if (apart > 0)
    add([...path, "links"], `expected a way from every node to every other; there is none from 0 to ${apart}`);
}

/** From the first node, over however many links. */
function isReached(node: number, links: Topology["links"]): boolean {
  const reached = new Set([0]);
  for (const at of reached) {
    for (const [a, b] of links) {
      if (a === at) reached.add(b);
      if (b === at) reached.add(a);
    }
  }
  return reached.has(node);
}

function checkBehaviours(embedded: ValidatedEmbedded, add: Add): void {
  const { all, topology } = embeddedNodesOf(embedded);
  const { nodeBehaviours, networkBehaviour } = embedded;
  for (const [i, { between }] of networkBehaviour.linkDelays.entries()) {
    const expected = linkDelayExpected(between, topology, all);
    if (expected !== null) add(["networkBehaviour", "linkDelays", i, "between"], expected);
  }
  if (nodeBehaviours.length > all) {
    const expected = `expected at most ${all}, one for each node`;
    add(["nodeBehaviours"], expected, `${nodeBehaviours.length}`);
  }
  for (const [i, { answerDelay }] of nodeBehaviours.entries()) {
    if (answerDelay?.kind === "points" && answerDelay.ms.length !== answerDelay.weights.length) {
      const expected = `expected ${answerDelay.ms.length} weights, one for each of ms`;
      add(["nodeBehaviours", i, "answerDelay", "weights"], expected);
    }
  }
  for (const [i, partition] of networkBehaviour.partitions.entries()) {
    if (partition.nodes.some((node) => node >= all)) {
      const expected = `expected positions of nodes from 0 to ${all - 1}`;
      add(["networkBehaviour", "partitions", i, "nodes"], expected);
    }
  }
}
