import { defaultConfig, developmentKey } from "../../devnet/default-config.ts";
import type { DevnetConfigInput } from "../../shared/devnet/config.ts";

/** All that the cases need to know of a chain: a truth is the same on each, only its words differ. */
export interface CalibrationChain {
  readonly name: string;
  /** One node; cases change ports, faults and seed. */
  readonly devnet: DevnetConfigInput;
  /** The fields of a scenario that speak the chain's language. */
  readonly scenario: { readonly accounts: unknown; readonly workload: unknown };
  readonly accountKey: string;
  /** Within which every producer has had its turn once: so long a partition makes blocks on either side of it. */
  readonly producerRoundMs: number;
}

/** Where the private key of all accounts is found. */
export const accountKeyVariable = "CALIBRATION_KEY";

const bitshares: CalibrationChain = {
  name: "bitshares",
  devnet: defaultConfig,
  scenario: {
    accounts: { names: { prefix: "stress-", count: 100, first: 0 }, keys: { env: accountKeyVariable } },
    workload: { mix: { transfer: 1 } },
  },
  accountKey: developmentKey.privateKey,
  // Eleven witnesses, a block each, one a second.
  producerRoundMs: 11_000,
};

export const calibrationChains: readonly CalibrationChain[] = [bitshares];
