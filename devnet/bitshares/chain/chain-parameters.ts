import { createHash } from "node:crypto";
import type { BitsharesDevnetConfig } from "../../../shared/devnet/config.ts";
import type { Block } from "./block.ts";
import { emptyBlockId } from "./block.ts";
import { firstWitnessAccount } from "./genesis.ts";
import { createWitnesses, type Witness, WitnessSchedule } from "./witnesses.ts";

/** What all nodes of a network agree on from the start. */
export interface ChainParameters {
  readonly chainId: Buffer;
  readonly genesisSeconds: number;
  readonly blockIntervalSeconds: number;
  readonly witnesses: readonly Witness[];
  readonly schedule: WitnessSchedule;
  readonly maximumTransactionBytes: number;
  readonly maximumBlockBytes: number;
  readonly maximumLifetimeSeconds: number;
  /** Number 0: what the first block refers to. */
  readonly origin: Block;
}

export function createChainParameters(config: BitsharesDevnetConfig, genesisSeconds: number): ChainParameters {
  const count = config.witnesses;
  return {
    chainId: createHash("sha256").update(`devnet ${config.seed}`).digest(),
    genesisSeconds,
    blockIntervalSeconds: config.blockIntervalMs / 1000,
    witnesses: createWitnesses(config.seed, count, firstWitnessAccount),
    schedule: new WitnessSchedule(config.seed, count),
    ...config.parameters,
    origin: {
      number: 0,
      id: emptyBlockId,
      prefix: 0,
      timestampSeconds: genesisSeconds,
      slot: 0,
      witness: 0,
      lastIrreversible: 0,
      confirmed: new Array<number>(count).fill(0),
      missed: new Array<number>(count).fill(0),
      recentSlots: (1n << 128n) - 1n,
      previous: null,
      headerJson: "",
      packedBytes: 0,
      transactionCount: 0,
      serial: -1,
      applied: null,
      endVirtual: [],
    },
  };
}
