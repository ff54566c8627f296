import type { NodeBehaviour } from "../../shared/devnet/config.ts";
import type { ChainKinds } from "./chain-kinds.ts";
import type { ChainNode } from "./chain-node.ts";
import { drawDelayMs } from "./draw-delay.ts";
import { HoldRecord } from "./hold-record.ts";
import { createRandom, type Random } from "./random.ts";
import { Refusal } from "./refusal.ts";
import type { Scheduler } from "./scheduler.ts";
import { ServiceQueue } from "./service-queue.ts";

export interface NodeCounters {
  /** Broadcasts by clients: seen = accepted + rejected + abandoned + those still waiting. */
  seen: number;
  accepted: number;
  rejected: number;
  /** Waited for their turn when the node went away. */
  abandoned: number;
  /** Among the accepted: never to be put into a block. */
  forgotten: number;
  /** Among the accepted and rejected: never answered. */
  unanswered: number;
}

export interface NodeListener<Kinds extends ChainKinds<Kinds>> {
  /** Blocks that became part of the node's chain, oldest first. */
  onBlocks(blocks: readonly Kinds["block"][]): void;
  onPending(transaction: Kinds["transaction"]): void;
  onStall(isStalled: boolean): void;
  onDropConnections(): void;
  /**
   * The node goes away: the listening socket is to be closed and every connection cut; or it comes back, on the same
   * port as before.
   */
  onOutage(isGone: boolean): void;
}

/** What became of a broadcast: exactly one of `applied` and `failure` is not null. */
export type Verdict<Kinds extends ChainKinds<Kinds>> =
  | { readonly transaction: Kinds["transaction"]; readonly applied: Kinds["applied"]; readonly failure: null }
  | { readonly transaction: Kinds["transaction"] | null; readonly applied: null; readonly failure: Kinds["failure"] };

interface Dependencies<Kinds extends ChainKinds<Kinds>, Chain extends ChainNode<Kinds>> {
  readonly scheduler: Scheduler;
  readonly chain: Chain;
  /** Hands an accepted transaction to the other nodes. */
  readonly propagate: (transaction: Kinds["transaction"]) => void;
}

/** A node as its clients meet it: a chain behind a counter of set capacity, with set faults. */
export class DevnetNode<Kinds extends ChainKinds<Kinds>, Chain extends ChainNode<Kinds>> {
  readonly index: number;
  readonly name: string;
  readonly chain: Chain;
  readonly counters: NodeCounters = { seen: 0, accepted: 0, rejected: 0, abandoned: 0, forgotten: 0, unanswered: 0 };
  readonly queue: ServiceQueue;
  /** How long answers with a delay were really held back. */
  readonly holds = new HoldRecord();
  readonly listeners = new Set<NodeListener<Kinds>>();
  readonly #scheduler: Scheduler;
  readonly #propagate: (transaction: Kinds["transaction"]) => void;
  readonly #random: Readonly<Record<"delay" | "reject" | "drop" | "forget", Random>>;
  #behaviour: NodeBehaviour;
  #stalls = 0;
  #outages = 0;

  constructor(
    index: number,
    seed: number,
    behaviour: NodeBehaviour,
    { scheduler, chain, propagate }: Dependencies<Kinds, Chain>,
  ) {
    this.index = index;
    this.name = `node-${index}`;
    this.chain = chain;
    this.#scheduler = scheduler;
    this.#propagate = propagate;
    this.#behaviour = behaviour;
    this.queue = new ServiceQueue(scheduler, behaviour.capacityPerSecond);
    this.#random = {
      delay: createRandom(seed, `node ${index} answer delay`),
      reject: createRandom(seed, `node ${index} rejections`),
      drop: createRandom(seed, `node ${index} dropped answers`),
      forget: createRandom(seed, `node ${index} forgotten transactions`),
    };
  }

  get behaviour(): NodeBehaviour {
    return this.#behaviour;
  }

  get isStalled(): boolean {
    return this.#stalls > 0;
  }

  /** Not there for anybody: neither for clients nor for other nodes. */
  get isGone(): boolean {
    return this.#outages > 0;
  }

  setBehaviour(behaviour: NodeBehaviour): void {
    const before = this.#behaviour;
    this.#behaviour = behaviour;
    if (behaviour.capacityPerSecond !== before.capacityPerSecond) this.queue.setCapacity(behaviour.capacityPerSecond);
  }

  beginStall(): void {
    this.#stalls += 1;
    if (this.#stalls > 1) return;
    this.queue.pause();
    for (const listener of this.listeners) listener.onStall(true);
  }

  endStall(): void {
    this.#stalls -= 1;
    if (this.#stalls > 0) return;
    for (const listener of this.listeners) listener.onStall(false);
    this.queue.resume();
  }

  dropConnections(): void {
    for (const listener of this.listeners) listener.onDropConnections();
  }

  beginOutage(): void {
    this.#outages += 1;
    if (this.#outages > 1) return;
    this.counters.abandoned += this.queue.clear();
    for (const listener of this.listeners) listener.onOutage(true);
  }

  endOutage(): void {
    this.#outages -= 1;
    if (this.#outages > 0) return;
    for (const listener of this.listeners) listener.onOutage(false);
  }

  /**
   * A client's broadcast: waits for its turn, is tried, and is answered after the set delay, unless the set faults say
   * otherwise. `answer` is called at most once.
   */
  broadcast(given: unknown, answer: (verdict: Verdict<Kinds>) => void, onServed: () => void): void {
    this.counters.seen += 1;
    if (this.isGone) {
      this.counters.abandoned += 1;
      return;
    }
    this.queue.add((doneMicros) => {
      onServed();
      const verdict = this.#try(given);
      if (verdict.failure === null) this.counters.accepted += 1;
      else this.counters.rejected += 1;
      const { dropAnswerShare, answerDelay } = this.#behaviour;
      if (dropAnswerShare > 0 && this.#random.drop() < dropAnswerShare) {
        this.counters.unanswered += 1;
        return;
      }
      const delayMs = answerDelay === null ? 0 : drawDelayMs(answerDelay, this.#random.delay);
      if (delayMs === 0) answer(verdict);
      else this.#hold(doneMicros, delayMs, () => answer(verdict));
    });
  }

  #hold(doneMicros: number, delayMs: number, answer: () => void): void {
    this.#scheduler.at(doneMicros + delayMs * 1000, () => {
      this.holds.add(this.#scheduler.nowMicros() - doneMicros);
      answer();
    });
  }

  /** A transaction that nobody thought of must not end the network for everybody else. */
  #try(given: unknown): Verdict<Kinds> {
    try {
      return this.#decide(given);
    } catch (error) {
      return refusal(null, this.chain.unexpected(error));
    }
  }

  #decide(given: unknown): Verdict<Kinds> {
    const { chain } = this;
    const transaction = chain.prepare(given);
    if (transaction instanceof Refusal) return refusal(null, transaction);
    const { rejectShare, forgetShare } = this.#behaviour;
    if (rejectShare > 0 && this.#random.reject() < rejectShare) return refusal(transaction, chain.refusedOnPurpose());
    if (forgetShare > 0 && this.#random.forget() < forgetShare) {
      const examined = chain.examine(transaction);
      if (examined instanceof Refusal) return refusal(transaction, chain.refused(examined, transaction));
      this.counters.forgotten += 1;
      return { transaction, applied: examined, failure: null };
    }
    const applied = chain.admit(transaction);
    if (applied instanceof Refusal) return refusal(transaction, chain.refused(applied, transaction));
    this.#propagate(transaction);
    for (const listener of this.listeners) listener.onPending(transaction);
    return { transaction, applied, failure: null };
  }

  /** A transaction that another node passed on. Returns whether it was news and is pending now. */
  receiveTransaction(transaction: Kinds["transaction"]): boolean {
    if (this.chain.isKnown(transaction)) return false;
    if (this.chain.admit(transaction) instanceof Refusal) return false;
    for (const listener of this.listeners) listener.onPending(transaction);
    return true;
  }

  announce(blocks: readonly Kinds["block"][]): void {
    for (const listener of this.listeners) listener.onBlocks(blocks);
  }
}

function refusal<Kinds extends ChainKinds<Kinds>>(
  transaction: Kinds["transaction"] | null,
  failure: Kinds["failure"],
): Verdict<Kinds> {
  return { transaction, applied: null, failure };
}
