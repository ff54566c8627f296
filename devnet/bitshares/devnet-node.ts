import type { NodeBehaviour } from "../../shared/devnet/config.ts";
import { drawDelayMs } from "../network/draw-delay.ts";
import { HoldRecord } from "../network/hold-record.ts";
import { createRandom, type Random } from "../network/random.ts";
import type { Scheduler } from "../network/scheduler.ts";
import { ServiceQueue } from "../network/service-queue.ts";
import type { Block } from "./chain/block.ts";
import type { ChainNode } from "./chain/chain-node.ts";
import { assertion, ChainFailure, unexpected } from "./chain/failure.ts";
import type { Json } from "./codec/json.ts";
import { prepareTransaction, type SignedTransaction } from "./codec/signed-transaction.ts";

export interface NodeCounters {
  /** Broadcasts by clients: seen = accepted + rejected + those still waiting. */
  seen: number;
  accepted: number;
  rejected: number;
  /** Among the accepted: never to be put into a block. */
  forgotten: number;
  /** Among the accepted and rejected: never answered. */
  unanswered: number;
}

export interface NodeListener {
  /** Blocks that became part of the node's chain, oldest first. */
  onBlocks(blocks: readonly Block[]): void;
  onPending(transaction: SignedTransaction): void;
  onStall(isStalled: boolean): void;
  onDropConnections(): void;
}

export interface Verdict {
  readonly transaction: SignedTransaction | null;
  readonly failure: ChainFailure | null;
}

/** Whatever the chain's parameters allow, a node takes no larger transaction. */
const hardTransactionBytes = 1024 * 1024;

interface Dependencies {
  readonly scheduler: Scheduler;
  readonly chain: ChainNode;
  /** Hands an accepted transaction to the other nodes. */
  readonly propagate: (transaction: SignedTransaction) => void;
}

/** A node as its clients meet it: a chain behind a counter of set capacity, with set faults. */
export class DevnetNode {
  readonly index: number;
  readonly name: string;
  readonly chain: ChainNode;
  readonly counters: NodeCounters = { seen: 0, accepted: 0, rejected: 0, forgotten: 0, unanswered: 0 };
  readonly queue: ServiceQueue;
  /** How long answers with a delay were really held back. */
  readonly holds = new HoldRecord();
  readonly listeners = new Set<NodeListener>();
  readonly #scheduler: Scheduler;
  readonly #propagate: (transaction: SignedTransaction) => void;
  readonly #random: Readonly<Record<"delay" | "reject" | "drop" | "forget", Random>>;
  #behaviour: NodeBehaviour;
  #stalls = 0;

  constructor(index: number, seed: number, behaviour: NodeBehaviour, { scheduler, chain, propagate }: Dependencies) {
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

  /**
   * A client's broadcast: waits for its turn, is tried, and is answered after the set delay, unless the set faults say
   * otherwise. `answer` is called at most once.
   */
  broadcast(given: Json | undefined, answer: (verdict: Verdict) => void, onServed: () => void): void {
    this.counters.seen += 1;
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
  #try(given: Json | undefined): Verdict {
    try {
      return this.#decide(given);
    } catch (error) {
      return { transaction: null, failure: unexpected(error) };
    }
  }

  #decide(given: Json | undefined): Verdict {
    const transaction = prepareTransaction(given, this.chain.parameters.chainId);
    if (transaction instanceof ChainFailure) return { transaction: null, failure: transaction };
    if (transaction.packedBytes >= hardTransactionBytes)
      return { transaction, failure: pushed(tooLarge(), transaction) };
    const { rejectShare, forgetShare } = this.#behaviour;
    if (rejectShare > 0 && this.#random.reject() < rejectShare) return { transaction, failure: refusedOnPurpose() };
    if (forgetShare > 0 && this.#random.forget() < forgetShare) {
      const examined = this.chain.examine(transaction);
      if (examined instanceof ChainFailure) return { transaction, failure: pushed(examined, transaction) };
      this.counters.forgotten += 1;
      return { transaction, failure: null };
    }
    const applied = this.chain.admit(transaction);
    if (applied instanceof ChainFailure) return { transaction, failure: pushed(applied, transaction) };
    this.#propagate(transaction);
    for (const listener of this.listeners) listener.onPending(transaction);
    return { transaction, failure: null };
  }

  /** A transaction that another node passed on. */
  receiveTransaction(transaction: SignedTransaction): void {
    if (this.chain.isKnown(transaction)) return;
    if (this.chain.admit(transaction) instanceof ChainFailure) return;
    for (const listener of this.listeners) listener.onPending(transaction);
  }

  announce(blocks: readonly Block[]): void {
    for (const listener of this.listeners) listener.onBlocks(blocks);
  }
}

function pushed(failure: ChainFailure, { json }: SignedTransaction): ChainFailure {
  return failure.capture("db_block.cpp", 280, "push_transaction", `{"trx":${json}}}`);
}

function tooLarge(): ChainFailure {
  return assertion(
    { file: "db_block.cpp", line: 273, method: "push_transaction" },
    { format: "fc::raw::pack_size( trx ) < (1024 * 1024): Transaction exceeds maximum transaction size." },
  );
}

function refusedOnPurpose(): ChainFailure {
  return assertion(
    { file: "db_block.cpp", line: 280, method: "push_transaction" },
    { format: "false: refused on purpose: this devnet's node has a rejectShare" },
  );
}
