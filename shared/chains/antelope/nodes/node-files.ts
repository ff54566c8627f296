import type { FoundingNode, NodeFile } from "../../node-networks.ts";

export const clientPort = 8888;
export const peerPort = 9876;
/** Where the program finds its files, and keeps its chain. */
export const folder = "/node/home";
export const systemAccount = "eosio";

export interface ProducerKey {
  /** Name of the producer's account. */
  readonly name: string;
  readonly publicKey: string;
  readonly privateKey: string;
}

export interface NodeFilesOptions {
  readonly node: FoundingNode;
  /** Those whose blocks the node makes, or will make when it takes over. */
  readonly producers: readonly ProducerKey[];
  /** Of the account that makes blocks until the producers are set; null: another node's. */
  readonly system: ProducerKey | null;
  readonly genesis: string;
  readonly transactionStatus: boolean;
}

/** What one node is told; names of options as in `nodeos --help` of Spring 1.2. */
export function nodeFiles(options: NodeFilesOptions): NodeFile[] {
  const { node, producers, system, genesis, transactionStatus } = options;
  const keys = system === null ? producers : [system, ...producers];
  // A producer's API pauses and resumes it and activates features: never on nodes that serve clients.
  const isSteered = system !== null || node.role === "backup";
  const isReached = node.role === "full" || system !== null;
  const lines = [
    `p2p-listen-endpoint = 0.0.0.0:${peerPort}`,
    `p2p-server-address = ${node.name}:${peerPort}`,
    ...node.peers.map((peer) => `p2p-peer-address = ${peer}`),
    // All dial each other from one network, where a relay makes several links look like one host.
    "p2p-max-nodes-per-host = 64",
    `http-server-address = ${isReached ? "0.0.0.0" : "127.0.0.1"}:${clientPort}`,
    // Nodes are reached by their names and by published ports.
    "http-validate-host = false",
    "verbose-http-errors = true",
    "plugin = eosio::chain_api_plugin",
    ...(isSteered ? ["plugin = eosio::producer_api_plugin"] : []),
    ...(node.role === "full" && transactionStatus ? ["transaction-finality-status-max-storage-size-gb = 1"] : []),
    // A thread of its own for each, so that load is not refused while a block is made.
    "http-threads = 4",
    "chain-state-db-size-mb = 2048",
    // One node begins although the genesis is old; the others wait for its blocks.
    ...(system === null ? [] : ["enable-stale-production = true"]),
    ...(node.role === "backup" ? ["pause-on-startup = true"] : []),
    ...keys.map(({ name }) => `producer-name = ${name}`),
    ...keys.map(({ publicKey, privateKey }) => `signature-provider = ${publicKey}=KEY:${privateKey}`),
  ];
  return [
    { node: node.name, name: "config.ini", content: `${lines.join("\n")}\n` },
    { node: node.name, name: "genesis.json", content: genesis },
  ];
}
