import type { Topology } from "../devnet/config.ts";
import type { CapacitySettings } from "./capacity-settings.ts";
import type { Labels } from "./labels.ts";
import type { ObserveSettings } from "./observe-settings.ts";
import type { SecretSource } from "./secret-source.ts";

/**
 * A scenario after validation: every default filled in, every unit converted, nothing optional.
 * `schema.ts` has the file's form, `parse-scenario.ts` makes this of it.
 */
export interface Scenario {
  readonly name: string;
  readonly question: string;
  readonly description: string | null;
  readonly chain: string;
  readonly network: NetworkTarget;
  readonly accounts: AccountsSource;
  readonly beacons: BeaconsWanted;
  readonly seed: number;
  readonly workload: Workload;
  readonly phases: readonly Phase[];
  readonly drainMicros: number;
  /** How long after its due time a transaction must at least stay valid. */
  readonly lifetimeSeconds: number;
  readonly thresholds: readonly Threshold[];
  readonly sending: SendingLimits;
  /** What `overseer capacity` does; a run makes no use of it. */
  readonly capacity: CapacitySettings;
  readonly observe: ObserveSettings;
  /** What happens after T0 to what a lost beacon had left to send; before T0 a lost beacon always ends the run. */
  readonly onBeaconLost: BeaconLossPolicy;
}

/**
 * `fail`: all sending ends and the run fails. `continue`: what it had left is cancelled. `redistribute`: the others take
 * it over.
 */
export type BeaconLossPolicy = "fail" | "continue" | "redistribute";

export type NetworkTarget =
  | {
      readonly kind: "embedded";
      /** Those that clients reach; with those that they do not, `allNodes`. */
      readonly nodes: number;
      readonly allNodes: number;
      /** Parts of the devnet's configuration, checked against its schema, with the chain's defaults filled in. */
      readonly topology: Topology | null;
      readonly settings: Readonly<Record<string, unknown>>;
      readonly parameters: Readonly<Record<string, number>>;
      readonly nodeBehaviours: readonly unknown[];
      readonly networkBehaviour: Readonly<Record<string, unknown>>;
      /** Null: a process of the overseer's machine. */
      readonly container: (ContainerLimits & { readonly image: string | null; readonly publish: string | null }) | null;
    }
  | {
      readonly kind: "endpoints";
      readonly endpoints: readonly string[];
      readonly chainId: string | null;
    };

export type AccountsSource =
  | { readonly kind: "embedded"; readonly count: number; readonly balance: string }
  | {
      readonly kind: "given";
      readonly names: readonly string[];
      /** JSON: `{ "account-name": "key", … }`, or one key for all. */
      readonly keys: SecretSource;
    }
  | CreatedAccounts;

/** Made on a network that is there, by `overseer setup` or before a run, out of one account's funds. */
export interface CreatedAccounts {
  readonly kind: "created";
  readonly count: number;
  readonly prefix: string;
  /** As written in the scenario, such as `1000 BTS`. */
  readonly balances: readonly string[];
  readonly resources: Readonly<Record<string, string>>;
  readonly funder: { readonly name: string; readonly key: SecretSource };
  readonly keys: CreatedKeys;
}

/** `phrase`: derived from a secret. `file`: random ones, kept in a file that is made where there is none. */
export type CreatedKeys =
  | { readonly kind: "phrase"; readonly source: SecretSource }
  | { readonly kind: "file"; readonly path: string };

export interface ContainerLimits {
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
}

/** Where a run deploys its beacons. An image of null: ours, of this release. */
export interface DeployWanted extends ContainerLimits {
  readonly mode: "containers" | "swarm";
  readonly image: string | null;
}

export interface BeaconsWanted {
  readonly count: number;
  /** Null: processes of the overseer's machine. */
  readonly deploy: DeployWanted | null;
  /** How the load is dealt out among them; none: evenly. A beacon falls under the first whose labels it has. */
  readonly shares: readonly ShareRule[];
  /** Signing threads of each beacon; null: one for each core it may use, shared among the beacons of its host. */
  readonly signingThreads: number | null;
  /** Connections of each beacon to each node; null: as many as suit the chain's protocol. */
  readonly connectionsPerNode: number | null;
  /** A beacon that the overseer has not answered for this long stops sending. */
  readonly leaseMicros: number;
  /** The longest stretch of the schedule that is signed at once; null: as long as the network allows. */
  readonly signingWindowMicros: number | null;
}

export interface ShareRule {
  readonly where: Labels;
  readonly weight: number;
  /** Whether the weight is of the beacons that fall under it together, who then share evenly, or of each. */
  readonly of: "all" | "each";
}

export interface SendingLimits {
  /** A transaction that could not be sent this long after it was due is shed. */
  readonly shedAfterMicros: number;
  /** Transactions of one beacon that may be without an answer at the same time; beyond it, due ones are shed. */
  readonly inFlightBound: number;
  /** A transaction without an answer for this long counts as unanswered. */
  readonly answerTimeoutMicros: number;
}

export interface Workload {
  readonly operationsPerTransaction: OperationsDistribution;
  readonly mix: readonly MixEntry[];
  readonly route: Route;
  readonly popularity: Popularity;
}

/**
 * How often each account is drawn, as sender and as receiver. `zipf`: the k-th most popular of them with a weight of
 * k^−exponent; which account is the k-th follows from the seed.
 */
export type Popularity =
  | { readonly kind: "uniform" }
  | { readonly kind: "zipf"; readonly exponent: number; readonly seed: number }
  | CapturedPopularity;

/** As it was captured: for each operation of each transaction the accounts, by how busy they were, and its length. */
export interface CapturedPopularity {
  readonly kind: "captured";
  /** Operations of each transaction: 16 bits each, packed (`captured-columns.ts`). */
  readonly counts: string;
  /** Of each operation who pays, and whom else it names first: 32 bits each, packed. */
  readonly payers: string;
  readonly others: string;
  /** Length of its text or data: 16 bits each, packed. */
  readonly sizes: string;
}

export type OperationsDistribution =
  | { readonly kind: "fixed"; readonly count: number }
  | { readonly kind: "uniform"; readonly minimum: number; readonly maximum: number }
  /** Number of trials up to the first success with p = 1 / mean, cut at maximum. */
  | { readonly kind: "geometric"; readonly mean: number; readonly maximum: number }
  | { readonly kind: "table"; readonly counts: readonly number[]; readonly weights: readonly number[] }
  | FillDistribution
  | CapturedDistribution;

/** The operations that each transaction of a capture has; after the last one comes the first one again. */
export interface CapturedDistribution {
  readonly kind: "captured";
  /** Operations of each transaction: 16 bits each, packed (`captured-columns.ts`). */
  readonly counts: string;
  /** Mix entry of each operation: 8 bits each, packed. */
  readonly entries: string;
  readonly largest: number;
  readonly mean: number;
  readonly source: ReplaySource;
}

/** What is replayed and what is not, for plan and report. */
export interface ReplaySource {
  /** As written in the scenario. */
  readonly capture: string;
  readonly chainId: string;
  readonly firstBlock: number;
  readonly lastBlock: number;
  /** Captured time over the run's time: 2 is twice as fast. */
  readonly pace: number;
  readonly transactions: { readonly captured: number; readonly replayed: number };
  readonly operations: { readonly captured: number; readonly replayed: number };
  /** Accounts that the capture names, and those of the run that stand for them. */
  readonly accounts: number;
  readonly runAccounts: number;
  readonly leftOut: readonly { readonly kind: string; readonly operations: number; readonly reason: string }[];
}

/** As many operations as fit in a packed transaction of `bytes`, at least one. */
export interface FillDistribution {
  readonly kind: "fill";
  readonly bytes: number;
  /** What a transaction has at most besides its operations, its sender's signature included. */
  readonly overheadBytes: number;
  /** What an operation of each mix entry takes at most. */
  readonly entryBytes: readonly number[];
  /** Of those, by the weights of the mix. */
  readonly meanEntryBytes: number;
}

export interface MixEntry {
  /** The key in the file; the class of operation in ledger and report. */
  readonly name: string;
  readonly weight: number;
  /** The chain's operation; the same as `name` unless the entry names another. */
  readonly operation: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Fields with typed placeholders; null for the named operations. */
  readonly template: Readonly<Record<string, unknown>> | null;
}

export type Route =
  | { readonly kind: "equal" }
  /** Position in the list of nodes, from 0. */
  | { readonly kind: "node"; readonly node: number }
  | { readonly kind: "weights"; readonly weights: readonly number[] };

export interface Phase {
  readonly index: number;
  readonly name: string;
  /** False for a warm-up: in the ledger and the timeline, but not in the figures that answer the question. */
  readonly measured: boolean;
  /** From the run's start T0. */
  readonly startMicros: number;
  readonly durationMicros: number;
  /** Sequence number of its first transaction, counted over the whole run. */
  readonly firstSequence: number;
  /** How many transactions are planned: for a paced phase exactly those due in it. */
  readonly transactions: number;
  readonly load: Load;
}

export type Load =
  | { readonly kind: "paced"; readonly segments: readonly RateSegment[]; readonly arrivals: Arrivals }
  /** Closed loop: the next is due when there is room among those in flight. `inFlight` is for all beacons together. */
  | { readonly kind: "unlimited"; readonly inFlight: number };

/**
 * `even`: transaction i is due when the integral of the rate reaches i. `poisson`: as independent users come, as many in
 * all as with `even`; the seed decides when.
 */
export type Arrivals = { readonly kind: "even" } | { readonly kind: "poisson"; readonly seed: number } | SlotArrivals;

/** As many in each slot as a capture has between two blocks, at equal distances within the slot. */
export interface SlotArrivals {
  readonly kind: "slots";
  readonly slotMicros: number;
  readonly counts: readonly number[];
}

/** A stretch in which the rate goes in a straight line from one value to the other. */
export interface RateSegment {
  readonly durationMicros: number;
  readonly fromPerSecond: number;
  readonly toPerSecond: number;
}

export interface Threshold {
  /** As written, such as `hold.inclusion.intended.p99`. */
  readonly metric: string;
  /** Name of the phase, or null for all measured phases together. */
  readonly phase: string | null;
  readonly comparison: "<=" | "<" | ">=" | ">" | "==";
  /** In the metric's base unit: shares 0 to 1, latencies in microseconds, rates per second, counts. */
  readonly limit: number;
  /** The limit as written. */
  readonly limitText: string;
  readonly abortOnFail: boolean;
  readonly afterMicros: number;
}
