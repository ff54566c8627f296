import type { TrafficBlock, TrafficOperation } from "../../shared/chains/traffic.ts";
import { SequenceRandom } from "../../shared/workload/sequence-random.ts";

/** Operations of each kind that are kept to look at, drawn evenly from all. */
const samplesOfKind = 2000;
const samplingSeed = 1;

/** What was seen of one kind of operation. */
export interface KindObservation {
  readonly kind: string;
  readonly operations: number;
  readonly samples: readonly TrafficOperation[];
}

export interface BlockCount {
  /** Block slots since the block before: more than one where some were missed. */
  readonly slots: number;
  readonly transactions: number;
}

/** Counts what is in blocks, which must come in their order. Memory grows with blocks, kinds and senders only. */
export class TrafficObservation {
  readonly blocks: BlockCount[] = [];
  firstTimeMs = Number.NaN;
  lastTimeMs = Number.NaN;
  transactions = 0;
  operations = 0;
  /** Of the transactions of several operations, those whose operations are of one kind. */
  severalOperations = 0;
  severalOfOneKind = 0;

  readonly #blockIntervalMs: number;
  readonly #kinds = new Map<string, { operations: number; samples: TrafficOperation[] }>();
  readonly #operationCounts = new Map<number, number>();
  readonly #senders = new Map<string, number>();
  readonly #random = new SequenceRandom();

  constructor(blockIntervalMs: number) {
    this.#blockIntervalMs = blockIntervalMs;
    this.#random.reset(samplingSeed, 0);
  }

  add({ timestampMs, transactions }: TrafficBlock): void {
    const sinceMs = Number.isNaN(this.lastTimeMs) ? this.#blockIntervalMs : timestampMs - this.lastTimeMs;
    if (Number.isNaN(this.firstTimeMs)) this.firstTimeMs = timestampMs;
    this.lastTimeMs = timestampMs;
    this.blocks.push({
      slots: Math.max(1, Math.round(sinceMs / this.#blockIntervalMs)),
      transactions: transactions.length,
    });
    for (const { operations } of transactions) {
      const [first] = operations;
      if (first === undefined) continue;
      this.transactions++;
      this.operations += operations.length;
      count(this.#operationCounts, operations.length);
      const [sender] = first.accounts;
      if (sender !== undefined) count(this.#senders, sender);
      if (operations.length > 1) {
        this.severalOperations++;
        if (operations.every(({ kind }) => kind === first.kind)) this.severalOfOneKind++;
      }
      for (const operation of operations) this.#addOperation(operation);
    }
  }

  /** The commonest first. */
  get kinds(): KindObservation[] {
    return [...this.#kinds]
      .map(([kind, { operations, samples }]) => ({ kind, operations, samples }))
      .sort((a, b) => b.operations - a.operations || (a.kind < b.kind ? -1 : 1));
  }

  /** Transactions by their number of operations, in ascending order of that. */
  get operationCounts(): (readonly [operations: number, transactions: number])[] {
    return [...this.#operationCounts].sort(([a], [b]) => a - b);
  }

  /** Transactions of each sender, the busiest first: the account that pays for the first operation. */
  get senders(): number[] {
    return [...this.#senders.values()].sort((a, b) => b - a);
  }

  #addOperation(operation: TrafficOperation): void {
    const { kind } = operation;
    const known = this.#kinds.get(kind) ?? { operations: 0, samples: [] };
    this.#kinds.set(kind, known);
    known.operations++;
    if (known.samples.length < samplesOfKind) {
      known.samples.push(operation);
      return;
    }
    const place = this.#random.nextBelow(known.operations);
    if (place < samplesOfKind) known.samples[place] = operation;
  }
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
