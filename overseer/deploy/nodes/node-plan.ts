import type { FoundingNode, NodeRole } from "../../../shared/chains/node-networks.ts";
import { layeredTopology, type NodeCounts } from "../../../shared/devnet/topologies.ts";
import type { Problem } from "../../../shared/errors/app-error.ts";

/** A link between two nodes that takes longer than the network between their containers. */
export interface LinkDelay {
  readonly between: readonly [string, string];
  readonly ms: number;
}

/** A connection that goes through a relay of its own, which makes it slow. */
export interface RelayPlan {
  readonly name: string;
  /** Name of the node that is dialled. */
  readonly to: string;
  readonly delayMs: number;
}

export interface NodePlan {
  readonly nodes: readonly FoundingNode[];
  readonly relays: readonly RelayPlan[];
}

export interface NodePlanOptions {
  readonly counts: NodeCounts;
  /** Of every link that has none of its own. */
  readonly delayMs: number;
  readonly delays: readonly LinkDelay[];
  /** On which nodes listen for each other. */
  readonly peerPort: number;
}

/**
 * Who is there, and who dials whom. Each link is dialled once, by the later of the two, so that a node that starts finds
 * those that it dials already there. A slow link leads through a relay.
 */
export function planNodes({ counts, delayMs, delays, peerPort }: NodePlanOptions): NodePlan {
  const { names, roles, links } = namedTopology(counts);
  const slow = links.map(({ from, to }) => {
    const own = delays.find(({ between }) => between.includes(from) && between.includes(to));
    return { from, to, delayMs: own?.ms ?? delayMs };
  });
  const hostOf = ({ from, to, delayMs: ms }: (typeof slow)[number]): string => (ms > 0 ? relayName(from, to) : to);
  return {
    nodes: names.map((name, i) => ({
      name,
      role: roles[i] as NodeRole,
      peers: slow.filter(({ from }) => from === name).map((link) => `${hostOf(link)}:${peerPort}`),
    })),
    relays: slow
      .filter((link) => link.delayMs > 0)
      .map(({ from, to, delayMs: ms }) => ({ name: relayName(from, to), to, delayMs: ms })),
  };
}

/** Of delays that name no link of the topology. */
export function delayProblems(counts: NodeCounts, delays: readonly LinkDelay[], path: string): Problem[] {
  const { names, links } = namedTopology(counts);
  return delays.flatMap(({ between: [a, b] }, i) => {
    const unknown = [a, b].find((name) => !names.includes(name));
    const isLink = links.some(({ from, to }) => (from === a && to === b) || (from === b && to === a));
    const expected =
      unknown !== undefined
        ? `expected nodes such as ${names.slice(0, 3).join(", ")}`
        : isLink
          ? null
          : `expected two nodes that are linked; ${a} is linked to ${linkedTo(links, a).join(", ")}`;
    return expected === null ? [] : [{ path: `${path}[${i}].between`, value: `[${a}, ${b}]`, expected }];
  });
}

interface NamedLink {
  /** The one that dials. */
  readonly from: string;
  readonly to: string;
}

function namedTopology(counts: NodeCounts): {
  readonly names: readonly string[];
  readonly roles: readonly string[];
  readonly links: readonly NamedLink[];
} {
  const { roles, links } = layeredTopology(counts);
  const names = roles.map((role, i) => `${role}-${roles.slice(0, i + 1).filter((other) => other === role).length}`);
  return {
    names,
    roles,
    links: links.map(([a, b]) => ({ from: names[Math.max(a, b)] as string, to: names[Math.min(a, b)] as string })),
  };
}

function linkedTo(links: readonly NamedLink[], name: string): string[] {
  return links.flatMap(({ from, to }) => (from === name ? [to] : to === name ? [from] : []));
}

function relayName(from: string, to: string): string {
  return `link-${from}-${to}`;
}
