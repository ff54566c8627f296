import type { FoundingNode, NodeFile } from "../../node-networks.ts";

export const clientPort = 8090;
export const peerPort = 1776;
/** Where the program finds its files, and keeps its chain. */
export const folder = "/node/home";

export interface WitnessKey {
  /** Id of the witness, such as 1.6.1. */
  readonly id: string;
  readonly publicKey: string;
  /** In Wallet Import Format. */
  readonly privateKey: string;
}

/** The witnesses that each producing node makes blocks for: dealt in turn, so that they are as even as can be. */
export function dealWitnesses(
  nodes: readonly FoundingNode[],
  witnesses: readonly WitnessKey[],
): ReadonlyMap<string, readonly WitnessKey[]> {
  const producers = nodes.filter(({ role }) => role === "producer");
  return new Map(
    producers.map(({ name }, i) => [name, witnesses.filter((_, w) => w % producers.length === i)] as const),
  );
}

/** What one node is told; names of options as in `witness_node --help` of bitshares-core 7. */
export function nodeFiles(
  node: FoundingNode,
  dealt: ReadonlyMap<string, readonly WitnessKey[]>,
  genesis: string,
): NodeFile[] {
  const [firstProducer = ""] = dealt.keys();
  const own = dealt.get(node.role === "backup" ? firstProducer : node.name) ?? [];
  const producing = own.map(({ id }) => `witness-id = "${id}"`);
  const lines = [
    `p2p-endpoint = 0.0.0.0:${peerPort}`,
    // Without this line the program dials the seeds of the public network; with it, only these.
    `seed-nodes = ${JSON.stringify(node.peers)}`,
    // Links are those of the topology: no node tells of others, and none dials those that it hears of.
    "p2p-connect-to-new-peers = false",
    "p2p-advertise-peer-algorithm = nothing",
    `genesis-json = ${folder}/genesis.json`,
    // All are asked for their health, from within; clients only reach full nodes.
    `rpc-endpoint = ${node.role === "full" ? "0.0.0.0" : "127.0.0.1"}:${clientPort}`,
    `plugins = ${pluginsOf(node)}`,
    ...(node.role === "full" ? [] : ["ignore-api-helper-indexes-warning = true"]),
    // One node must begin although the last block, the genesis, is old; the others wait for its blocks.
    ...(node.name === firstProducer ? ["enable-stale-production = true"] : []),
    // Slots between the genesis and the first block count as missed, and would keep the others from ever beginning.
    ...(own.length === 0 ? [] : ["required-participation = 0"]),
    ...own.map(({ publicKey, privateKey }) => `private-key = ${JSON.stringify([publicKey, privateKey])}`),
    ...(node.role === "producer" ? producing : []),
  ];
  return [
    { node: node.name, name: "config.ini", content: `${lines.join("\n")}\n` },
    { node: node.name, name: "genesis.json", content: genesis },
    // Appended to the configuration and started again, a backup makes the first producer's blocks.
    ...(node.role === "backup"
      ? [{ node: node.name, name: "take-over.ini", content: `${producing.join("\n")}\n` }]
      : []),
  ];
}

/** Clients may ask a full node for anything; the others know nothing that making and passing on blocks does not need. */
function pluginsOf({ role }: FoundingNode): string {
  if (role === "seed") return "witness";
  if (role === "full")
    return "witness account_history market_history grouped_orders api_helper_indexes custom_operations";
  return "witness";
}
