import { defaultAntelopeConfig, defaultConfig, developmentKey } from "../../devnet/default-config.ts";
import type { DevnetConfigInput } from "../../shared/devnet/config.ts";

/** All that the cases need to know of a chain: a truth is the same on each, only its words differ. */
export interface CalibrationChain {
  readonly name: string;
  /** Cases change ports, faults and seed. */
  readonly devnet: DevnetConfigInput;
  /** The fields of a scenario that speak the chain's language. */
  readonly scenario: { readonly accounts: unknown; readonly workload: unknown };
  /** Of every account. */
  readonly accountKey: string;
  /** Settings of the beacons with which they can have this many transactions under way to a node. */
  beaconsFor(underWay: number): Readonly<Record<string, unknown>>;
  /** Within which every producer has had its turn once: so long a partition makes blocks on either side of it. */
  readonly producerRoundMs: number;
}

/** Where the private key of all accounts is found. */
export const accountKeyVariable = "CALIBRATION_KEY";

/** All accounts of the devnet's genesis. */
function accountsOf({ genesis }: DevnetConfigInput): unknown {
  return { names: genesis.accounts.map(({ name }) => name), keys: { env: accountKeyVariable } };
}

const bitshares: CalibrationChain = {
  name: "bitshares",
  devnet: defaultConfig,
  scenario: { accounts: accountsOf(defaultConfig), workload: { mix: { transfer: 1 } } },
  accountKey: developmentKey.privateKey,
  beaconsFor: () => ({}),
  // Eleven witnesses, a block each, one a second.
  producerRoundMs: 11_000,
};

const producers = 3;
const blocksPerTurn = 4;
const antelopeDevnet: DevnetConfigInput = { ...defaultAntelopeConfig, producers, blocksPerTurn };

const antelope: CalibrationChain = {
  name: "antelope",
  devnet: antelopeDevnet,
  scenario: { accounts: accountsOf(antelopeDevnet), workload: { mix: { transfer: 1 } } },
  accountKey: developmentKey.privateKey,
  // A connection carries one request at a time.
  beaconsFor: (underWay) => ({ connectionsPerNode: underWay }),
  producerRoundMs: producers * blocksPerTurn * 500,
};

export const calibrationChains: readonly CalibrationChain[] = [bitshares, antelope];
