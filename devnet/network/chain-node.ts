import type { ChainKinds } from "./chain-kinds.ts";
import { type Journal, takeBack, type Undo } from "./journal.ts";
import { Refusal } from "./refusal.ts";

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

export interface Selection<Applied> {
  readonly selected: readonly Applied[];
  /** Whether these are the first ones of what is pending, without a gap. */
  readonly isPrefix: boolean;
}

export interface NewBlock<Kinds extends ChainKinds<Kinds>> {
  readonly parent: Kinds["block"];
  readonly slot: number;
  readonly applied: readonly Kinds["applied"][];
}

/**
 * One node's chain: head, pending transactions on top of it, and how to take both back. Evaluation happens once when a
 * transaction arrives; a block that begins with what is pending, in the same order, is then adopted without doing it
 * again, and only a block that differs, or time that runs out for something, makes the node start over from its head.
 * What transactions do and blocks look like is the chain's own: the abstract methods.
 */
export abstract class ChainNode<Kinds extends ChainKinds<Kinds>> {
  readonly counters: ChainCounters = { included: 0, dropped: 0, revoked: 0, orphaned: 0, forks: 0 };
  readonly #blocks: Kinds["block"][];
  readonly #undo = new Map<number, Undo>();
  /** Up to here nothing can be taken back any more, whatever a later head says. */
  #finalNumber = 0;
  #pending: Kinds["applied"][] = [];
  /** The journal's length after each pending transaction. */
  #marks: number[] = [];
  readonly #pendingIds = new Map<string, Kinds["transaction"]>();
  #head: Kinds["block"];

  /** `origin` is number 0: what the first block refers to. */
  constructor(origin: Kinds["block"]) {
    this.#head = origin;
    this.#blocks = [origin];
  }

  protected abstract readonly journal: Journal;

  /** Reads, validates and recovers what a client sent, in the order in which a node does it. */
  abstract prepare(given: unknown): Kinds["transaction"] | Kinds["failure"];
  /** What a refusal looks like from outside, once `admit` or `examine` has refused. */
  abstract refused(failure: Kinds["failure"], transaction: Kinds["transaction"]): Kinds["failure"];
  /** For nodes that refuse although nothing is wrong. */
  abstract refusedOnPurpose(): Kinds["failure"];
  /** What a node makes of an error that nobody expected. */
  abstract unexpected(error: unknown): Kinds["failure"];

  /** Applies all or nothing. `trusted` leaves out what every block's transactions have been through before. */
  protected abstract apply(
    transaction: Kinds["transaction"],
    options: { readonly trusted: boolean },
  ): Kinds["applied"] | Kinds["failure"];
  /** What of the pending transactions goes into a block of this slot. */
  protected abstract select(pending: readonly Kinds["applied"][], slot: number): Selection<Kinds["applied"]>;
  /** Whether something happens at a block's time that is no transaction. */
  protected abstract hasWorkDue(timestampSeconds: number): boolean;
  /** Does that for a block of another node. */
  protected abstract doWorkDue(block: Kinds["block"]): void;
  /** Does that, then makes the block. */
  protected abstract seal(block: NewBlock<Kinds>): Kinds["block"];
  protected abstract timestampOf(slot: number): number;
  /** Whether a pending transaction has to be tried again now that the head is another one. */
  protected abstract isOutdated(applied: Kinds["applied"]): boolean;
  /** Whether a block of this chain holds the transaction. */
  protected abstract isIncluded(transaction: Kinds["transaction"]): boolean;

  /** Which of two blocks should lead: the longer chain, unless the chain has a better rule. */
  protected isBetter(block: Kinds["block"], head: Kinds["block"]): boolean {
    return block.number > head.number;
  }

  get head(): Kinds["block"] {
    return this.#head;
  }

  get headNumber(): number {
    return this.#head.number;
  }

  get headSeconds(): number {
    return this.#head.timestampSeconds;
  }

  get pendingCount(): number {
    return this.#pending.length;
  }

  block(number: number): Kinds["block"] | undefined {
    return number > 0 ? this.#blocks[number] : undefined;
  }

  has(block: Kinds["block"]): boolean {
    return this.#blocks[block.number] === block;
  }

  pending(id: string): Kinds["transaction"] | undefined {
    return this.#pendingIds.get(id);
  }

  /** Whether the transaction is pending or in a block of this chain already. */
  isKnown(transaction: Kinds["transaction"]): boolean {
    return this.#pendingIds.has(transaction.id) || this.isIncluded(transaction);
  }

  /** Puts the transaction on top of what is pending, or says why not. */
  admit(transaction: Kinds["transaction"]): Kinds["applied"] | Kinds["failure"] {
    const applied = this.apply(transaction, { trusted: false });
    if (applied instanceof Refusal) return applied;
    this.#pending.push(applied);
    this.#marks.push(this.journal.length);
    this.#pendingIds.set(transaction.id, transaction);
    return applied;
  }

  /** What admitting it would do, without doing it. */
  examine(transaction: Kinds["transaction"]): Kinds["applied"] | Kinds["failure"] {
    const mark = this.journal.length;
    const applied = this.apply(transaction, { trusted: false });
    this.journal.rollBack(mark);
    return applied;
  }

  produce(slot: number): Kinds["block"] {
    const { selected, isPrefix } = this.select(this.#pending, slot);
    if (isPrefix && !this.hasWorkDue(this.timestampOf(slot))) {
      const block = this.seal({ parent: this.#head, slot, applied: selected });
      this.#adopt(block, selected.length);
      return block;
    }
    const rest = this.#clearPending();
    const applied: Kinds["applied"][] = [];
    for (const { transaction } of selected) {
      const again = this.apply(transaction, { trusted: true });
      if (again instanceof Refusal) this.counters.dropped += 1;
      else applied.push(again);
    }
    const block = this.seal({ parent: this.#head, slot, applied });
    this.#enter(block, this.journal.detach(this.journal.length));
    const gone = new Set(selected.map(({ transaction }) => transaction));
    this.#readmit(rest.filter((transaction) => !gone.has(transaction)));
    return block;
  }

  /**
   * Takes a block of another node; blocks in between come along with their descendant. One of a fork from before what
   * is irreversible here is not followed, however long that has become.
   * Returns the blocks that became part of this node's chain, oldest first.
   */
  receive(block: Kinds["block"], { orphanedReturn }: { readonly orphanedReturn: boolean }): readonly Kinds["block"][] {
    if (!this.isBetter(block, this.#head)) return [];
    const path: Kinds["block"][] = [];
    let ancestor: Kinds["block"] = block;
    while (!this.has(ancestor)) {
      if (ancestor.number <= this.#finalNumber) return [];
      path.push(ancestor);
      ancestor = previousOf(ancestor);
    }
    path.reverse();
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

  #extend(block: Kinds["block"]): void {
    const applied = block.applied ?? [];
    const isPrefix =
      applied.length <= this.#pending.length &&
      applied.every(({ transaction }, index) => this.#pending[index]?.transaction === transaction);
    if (isPrefix && !this.hasWorkDue(block.timestampSeconds)) {
      this.#adopt(block, applied.length);
      return;
    }
    const pending = this.#clearPending();
    this.#execute(block);
    const included = new Set(applied.map(({ transaction }) => transaction));
    this.#readmit(pending.filter((transaction) => !included.has(transaction)));
  }

  /** Makes the first `count` pending transactions a block: their effects are in the state already. */
  #adopt(block: Kinds["block"], count: number): void {
    const length = count === 0 ? 0 : this.#marks[count - 1]!;
    for (const { transaction } of this.#pending.slice(0, count)) this.#pendingIds.delete(transaction.id);
    this.#pending = this.#pending.slice(count);
    this.#marks = this.#marks.slice(count).map((mark) => mark - length);
    this.#enter(block, this.journal.detach(length));
    if (this.#pending.some((applied) => this.isOutdated(applied))) this.#readmit(this.#clearPending());
  }

  #execute(block: Kinds["block"]): void {
    for (const { transaction } of block.applied ?? []) this.apply(transaction, { trusted: true });
    this.doWorkDue(block);
    this.#enter(block, this.journal.detach(this.journal.length));
  }

  #enter(block: Kinds["block"], undo: Undo): void {
    this.#head = block;
    this.counters.included += block.transactionCount;
    this.#blocks[block.number] = block;
    this.#undo.set(block.number, undo);
    this.#finalNumber = Math.max(this.#finalNumber, block.lastIrreversible);
    for (let number = this.#finalNumber; this.#undo.delete(number); number -= 1);
  }

  #popTo(ancestor: Kinds["block"]): Kinds["transaction"][] {
    const popped: Kinds["block"][] = [];
    while (this.#head !== ancestor) {
      const { number, transactionCount } = this.#head;
      this.counters.included -= transactionCount;
      takeBack(this.#undo.get(number)!);
      this.#undo.delete(number);
      popped.push(this.#head);
      this.#blocks.length = number;
      this.#head = previousOf(this.#head);
    }
    return popped.reverse().flatMap(({ applied }) => applied?.map(({ transaction }) => transaction) ?? []);
  }

  #clearPending(): Kinds["transaction"][] {
    this.journal.rollBack(0);
    const transactions = this.#pending.map(({ transaction }) => transaction);
    this.#pending = [];
    this.#marks = [];
    this.#pendingIds.clear();
    return transactions;
  }

  #readmit(transactions: readonly Kinds["transaction"][]): void {
    for (const transaction of transactions) {
      if (this.admit(transaction) instanceof Refusal) this.counters.dropped += 1;
    }
  }
}

function previousOf<Kinds extends ChainKinds<Kinds>>(block: Kinds["block"]): Kinds["block"] {
  if (block.previous === null) throw new Error(`block ${block.id} does not descend from the origin`);
  return block.previous;
}
