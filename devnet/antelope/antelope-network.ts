import type { AntelopeDevnetConfig } from "../../shared/devnet/config.ts";
import { DevnetNetwork } from "../network/devnet-network.ts";
import type { DevnetNode, NodeListener, Verdict } from "../network/devnet-node.ts";
import type { Scheduler } from "../network/scheduler.ts";
import { createSlotClock } from "../network/slot-clock.ts";
import { AntelopeChain, type AntelopeKinds } from "./chain/antelope-chain.ts";
import type { Block } from "./chain/block.ts";
import { BlockStore } from "./chain/block-store.ts";
import { type ChainParameters, createChainParameters, producerAt } from "./chain/chain-parameters.ts";
import { quorumOf } from "./chain/finality.ts";
import { createGenesis } from "./chain/genesis.ts";

export type AntelopeNode = DevnetNode<AntelopeKinds, AntelopeChain>;
export type AntelopeVerdict = Verdict<AntelopeKinds>;
export type AntelopeListener = NodeListener<AntelopeKinds>;

/** Rounds of turns that exist when the network starts: one more than `dpos` needs for a first irreversible block. */
const roundsBeforeStart = 3;

export class AntelopeNetwork extends DevnetNetwork<AntelopeKinds, AntelopeChain> {
  readonly config: AntelopeDevnetConfig;
  readonly parameters: ChainParameters;
  readonly store: BlockStore;

  constructor(config: AntelopeDevnetConfig, scheduler: Scheduler, startWallMillis: number) {
    const slotsBeforeStart = roundsBeforeStart * config.producers * config.blocksPerTurn;
    const clock = createSlotClock({ intervalMs: config.blockIntervalMs, slotsBeforeStart, startWallMillis }, scheduler);
    const parameters = createChainParameters(config, clock.genesisMillis);
    const genesis = createGenesis(config, parameters);
    const store = new BlockStore();
    // Chains are there before the network is, but blocks are not.
    const network: { hasQuorum: (block: Block) => boolean } = { hasQuorum: () => false };
    super(
      {
        config,
        clock,
        createChain: () =>
          new AntelopeChain({ genesis, parameters, store, hasQuorum: (block) => network.hasQuorum(block) }),
        producerAt: (slot) => producerAt(slot, parameters),
      },
      scheduler,
    );
    network.hasQuorum = (block) => this.#hasQuorum(block);
    this.config = config;
    this.parameters = parameters;
    this.store = store;
    this.start();
  }

  get chainId(): string {
    return this.parameters.chainId.toString("hex");
  }

  /** Whether more than two thirds of the producers run on nodes that have the block. */
  #hasQuorum(block: Block): boolean {
    const { producers } = this.parameters;
    const having = producers.filter((_, producer) => {
      const host = this.hosts.of(producer);
      return host !== null && this.nodes[host]?.chain.has(block) === true;
    });
    return having.length >= quorumOf(producers.length);
  }
}
