import type { BitsharesDevnetConfig, NetworkBehaviour, NodeBehaviour } from "../../shared/devnet/config.ts";
import { nodeBehaviourSchema } from "../../shared/devnet/config.ts";
import { Mesh } from "../network/mesh.ts";
import { createRandom, type Random } from "../network/random.ts";
import type { Scheduler } from "../network/scheduler.ts";
import type { Block } from "./chain/block.ts";
import { BlockStore } from "./chain/block-store.ts";
import { ChainNode } from "./chain/chain-node.ts";
import { type ChainParameters, createChainParameters } from "./chain/chain-parameters.ts";
import { createGenesis } from "./chain/genesis.ts";
import type { SignedTransaction } from "./codec/signed-transaction.ts";
import { DevnetNode } from "./devnet-node.ts";

type Message =
  | { readonly kind: "transaction"; readonly transaction: SignedTransaction }
  | { readonly kind: "block"; readonly block: Block };

/**
 * Rounds of blocks that exist when the network starts, so that clients find a last irreversible block to refer to at
 * once instead of after ten seconds.
 */
const roundsBeforeStart = 2;

/** Nodes, what passes between them, and the slots in which their witnesses make blocks. */
export class BitsharesNetwork {
  readonly nodes: readonly DevnetNode[];
  readonly parameters: ChainParameters;
  readonly store = new BlockStore();
  readonly #scheduler: Scheduler;
  readonly #mesh: Mesh<Message>;
  readonly #missed: Random;
  readonly #startMicros: number;
  readonly #startSeconds: number;
  #behaviour: NetworkBehaviour;
  #partitions = 0;
  /** Blocks that some node might still have to take back. */
  #revocable: Block[] = [];
  #missedSlots = 0;
  #isStopped = false;

  constructor(config: BitsharesDevnetConfig, scheduler: Scheduler, startWallMillis: number) {
    this.#scheduler = scheduler;
    this.#behaviour = config.network;
    this.#missed = createRandom(config.seed, "missed slots");
    const intervalMs = config.blockIntervalMs;
    // Slots lie on whole intervals of the wall clock, as they do on real networks.
    const alignedMillis = Math.ceil(startWallMillis / intervalMs) * intervalMs;
    const slotsBeforeStart = roundsBeforeStart * config.witnesses;
    this.#startMicros = scheduler.nowMicros() + (alignedMillis - startWallMillis) * 1000;
    this.#startSeconds = alignedMillis / 1000;
    this.parameters = createChainParameters(config, this.#startSeconds - slotsBeforeStart * (intervalMs / 1000));
    const genesis = createGenesis(config, this.parameters.witnesses, this.parameters.genesisSeconds);
    this.#mesh = new Mesh<Message>(
      {
        nodes: config.ports.length,
        delayMs: config.network.propagationDelayMs,
        deliver: (to, message) => this.#deliver(to, message),
      },
      scheduler,
    );
    this.nodes = config.ports.map((_, index) => {
      const behaviour = config.nodes[index] ?? nodeBehaviourSchema.parse({});
      return new DevnetNode(index, config.seed, behaviour, {
        scheduler,
        chain: new ChainNode(genesis, this.parameters, this.store),
        propagate: (transaction) => this.#mesh.broadcast(index, { kind: "transaction", transaction }),
      });
    });
    for (let slot = 1; slot < slotsBeforeStart; slot += 1) this.#produceForAll(slot);
    this.#scheduleSlot(slotsBeforeStart);
  }

  get behaviour(): NetworkBehaviour {
    return this.#behaviour;
  }

  /** How late the network itself was at most since the last call. */
  takeLatestMicros(): number {
    return this.#scheduler.takeLatestMicros();
  }

  get missedSlots(): number {
    return this.#missedSlots;
  }

  /** Times in behaviours count from here: call when the network is ready for clients. */
  startFaults(): void {
    for (const node of this.nodes) this.#scheduleNodeFaults(node, node.behaviour);
    this.#schedulePartitions(this.#behaviour);
  }

  /** Faults with times count from the change. */
  setNodeBehaviour(node: DevnetNode, change: Partial<NodeBehaviour>): void {
    node.setBehaviour({ ...node.behaviour, ...change });
    this.#scheduleNodeFaults(node, change);
  }

  setBehaviour(change: Partial<NetworkBehaviour>): void {
    this.#behaviour = { ...this.#behaviour, ...change };
    this.#mesh.setDelay(this.#behaviour.propagationDelayMs);
    this.#schedulePartitions(change);
  }

  stop(): void {
    this.#isStopped = true;
  }

  #scheduleNodeFaults(node: DevnetNode, { stalls = [], dropConnectionsAtMs = [] }: Partial<NodeBehaviour>): void {
    const nowMicros = this.#scheduler.nowMicros();
    for (const { atMs, forMs } of stalls) {
      this.#scheduler.at(nowMicros + atMs * 1000, () => node.beginStall());
      this.#scheduler.at(nowMicros + (atMs + forMs) * 1000, () => node.endStall());
    }
    for (const atMs of dropConnectionsAtMs) this.#scheduler.at(nowMicros + atMs * 1000, () => node.dropConnections());
  }

  #schedulePartitions({ partitions = [] }: Partial<NetworkBehaviour>): void {
    const nowMicros = this.#scheduler.nowMicros();
    for (const { atMs, forMs, nodes } of partitions) {
      const apart = new Set(nodes);
      this.#scheduler.at(nowMicros + atMs * 1000, () => {
        this.#partitions += 1;
        this.#mesh.split((node) => apart.has(node));
      });
      this.#scheduler.at(nowMicros + (atMs + forMs) * 1000, () => this.#endPartition());
    }
  }

  #endPartition(): void {
    this.#partitions -= 1;
    if (this.#partitions > 0) return;
    this.#mesh.heal();
    for (const node of this.nodes) {
      if (node.chain.head.number > 0) this.#mesh.broadcast(node.index, { kind: "block", block: node.chain.head });
    }
  }

  #scheduleSlot(slot: number): void {
    const { genesisSeconds, blockIntervalSeconds } = this.parameters;
    const dueMicros = this.#startMicros + (genesisSeconds + slot * blockIntervalSeconds - this.#startSeconds) * 1e6;
    this.#scheduler.at(dueMicros, () => {
      if (this.#isStopped) return;
      this.#scheduleSlot(slot + 1);
      this.#produce(slot);
    });
  }

  #hostOf(slot: number): DevnetNode {
    return this.nodes[this.parameters.schedule.at(slot) % this.nodes.length]!;
  }

  #produce(slot: number): void {
    const isMissed = this.#missed() < this.#behaviour.missedSlotShare;
    if (isMissed) {
      this.#missedSlots += 1;
      return;
    }
    const node = this.#hostOf(slot);
    const block = node.chain.produce(slot);
    this.#revocable.push(block);
    this.#mesh.broadcast(node.index, { kind: "block", block });
    node.announce([block]);
    this.#releaseIrreversible();
  }

  /** Before the start nobody listens and nothing is lost. */
  #produceForAll(slot: number): void {
    const block = this.#hostOf(slot).chain.produce(slot);
    for (const { chain } of this.nodes) chain.receive(block, this.#behaviour);
  }

  #deliver(to: number, message: Message): void {
    const node = this.nodes[to]!;
    if (message.kind === "transaction") {
      node.receiveTransaction(message.transaction);
      return;
    }
    const adopted = node.chain.receive(message.block, this.#behaviour);
    if (adopted.length > 0) node.announce(adopted);
  }

  #releaseIrreversible(): void {
    const irreversible = Math.min(...this.nodes.map(({ chain }) => chain.head.lastIrreversible));
    const kept = this.#revocable.findIndex(({ number }) => number > irreversible);
    const released = this.#revocable.splice(0, kept < 0 ? this.#revocable.length : kept);
    for (const block of released) block.applied = null;
  }
}
