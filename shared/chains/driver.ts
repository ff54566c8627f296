import type { Workload } from "../scenario/scenario.ts";
import type { NodeNetworks } from "./node-networks.ts";
import type { Reason } from "./outcome.ts";
import type { Provisioning } from "./provisioning.ts";
import type { ChainTraffic, ReplayedKind } from "./traffic.ts";

/**
 * The port that every chain family implements, one folder each beside this file. The rest of the program knows chains
 * only through it. The parts are separate because they live in separate places: `describe`, `resolve` and `follow` in
 * the overseer, `createPreparer` in a beacon's signing threads, `openBroadcaster` in its sending thread. What passes
 * between them is plain data that survives a structured clone and JSON.
 */
export interface ChainDriver {
  readonly chain: string;
  readonly vocabulary: ChainVocabulary;
  readonly operations: OperationCatalogue;
  /** Chain ids of public main networks, with their names: load on these is refused by default. */
  readonly mainNetworks: ReadonlyMap<string, string>;
  /** How addresses of its nodes may begin, such as `https`. */
  readonly nodeProtocols: readonly string[];
  /** Connections of a beacon to each node where the scenario names no number. */
  readonly defaultConnectionsPerNode: number;
  /**
   * Looks at every endpoint and describes the network they form.
   * Throws AppError: NETWORK_UNREACHABLE, NETWORK_MISMATCH (different chain ids, or not the expected one),
   * NETWORK_NOT_READY (out of sync: head older than `maximumHeadAgeMs`), NETWORK_TOO_OLD (lacks a call that is needed).
   * One error names every endpoint that is wrong.
   */
  describe(options: DescribeOptions): Promise<NetworkDescription>;
  /**
   * Finds the accounts on the chain, checks each key against the account's active authority, and gathers whatever the
   * workload needs (assets, resting orders, fees).
   * Throws AppError: ACCOUNT_MISSING, ACCOUNT_KEY, RESOURCES_MISSING, RPC_FAILED, with one problem for each account.
   */
  resolve(options: ResolveOptions): Promise<ResolvedChain>;
  /** A fresh reference block for TaPoS: the last irreversible one. */
  reference(endpoint: string, signal?: AbortSignal): Promise<TransactionReference>;
  /**
   * What the workload will need of each account, in the fee asset's and the other assets' smallest units.
   * Pure: counts of operations in, costs out.
   */
  cost(resolved: ResolvedChain, workload: Workload, operationCounts: readonly number[]): CostEstimate;
  createPreparer(context: PrepareContext): TransactionPreparer;
  openBroadcaster(options: BroadcasterOptions): Broadcaster;
  /** Follows one node's blocks until closed; reconnects by itself and says so through `onTrouble`. */
  follow(options: FollowOptions): BlockFollower;
  /** Sets up accounts, keys, assets and orders of an embedded network's genesis; pure. */
  embeddedGenesis(options: EmbeddedGenesisOptions): EmbeddedGenesis;
  /** Reads what users of a network send; without it, nothing can be learned from networks of this chain. */
  readonly traffic?: ChainTraffic;
  /** Without it, accounts on networks of this chain must be given. */
  readonly provisioning?: Provisioning;
  /** Test networks of real nodes; not there where nobody has written down how they are set up. */
  readonly nodeNetworks?: NodeNetworks;
}

/** The chain's own words, so that reports and progress need no `if (chain === …)`. */
export interface ChainVocabulary {
  readonly operation: string;
  readonly operations: string;
  /** Who makes blocks: witness, producer. */
  readonly producer: string;
  /** What blocks of this chain use up besides bytes and operations; empty where they use up nothing else. */
  readonly blockUsage: readonly BlockUsageMeasure[];
}

/** A resource that is billed to transactions and limited for each block, such as CPU time. */
export interface BlockUsageMeasure {
  /** Key in `ObservedBlock.usage` and `NetworkDescription.blockLimits`. */
  readonly key: string;
  /** For headings, such as "CPU". */
  readonly label: string;
  readonly unit: "µs" | "bytes";
}

/** What can be named in a scenario's mix; used to validate it and to suggest a name for a typo. */
export interface OperationCatalogue {
  /** Operations with a generator of their own. */
  readonly named: readonly string[];
  /** Operations that a template can be written for; where contracts bring their own, the well-known ones. */
  readonly all: readonly string[];
  /** Whether a mix entry may name this operation at all, as far as that can be told without a network. */
  knows(operation: string): boolean;
  /** Problems of one mix entry, each with a path relative to the entry; empty when it is good. Pure. */
  validate(
    entry: MixEntryInput,
  ): readonly { readonly path: string; readonly value?: string; readonly expected: string }[];
  /**
   * The named operation that stands for captured ones of one kind when they are replayed, or why there is none; without
   * it, captures of this chain cannot be replayed. The sizes are those of the captured ones. Pure.
   */
  replay?(kind: string, sizes: { readonly meanSize: number; readonly largestSize: number }): ReplayedKind;
  /** Where it is not there, transactions of this chain cannot be filled to a size. */
  readonly packedSizes?: PackedSizes;
}

/** How large transactions become, as far as that is known before a network is. */
export interface PackedSizes {
  /** The most that a packed transaction has besides its operations, with one signature. */
  readonly overheadBytes: number;
  /**
   * The most that an operation of a good mix entry adds, with a signature that it brings; null where only the network
   * knows. Pure.
   */
  operationBytes(entry: MixEntryInput): number | null;
}

export interface MixEntryInput {
  readonly name: string;
  readonly operation: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly template: Readonly<Record<string, unknown>> | null;
}

export interface DescribeOptions {
  readonly endpoints: readonly string[];
  /** The chain id that the scenario names, or null. */
  readonly expectedChainId: string | null;
  readonly timeoutMs: number;
  readonly maximumHeadAgeMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface NetworkDescription {
  readonly chain: string;
  readonly chainId: string;
  readonly nodes: readonly NodeDescription[];
  readonly blockIntervalMs: number;
  readonly maximumBlockBytes: number;
  readonly maximumTransactionBytes: number;
  /** Longest time from now to a transaction's expiration that nodes accept. */
  readonly maximumLifetimeSeconds: number;
  /** How many blocks back a transaction's reference may lie. */
  readonly referenceWindowBlocks: number;
  readonly producers: number;
  /** Symbol of the core asset, such as BTS or EOS. */
  readonly coreSymbol: string;
  /** What a block may use at most, by the keys of the vocabulary's `blockUsage`; without a key where there is no limit. */
  readonly blockLimits: Readonly<Record<string, number>>;
  readonly headNumber: number;
  readonly irreversibleNumber: number;
  /** Chain time of the head block. */
  readonly headTimeMs: number;
  /** Anything else worth showing in the report, by label. */
  readonly facts: Readonly<Record<string, string>>;
}

export interface NodeDescription {
  /** `node-1`, `node-2`, … in the order of the endpoints. */
  readonly name: string;
  readonly endpoint: string;
  readonly headNumber: number;
  readonly version: string | null;
}

export interface AccountKey {
  readonly name: string;
  /** Private key in the chain's own text form. Never logged, never reported. */
  readonly privateKey: string;
}

export interface ResolveOptions {
  readonly endpoint: string;
  readonly network: NetworkDescription;
  readonly accounts: readonly AccountKey[];
  readonly workload: Workload;
  readonly signal?: AbortSignal | undefined;
}

/** Everything that preparing needs besides the plan. `data` is the driver's own, opaque to all others, JSON-safe. */
export interface ResolvedChain {
  readonly accounts: readonly ResolvedAccount[];
  /** How many distinct existing objects each mix entry can consume (orders to cancel); null where it needs none. */
  readonly pools: readonly (number | null)[];
  readonly data: unknown;
}

export interface ResolvedAccount {
  readonly name: string;
  readonly id: string;
  readonly privateKey: string;
  /** Smallest units by asset symbol, decimal text. */
  readonly balances: Readonly<Record<string, string>>;
}

export interface CostEstimate {
  /** One line for each asset: what the whole run needs at most and what the accounts have together. */
  readonly lines: readonly {
    readonly asset: string;
    readonly precision: number;
    readonly needed: string;
    readonly available: string;
  }[];
  /** Accounts that would run dry before the end, were the load spread evenly. */
  readonly shortAccounts: readonly string[];
}

export interface TransactionReference {
  readonly blockNumber: number;
  readonly blockId: string;
  readonly chainTimeMs: number;
}

export interface PrepareContext {
  readonly chain: string;
  readonly seed: number;
  readonly network: NetworkDescription;
  readonly workload: Workload;
  readonly resolved: ResolvedChain;
  readonly reference: TransactionReference;
  /** Of the whole run, where known: a workload that cannot make as many different ones is refused at once. */
  readonly transactions?: number | undefined;
}

/**
 * Builds, serialises and signs transactions, without allocating where the chain lets it. The same context and arguments
 * give the same transaction, signature included.
 */
export interface TransactionPreparer {
  /** Upper bound of `bodyBytes`, to size the store; exact maxima are not needed. */
  readonly typicalBodyBytes: number;
  /**
   * Writes the body that the broadcaster of this chain sends for transaction `sequence` into `target` at `offset` and
   * describes it in `prepared`. Returns false when there is no room (nothing is written then). Signatures, and with them
   * the match key, may be outstanding until `complete`: together they cost less.
   */
  prepare(request: PrepareRequest, target: Uint8Array, offset: number, prepared: PreparedTransaction): boolean;
  /** Puts in whatever is outstanding, in all targets and descriptions since the last call. */
  complete(): void;
}

export interface PrepareRequest {
  /** Position in the whole run: decides everything random about the transaction. */
  sequence: number;
  expirationSeconds: number;
  /** Mix entry of each operation; only the first `operations` are meant. */
  entries: Uint16Array;
  operations: number;
  /** For each operation whose entry consumes a pool: which object, counted over the whole run. */
  poolOrdinals: Uint32Array;
}

export interface PreparedTransaction {
  bodyBytes: number;
  /** Size in a block, signatures included. */
  packedBytes: number;
  /** First eight bytes of what identifies the transaction in a block, as two big-endian words. */
  matchKeyHigh: number;
  matchKeyLow: number;
}

export interface BroadcasterOptions {
  readonly endpoint: string;
  readonly connections: number;
  readonly connectTimeoutMs: number;
  /** `ResolvedChain.data` of what will be sent. */
  readonly data: unknown;
  readonly handlers: BroadcastHandlers;
}

export interface BroadcastHandlers {
  /** `reason` "none" means accepted. `message` is the node's own text, only for rejections. */
  onAnswer(token: number, reason: Reason, receivedMicros: number, message: string | null): void;
  /** Sent, and now known to stay without an answer because its connection broke. */
  onUnanswered(token: number, reason: Reason): void;
  /** Connections that are open now, after a change; `error` says why one was lost. */
  onConnections(open: number, error: string | null): void;
}

/** Sends prepared bodies to one node over one or more connections; reconnects by itself with back-off. */
export interface Broadcaster {
  /** Resolves when all connections are open, rejects with NETWORK_UNREACHABLE when the time is up. */
  open(): Promise<void>;
  readonly openConnections: number;
  /** True while `send` would send at once. Where connections carry one request at a time, one that is open and free. */
  readonly hasRoom: boolean;
  readonly inFlight: number;
  /** Bytes handed to the system but not yet taken by the network. */
  readonly bufferedBytes: number;
  /** False when there is no room: nothing was sent. `token` comes back with the answer and is unique per run. */
  send(token: number, body: Uint8Array): boolean;
  /**
   * Nobody waits for the answer any more. A connection that can carry nothing else until it comes is made free; no
   * handler hears of that one again. Elsewhere a late answer may still be told.
   */
  giveUp(token: number): void;
  /** Everything sent since the last flush may be held back until now. */
  flush(): void;
  close(): Promise<void>;
}

export interface FollowOptions {
  readonly endpoint: string;
  /** Blocks up to and including this number are old and not reported. */
  readonly afterBlock: number;
  readonly handlers: FollowHandlers;
  readonly signal?: AbortSignal | undefined;
}

export interface FollowHandlers {
  /** A block became this node's head. */
  onHead(head: { readonly number: number; readonly id: string; readonly arrivedMicros: number }): void;
  onIrreversible(number: number): void;
  onTrouble(message: string): void;
  onConnected(): void;
}

export interface BlockFollower {
  /** True while the node is connected and its blocks arrive. */
  readonly connected: boolean;
  /** Body of a block of this node, or null when it does not have it (any more). */
  fetchBlock(number: number): Promise<ObservedBlock | null>;
  close(): Promise<void>;
}

export interface ObservedBlock {
  readonly number: number;
  readonly id: string;
  readonly previousId: string;
  readonly producer: string;
  readonly timestampMs: number;
  readonly transactions: number;
  readonly operations: number;
  /** Size of the packed block. */
  readonly bytes: number;
  /** What its transactions were billed together, by the keys of the vocabulary's `blockUsage`. */
  readonly usage: Readonly<Record<string, number>>;
  /** For each transaction, the same eight bytes as `PreparedTransaction.matchKey*`. */
  readonly matchKeys: BigUint64Array;
}

export interface EmbeddedGenesisOptions {
  readonly seed: number;
  readonly accounts: number;
  /** As written in the scenario, such as "1000 BTS". */
  readonly balance: string;
  readonly workload: Workload;
  /** Upper bound of how often each mix entry is used, to make as many objects as it consumes. */
  readonly poolNeeds: readonly number[];
}

export interface EmbeddedGenesis {
  readonly accounts: readonly AccountKey[];
  /** Goes into the devnet's configuration as it is. */
  readonly genesis: unknown;
}
