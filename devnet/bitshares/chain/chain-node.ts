import type { SignedTransaction } from "../codec/signed-transaction.ts";
import { type AppliedTransaction, applyTransaction, type ChainView } from "../evaluate/apply-transaction.ts";
import type { Evaluation } from "../evaluate/evaluation.ts";
import { cancelOrder } from "../evaluate/limit-order-cancel.ts";
import type { Block } from "./block.ts";
import type { BlockStore } from "./block-store.ts";
import type { ChainParameters } from "./chain-parameters.ts";
import { ChainFailure } from "./failure.ts";
import { takeBack, type Undo } from "./journal.ts";
import { headerBytes, produceBlock } from "./produce-block.ts";
import { type GenesisState, State } from "./state.ts";

export interface ChainCounters {
  /** Transactions in the blocks of this chain. */
  included: number;
  /** Pending transactions that a new head made invalid. */
  dropped: number;
  /** Transactions of orphaned blocks, and those among them that the blocks in their place did not hold as well. */
  revoked: number;
  orphaned: number;
  forks: number;
}

/**
 * One node's chain: head, pending transactions on top of it, and how to take both back. Evaluation happens once when a
 * transaction arrives; a block that begins with what is pending, in the same order, is then adopted without doing it
 * again, and only a block that differs, or time that runs out for something, makes the node start over from its head.
 */
export class ChainNode implements ChainView {
  readonly state: State;
  readonly parameters: ChainParameters;
  readonly counters: ChainCounters = { included: 0, dropped: 0, revoked: 0, orphaned: 0, forks: 0 };
  readonly #store: BlockStore;
  readonly #blocks: Block[];
  readonly #undo = new Map<number, Undo>();
  #pending: AppliedTransaction[] = [];
  /** The journal's length after each pending transaction. */
  #marks: number[] = [];
  readonly #pendingIds = new Map<string, SignedTransaction>();
  #head: Block;

  constructor(genesis: GenesisState, parameters: ChainParameters, store: BlockStore) {
    this.state = new State(genesis);
    this.parameters = parameters;
    this.#store = store;
    this.#head = parameters.origin;
    this.#blocks = [parameters.origin];
  }

  get head(): Block {
    return this.#head;
  }

  get headNumber(): number {
    return this.#head.number;
  }

  get headSeconds(): number {
    return this.#head.timestampSeconds;
  }

  get maximumTransactionBytes(): number {
    return this.parameters.maximumTransactionBytes;
  }

  get maximumLifetimeSeconds(): number {
    return this.parameters.maximumLifetimeSeconds;
  }

  get pendingCount(): number {
    return this.#pending.length;
  }

  block(number: number): Block | undefined {
    return number > 0 ? this.#blocks[number] : undefined;
  }

  has(block: Block): boolean {
    return this.#blocks[block.number] === block;
  }

  pending(id: string): SignedTransaction | undefined {
    return this.#pendingIds.get(id);
  }

  isKnown({ id }: SignedTransaction): boolean {
    return this.#pendingIds.has(id) || this.#store.find(id, (block) => this.has(block)) !== null;
  }

  blockPrefix(refBlockNumber: number): number {
    const back = (this.#head.number - refBlockNumber) & 0xffff;
    return this.#blocks[this.#head.number - back]?.prefix ?? 0;
  }

  /** Puts the transaction on top of what is pending, or says why not. */
  admit(transaction: SignedTransaction): AppliedTransaction | ChainFailure {
    const applied = applyTransaction(transaction, this, { trusted: false });
    if (applied instanceof ChainFailure) return applied;
    this.#pending.push(applied);
    this.#marks.push(this.state.journal.length);
    this.#pendingIds.set(transaction.id, transaction);
    return applied;
  }

  /** What admitting it would do, without doing it. */
  examine(transaction: SignedTransaction): AppliedTransaction | ChainFailure {
    const mark = this.state.journal.length;
    const applied = applyTransaction(transaction, this, { trusted: false });
    this.state.journal.rollBack(mark);
    return applied;
  }

  produce(slot: number): Block {
    const { parameters } = this;
    const timestampSeconds = parameters.genesisSeconds + slot * parameters.blockIntervalSeconds;
    const { selected, isPrefix } = this.#select();
    if (isPrefix && !this.state.hasOrdersDue(timestampSeconds)) {
      const block = produceBlock(
        { parent: this.#head, slot, applied: selected, endVirtual: [] },
        parameters,
        this.#store,
      );
      this.#adopt(block, selected.length);
      return block;
    }
    const rest = this.#clearPending();
    const applied: AppliedTransaction[] = [];
    for (const { transaction } of selected) {
      const again = applyTransaction(transaction, this, { trusted: true });
      if (!(again instanceof ChainFailure)) applied.push(again);
    }
    const endVirtual = this.#expireOrders(timestampSeconds);
    const block = produceBlock({ parent: this.#head, slot, applied, endVirtual }, parameters, this.#store);
    this.#enter(block, this.state.journal.detach(this.state.journal.length));
    const gone = new Set(selected.map(({ transaction }) => transaction));
    this.#readmit(rest.filter((transaction) => !gone.has(transaction)));
    return block;
  }

  /** Transactions in order of arrival while there is room; one that could never fit is passed over, as nodes do. */
  #select(): { readonly selected: readonly AppliedTransaction[]; readonly isPrefix: boolean } {
    const room = this.parameters.maximumBlockBytes;
    const selected: AppliedTransaction[] = [];
    let bytes = headerBytes;
    let isPrefix = true;
    for (const applied of this.#pending) {
      const { packedBytes } = applied.transaction;
      if (headerBytes + packedBytes + 1 >= room) {
        isPrefix = false;
        continue;
      }
      if (bytes + packedBytes + 1 >= room) break;
      bytes += packedBytes + 1;
      selected.push(applied);
    }
    return { selected, isPrefix };
  }

  /**
   * Takes a block of another node. The longer chain wins; blocks in between come along with their descendant.
   * Returns the blocks that became part of this node's chain, oldest first.
   */
  receive(block: Block, { orphanedReturn }: { readonly orphanedReturn: boolean }): readonly Block[] {
    if (block.number <= this.#head.number) return [];
    const path: Block[] = [];
    let ancestor: Block = block;
    while (!this.has(ancestor)) {
      path.unshift(ancestor);
      ancestor = ancestor.previous!;
    }
    if (ancestor === this.#head && path.length === 1) {
      this.#extend(block);
      return path;
    }
    const pending = this.#clearPending();
    const orphans = this.#popTo(ancestor);
    for (const next of path) this.#execute(next);
    const included = new Set(path.flatMap(({ applied }) => applied?.map(({ transaction }) => transaction.id) ?? []));
    if (orphans.length > 0) this.counters.forks += 1;
    const returning = orphanedReturn ? orphans : [];
    this.counters.revoked += orphans.length;
    this.counters.orphaned += orphans.filter(({ id }) => !included.has(id)).length;
    this.#readmit([...returning, ...pending].filter(({ id }) => !included.has(id)));
    return path;
  }

  #extend(block: Block): void {
    const applied = block.applied ?? [];
    const isPrefix =
      applied.length <= this.#pending.length &&
      applied.every(({ transaction }, index) => this.#pending[index]!.transaction === transaction);
    if (isPrefix && !this.state.hasOrdersDue(block.timestampSeconds)) {
      this.#adopt(block, applied.length);
      return;
    }
    const pending = this.#clearPending();
    this.#execute(block);
    const included = new Set(applied.map(({ transaction }) => transaction));
    this.#readmit(pending.filter((transaction) => !included.has(transaction)));
  }

  /** Makes the first `count` pending transactions a block: their effects are in the state already. */
  #adopt(block: Block, count: number): void {
    const length = count === 0 ? 0 : this.#marks[count - 1]!;
    for (const { transaction } of this.#pending.slice(0, count)) this.#pendingIds.delete(transaction.id);
    this.#pending = this.#pending.slice(count);
    this.#marks = this.#marks.slice(count).map((mark) => mark - length);
    this.#enter(block, this.state.journal.detach(length));
    if (this.#pending.some(({ transaction }) => this.#isOutdated(transaction))) this.#readmit(this.#clearPending());
  }

  #isOutdated(transaction: SignedTransaction): boolean {
    return (
      transaction.expirationSeconds < this.headSeconds ||
      transaction.refBlockPrefix !== this.blockPrefix(transaction.refBlockNumber)
    );
  }

  #execute(block: Block): void {
    for (const { transaction } of block.applied ?? []) applyTransaction(transaction, this, { trusted: true });
    this.#expireOrders(block.timestampSeconds);
    this.#enter(block, this.state.journal.detach(this.state.journal.length));
  }

  #expireOrders(seconds: number) {
    const { state } = this;
    const evaluation: Evaluation = { state, headSeconds: seconds, headNumber: this.#head.number + 1, virtual: [] };
    for (const instance of state.expiredOrders(seconds)) {
      cancelOrder(state.orders.get(instance)!, evaluation, -1, { deferredFeeBack: true });
    }
    return evaluation.virtual;
  }

  #enter(block: Block, undo: Undo): void {
    this.#head = block;
    this.counters.included += block.transactionCount;
    this.#blocks[block.number] = block;
    this.#undo.set(block.number, undo);
    for (let number = block.lastIrreversible; this.#undo.delete(number); number -= 1);
  }

  #popTo(ancestor: Block): SignedTransaction[] {
    const orphans: SignedTransaction[] = [];
    while (this.#head !== ancestor) {
      const { number, previous, applied, transactionCount } = this.#head;
      this.counters.included -= transactionCount;
      takeBack(this.#undo.get(number)!);
      this.#undo.delete(number);
      orphans.unshift(...(applied ?? []).map(({ transaction }) => transaction));
      this.#blocks.length = number;
      this.#head = previous!;
    }
    return orphans;
  }

  #clearPending(): SignedTransaction[] {
    this.state.journal.rollBack(0);
    const transactions = this.#pending.map(({ transaction }) => transaction);
    this.#pending = [];
    this.#marks = [];
    this.#pendingIds.clear();
    return transactions;
  }

  #readmit(transactions: readonly SignedTransaction[]): void {
    for (const transaction of transactions) {
      if (this.admit(transaction) instanceof ChainFailure) this.counters.dropped += 1;
    }
  }
}
