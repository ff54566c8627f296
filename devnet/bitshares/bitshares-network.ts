import type { BitsharesDevnetConfig } from "../../shared/devnet/config.ts";
import { DevnetNetwork } from "../network/devnet-network.ts";
import type { DevnetNode, NodeListener, Verdict } from "../network/devnet-node.ts";
import type { Scheduler } from "../network/scheduler.ts";
import { createSlotClock } from "../network/slot-clock.ts";
import { BitsharesChain, type BitsharesKinds } from "./chain/bitshares-chain.ts";
import { BlockStore } from "./chain/block-store.ts";
import { type ChainParameters, createChainParameters } from "./chain/chain-parameters.ts";
import { createGenesis } from "./chain/genesis.ts";

export type BitsharesNode = DevnetNode<BitsharesKinds, BitsharesChain>;
export type BitsharesVerdict = Verdict<BitsharesKinds>;
export type BitsharesListener = NodeListener<BitsharesKinds>;

/**
 * Rounds of blocks that exist when the network starts, so that clients find a last irreversible block to refer to at
 * once instead of after ten seconds.
 */
const roundsBeforeStart = 2;

export class BitsharesNetwork extends DevnetNetwork<BitsharesKinds, BitsharesChain> {
  readonly parameters: ChainParameters;
  readonly store: BlockStore;

  constructor(config: BitsharesDevnetConfig, scheduler: Scheduler, startWallMillis: number) {
    const slotsBeforeStart = roundsBeforeStart * config.witnesses;
    const clock = createSlotClock({ intervalMs: config.blockIntervalMs, slotsBeforeStart, startWallMillis }, scheduler);
    const parameters = createChainParameters(config, clock.genesisMillis / 1000);
    const genesis = createGenesis(config, parameters.witnesses, parameters.genesisSeconds);
    const store = new BlockStore();
    super(
      {
        config,
        clock,
        createChain: () => new BitsharesChain(genesis, parameters, store),
        producerAt: (slot) => parameters.schedule.at(slot),
      },
      scheduler,
    );
    this.parameters = parameters;
    this.store = store;
    this.start();
  }

  get chainId(): string {
    return this.parameters.chainId.toString("hex");
  }
}
