import type { Workload } from "../../scenario/scenario.ts";
import type { AccountKey, ChainDriver, NetworkDescription, PrepareContext, ResolvedChain } from "../driver.ts";
import { type PreparedBody, prepareSome } from "./prepare-some.ts";

/** A network whose nodes the driver is tried against, with accounts that have enough for a few hundred transactions. */
export interface ContractNetwork {
  readonly endpoints: readonly string[];
  readonly chainId: string;
  readonly accounts: readonly AccountKey[];
  stop(): Promise<void>;
}

/** A way to a node that can be cut. */
export interface ContractProxy {
  readonly endpoint: string;
  cut(): void;
  heal(): void;
  close(): Promise<void>;
}

export interface ContractSubject {
  readonly driver: ChainDriver;
  /** Transactions of one operation that any account can send as often as it likes, such as a transfer. */
  readonly workload: Workload;
  startNetwork(): Promise<ContractNetwork>;
  openProxy(endpoint: string): Promise<ContractProxy>;
}

/** What the tests of one driver share; filled before the first of them. */
export interface ContractState {
  network: ContractNetwork;
  description: NetworkDescription;
  resolved: ResolvedChain;
}

export const seed = 7;
/** Bodies for the subject's network that differ from all others of the same `label` and from those of other labels. */
export async function prepareFor(
  { driver, workload }: ContractSubject,
  { network, description, resolved }: ContractState,
  options: {
    readonly sequences: readonly number[];
    readonly lifetimeSeconds: number;
    readonly resolved?: ResolvedChain;
  },
): Promise<PreparedBody[]> {
  const reference = await driver.reference(endpointOf(network));
  const { chain } = driver;
  const context: PrepareContext = {
    ...{ chain, seed, network: description, workload, reference },
    resolved: options.resolved ?? resolved,
  };
  const expirationSeconds = Math.ceil(Date.now() / 1000) + options.lifetimeSeconds;
  return prepareSome({
    ...{ workload, seed, expirationSeconds, sequences: options.sequences },
    preparer: driver.createPreparer(context),
  });
}

export function endpointOf(network: ContractNetwork, node = 0): string {
  const endpoint = network.endpoints[node];
  if (endpoint === undefined) throw new Error(`the network has no node ${node}`);
  return endpoint;
}

export function sequencesFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}
