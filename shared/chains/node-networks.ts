import type { SigningAccount } from "./provisioning.ts";

/**
 * How a test network of real nodes of a chain is set up: its files, and how its chain comes to have an account that can
 * pay. What runs need besides is made out of that account's funds, as on any other network. Where the nodes run is nobody's
 * business here.
 */
export interface NodeNetworks {
  readonly software: NodeSoftware;
  /** All files that the nodes need. Pure: the same options give the same files. Throws PLAN_IMPOSSIBLE. */
  found(options: FoundingOptions): FoundedNetwork;
  /**
   * Brings a network that runs to where its funding account can pay for everything else, through one node: doing it again
   * does only what is missing. Throws AppError: NETWORK_UNREACHABLE, NETWORK_MISMATCH, NETWORK_NOT_READY, RPC_FAILED.
   */
  boot(options: BootOptions): Promise<void>;
}

/** The program that nodes run, as its image has it. */
export interface NodeSoftware {
  /** Used where a deployment names no other; pinned by its version. */
  readonly image: string;
  /** Program and arguments, in place of the image's own. */
  readonly command: readonly string[];
  /** Ends with exit code 0 when the node takes connections of clients; run in the container, without a shell. */
  readonly healthCheck: readonly string[];
  /** At which the program ends in good order. */
  readonly stopSignal: string;
  /** Where it finds its files, and keeps its chain; two levels deep, so that it can be made with its owner. */
  readonly folder: string;
  readonly clientPort: number;
  readonly peerPort: number;
  readonly clientProtocol: "ws" | "http";
  /** Which node `boot` talks to; a producer's door must be open to it. */
  readonly bootsThrough: "full" | "producer";
}

/**
 * A producer makes blocks; a backup has the keys of the first producer and can take over from it; a seed only passes on
 * what it hears; a full node serves clients.
 */
export type NodeRole = "producer" | "backup" | "seed" | "full";

export interface FoundingNode {
  readonly name: string;
  readonly role: NodeRole;
  /** `host:port` of the nodes that this one dials. */
  readonly peers: readonly string[];
}

export interface FoundingOptions {
  readonly nodes: readonly FoundingNode[];
  /** How many accounts sign the load, and what each has, as written in the scenario: `1000 BTS`. */
  readonly accounts: { readonly count: number; readonly balance: string };
  /** Of the embedded network that this one takes the place of. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly parameters: Readonly<Record<string, number>>;
  /** Random text that all other keys follow from. */
  readonly secret: string;
  /** The genesis lies at or shortly before it. */
  readonly nowMs: number;
}

export interface NodeFile {
  readonly node: string;
  readonly name: string;
  readonly content: string;
}

export interface FoundedNetwork {
  readonly chainId: string;
  readonly files: readonly NodeFile[];
  /** Has all there is once `boot` is done, and pays for what the scenario needs. */
  readonly funder: SigningAccount;
  /** As in a scenario's `accounts.create`, for the accounts that sign the load. */
  readonly create: { readonly prefix: string; readonly resources: Readonly<Record<string, string>> };
  /** For `boot`, as JSON; holds no secrets. */
  readonly bootPlan: unknown;
}

export interface BootOptions {
  /** Address of a node of the role that boots are done through. */
  readonly endpoint: string;
  readonly chainId: string;
  readonly funder: SigningAccount;
  readonly bootPlan: unknown;
  /** Contents of the files that the chain's program itself has not, by name; null where there is none. */
  readonly readAsset: (name: string) => Promise<Uint8Array | null>;
  readonly signal: AbortSignal;
  /** What is being done, for a person. */
  readonly tell: (text: string) => void;
}
