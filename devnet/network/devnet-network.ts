import {
  type DevnetConfig,
  type NetworkBehaviour,
  type NodeBehaviour,
  nodeBehaviourSchema,
} from "../../shared/devnet/config.ts";
import type { ChainKinds } from "./chain-kinds.ts";
import type { ChainNode } from "./chain-node.ts";
import { DevnetNode } from "./devnet-node.ts";
import { Hosts } from "./hosts.ts";
import { Mesh } from "./mesh.ts";
import { createRandom, type Random } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";
import type { SlotClock } from "./slot-clock.ts";

type Message<Kinds extends ChainKinds<Kinds>> =
  | { readonly kind: "transaction"; readonly transaction: Kinds["transaction"] }
  | { readonly kind: "block"; readonly block: Kinds["block"] };

export interface NetworkPlan<Chain> {
  readonly config: Pick<DevnetConfig, "seed" | "ports" | "topology" | "nodes" | "network">;
  readonly clock: SlotClock;
  readonly createChain: () => Chain;
  /** Index of the producer whose turn the slot is. */
  readonly producerAt: (slot: number) => number;
}

/** Nodes, what passes between them, and the slots in which their producers make blocks. */
export class DevnetNetwork<Kinds extends ChainKinds<Kinds>, Chain extends ChainNode<Kinds>> {
  readonly nodes: readonly DevnetNode<Kinds, Chain>[];
  readonly hosts: Hosts;
  readonly #scheduler: Scheduler;
  readonly #clock: SlotClock;
  readonly #producerAt: (slot: number) => number;
  readonly #mesh: Mesh<Message<Kinds>>;
  readonly #missed: Random;
  /** Without a topology everybody hears everything at first hand, and nothing needs passing on. */
  readonly #isRelaying: boolean;
  /** By node: blocks that it has heard of, on whatever fork, and passed on; only those that may still change. */
  readonly #heard: readonly Set<Kinds["block"]>[];
  readonly #partitions: ReadonlySet<number>[] = [];
  #behaviour: NetworkBehaviour;
  /** Blocks that some node might still have to take back. */
  #revocable: Kinds["block"][] = [];
  #missedSlots = 0;
  #isStopped = false;

  constructor({ config, clock, createChain, producerAt }: NetworkPlan<Chain>, scheduler: Scheduler) {
    const { ports, topology, network, seed } = config;
    this.#scheduler = scheduler;
    this.#clock = clock;
    this.#producerAt = producerAt;
    this.#behaviour = network;
    this.#missed = createRandom(seed, "missed slots");
    this.#isRelaying = topology !== null;
    this.#heard = ports.map(() => new Set());
    this.#mesh = new Mesh(
      {
        nodes: ports.length,
        links: topology?.links ?? null,
        delays: { delayMs: network.propagationDelayMs, own: network.linkDelays },
        deliver: (from, to, message) => this.#deliver(from, to, message),
      },
      scheduler,
    );
    this.nodes = ports.map((_, index) => {
      const behaviour = config.nodes[index] ?? nodeBehaviourSchema.parse({});
      return new DevnetNode<Kinds, Chain>(index, seed, behaviour, {
        scheduler,
        chain: createChain(),
        propagate: (transaction) => this.#mesh.broadcast(index, { kind: "transaction", transaction }),
      });
    });
    this.hosts = new Hosts(ports.length, topology, (node) => this.nodes[node]?.isGone === true);
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

  /** Makes the blocks before the start, when nobody listens and nothing is lost, and waits for the slots from then on. */
  start(): void {
    const { slotsBeforeStart } = this.#clock;
    for (let slot = 1; slot < slotsBeforeStart; slot += 1) {
      const block = this.#hostOf(slot)?.chain.produce(slot);
      if (block !== undefined) for (const { chain } of this.nodes) chain.receive(block, this.#behaviour);
    }
    this.#scheduleSlot(slotsBeforeStart);
  }

  /** Times in behaviours count from here: call when the network is ready for clients. */
  startFaults(): void {
    for (const node of this.nodes) this.#scheduleNodeFaults(node, node.behaviour);
    this.#schedulePartitions(this.#behaviour);
  }

  /** Faults with times count from the change. */
  setNodeBehaviour(node: DevnetNode<Kinds, Chain>, change: Partial<NodeBehaviour>): void {
    node.setBehaviour({ ...node.behaviour, ...change });
    this.#scheduleNodeFaults(node, change);
  }

  setBehaviour(change: Partial<NetworkBehaviour>): void {
    this.#behaviour = { ...this.#behaviour, ...change };
    const { propagationDelayMs: delayMs, linkDelays: own } = this.#behaviour;
    this.#mesh.setDelays({ delayMs, own });
    this.#schedulePartitions(change);
  }

  stop(): void {
    this.#isStopped = true;
  }

  #scheduleNodeFaults(
    node: DevnetNode<Kinds, Chain>,
    { stalls = [], outages = [], dropConnectionsAtMs = [] }: Partial<NodeBehaviour>,
  ): void {
    for (const span of stalls)
      this.#during(
        span,
        () => node.beginStall(),
        () => node.endStall(),
      );
    for (const span of outages) this.#during(span, ...this.#outageOf(node));
    const nowMicros = this.#scheduler.nowMicros();
    for (const atMs of dropConnectionsAtMs) this.#scheduler.at(nowMicros + atMs * 1000, () => node.dropConnections());
  }

  #outageOf(node: DevnetNode<Kinds, Chain>): readonly [() => void, () => void] {
    return [
      () => {
        node.beginOutage();
        this.#adjustLinks();
      },
      () => {
        node.endOutage();
        this.#adjustLinks();
      },
    ];
  }

  #schedulePartitions({ partitions = [] }: Partial<NetworkBehaviour>): void {
    for (const { nodes, ...span } of partitions) {
      const apart = new Set(nodes);
      this.#during(
        span,
        () => {
          this.#partitions.push(apart);
          this.#adjustLinks();
        },
        () => {
          this.#partitions.splice(this.#partitions.indexOf(apart), 1);
          this.#adjustLinks();
        },
      );
    }
  }

  #during(
    { atMs, forMs }: { readonly atMs: number; readonly forMs: number },
    begin: () => void,
    end: () => void,
  ): void {
    const nowMicros = this.#scheduler.nowMicros();
    this.#scheduler.at(nowMicros + atMs * 1000, begin);
    this.#scheduler.at(nowMicros + (atMs + forMs) * 1000, end);
  }

  /** Nodes that meet again tell each other their heads; what is in between comes along. */
  #adjustLinks(): void {
    const mended = this.#mesh.cut(
      (from, to) =>
        this.nodes[from]?.isGone === true ||
        this.nodes[to]?.isGone === true ||
        this.#partitions.some((apart) => apart.has(from) !== apart.has(to)),
    );
    for (const from of mended) {
      const block = this.nodes[from]?.chain.head;
      if (block !== undefined && block.number > 0) this.#mesh.broadcast(from, { kind: "block", block });
    }
  }

  #scheduleSlot(slot: number): void {
    this.#scheduler.at(this.#clock.dueMicros(slot), () => {
      if (this.#isStopped) return;
      this.#scheduleSlot(slot + 1);
      this.#produce(slot);
    });
  }

  #hostOf(slot: number): DevnetNode<Kinds, Chain> | undefined {
    const host = this.hosts.of(this.#producerAt(slot));
    return host === null ? undefined : this.nodes[host];
  }

  #produce(slot: number): void {
    const isMissed = this.#missed() < this.#behaviour.missedSlotShare;
    const node = isMissed ? undefined : this.#hostOf(slot);
    if (node === undefined) {
      this.#missedSlots += 1;
      return;
    }
    const block = node.chain.produce(slot);
    this.#revocable.push(block);
    if (this.#isRelaying) this.#heard[node.index]?.add(block);
    this.#mesh.broadcast(node.index, { kind: "block", block });
    node.announce([block]);
    this.#releaseIrreversible();
  }

  #deliver(from: number, to: number, message: Message<Kinds>): void {
    const node = this.nodes[to];
    if (node === undefined || node.isGone) return;
    const isNews =
      message.kind === "transaction"
        ? node.receiveTransaction(message.transaction)
        : this.#receiveBlock(node, message.block);
    if (isNews && this.#isRelaying) this.#mesh.broadcast(to, message, from);
  }

  /** Returns whether the node is to pass the block on: blocks of other forks too, once. */
  #receiveBlock(node: DevnetNode<Kinds, Chain>, block: Kinds["block"]): boolean {
    const adopted = node.chain.receive(block, this.#behaviour);
    if (adopted.length > 0) node.announce(adopted);
    if (!this.#isRelaying) return false;
    const heard = this.#heard[node.index];
    if (heard === undefined || heard.has(block)) return false;
    heard.add(block);
    return adopted.length > 0 || !node.chain.has(block);
  }

  #releaseIrreversible(): void {
    const irreversible = Math.min(...this.nodes.map(({ chain }) => chain.head.lastIrreversible));
    const kept = this.#revocable.findIndex(({ number }) => number > irreversible);
    const released = this.#revocable.splice(0, kept < 0 ? this.#revocable.length : kept);
    for (const block of released) {
      block.applied = null;
      for (const heard of this.#heard) heard.delete(block);
    }
  }
}
