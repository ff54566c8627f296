import type { ObservedBlock } from "../../shared/chains/driver.ts";
import { type Columns, createColumns, type PreparedColumns } from "../../shared/ledger/columns.ts";
import type { BlockRecord } from "../ledger/evidence.ts";
import { inclusionsLayout } from "../ledger/inclusions.ts";
import { MatchIndex } from "./match-index.ts";

interface KnownBlock {
  readonly block: Omit<ObservedBlock, "matchKeys">;
  readonly arrivals: Record<string, number>;
  firstArrivalMicros: number;
  irreversibleMicros: number;
  /** Sequence numbers of the run's transactions in it. */
  readonly ours: Uint32Array;
  canonical: boolean;
}

export interface ChainViewEvents {
  /** The winning branch changed: blocks from `number` on were replaced. */
  onFork(number: number, orphaned: number): void;
  /** A block that was not known; `ours` are the run's transactions in it. */
  onBlock(position: number, ours: Uint32Array): void;
  /** The run's transactions in a block that just joined the winning branch. */
  onIncluded(sequences: Uint32Array, arrivedMicros: number): void;
}

const none = -1;

/**
 * The chain as the observers together see it: all blocks with their arrival at each node, which branch wins (the
 * longest; the one seen first among equals, as nodes themselves choose), and which block of it holds each of the run's
 * transactions. Instants are microseconds on the overseer's clock.
 */
export class ChainView {
  readonly #index: MatchIndex;
  readonly #blocks = new Map<string, KnownBlock>();
  /** Positions: block of each transaction on the winning branch, as an index into `#order`. */
  readonly #blockOf: Int32Array;
  readonly #order: KnownBlock[] = [];
  readonly #positions = new Map<string, number>();
  readonly #canonical = new Map<number, string>();
  /** First arrivals of heads whose bodies are still being fetched. */
  readonly #announced = new Map<string, Record<string, number>>();
  readonly #events: ChainViewEvents;
  #headNumber = 0;
  #headTimeMs = 0;
  #included = 0;
  #irreversibleNumber = 0;
  /** Everything up to here has its irreversible instant. */
  #settledNumber = 0;

  constructor(options: { transactions: number; afterBlock: number }, events: ChainViewEvents) {
    this.#index = new MatchIndex(options.transactions);
    this.#blockOf = new Int32Array(options.transactions).fill(none);
    this.#settledNumber = options.afterBlock;
    this.#events = events;
  }

  get headNumber(): number {
    return this.#headNumber;
  }

  /** Chain time of the winning branch's head. */
  get headTimeMs(): number {
    return this.#headTimeMs;
  }

  get irreversibleNumber(): number {
    return this.#irreversibleNumber;
  }

  /** How many of the run's transactions are in a block of the winning branch now. */
  get included(): number {
    return this.#included;
  }

  isIncluded(sequence: number): boolean {
    return this.#blockOf[sequence] !== none;
  }

  addPrepared(columns: PreparedColumns): void {
    this.#index.addAll(columns.matchKey, columns.sequence);
  }

  knows(id: string): boolean {
    return this.#blocks.has(id);
  }

  /** A node has the block as its head. */
  announce(node: string, id: string, arrivedMicros: number): void {
    const known = this.#blocks.get(id);
    if (known === undefined) {
      const arrivals = this.#announced.get(id) ?? {};
      arrivals[node] ??= arrivedMicros;
      this.#announced.set(id, arrivals);
      return;
    }
    known.arrivals[node] ??= arrivedMicros;
    known.firstArrivalMicros = Math.min(known.firstArrivalMicros, arrivedMicros);
  }

  /** A block's body. `fallbackMicros` stands in for its arrival when no node announced it (a gap that was filled). */
  addBlock(observed: ObservedBlock, fallbackMicros: number): void {
    if (this.#blocks.has(observed.id)) return;
    const arrivals = this.#announced.get(observed.id) ?? {};
    this.#announced.delete(observed.id);
    const { matchKeys, ...block } = observed;
    this.#add(block, arrivals, fallbackMicros, this.#index.findAll(matchKeys));
  }

  /** A block that another process saw and wrote down, with what it found in it. */
  restoreBlock(record: BlockRecord, ours: Uint32Array, t0Micros: number): void {
    if (this.#blocks.has(record.id)) return;
    const { arrivals, ours: _, orphaned: __, ...block } = record;
    const entries = Object.entries(arrivals).map(([node, micros]) => [node, micros + t0Micros] as const);
    this.#add(block, Object.fromEntries(entries), Number.NaN, ours);
  }

  #add(
    block: Omit<ObservedBlock, "matchKeys">,
    arrivals: Record<string, number>,
    fallbackMicros: number,
    ours: Uint32Array,
  ): void {
    const times = Object.values(arrivals);
    const known: KnownBlock = {
      block,
      arrivals,
      firstArrivalMicros: times.length === 0 ? fallbackMicros : Math.min(...times),
      irreversibleMicros: Number.NaN,
      ours,
      canonical: false,
    };
    this.#blocks.set(block.id, known);
    this.#positions.set(block.id, this.#order.length);
    this.#order.push(known);
    if (block.number > this.#headNumber) this.#adopt(known);
    this.#events.onBlock(this.#order.length - 1, known.ours);
  }

  /** A node says that blocks up to `number` are final. */
  settle(number: number, atMicros: number): void {
    this.#irreversibleNumber = Math.max(this.#irreversibleNumber, number);
    for (let n = this.#settledNumber + 1; n <= Math.min(this.#irreversibleNumber, this.#headNumber); n++) {
      const id = this.#canonical.get(n);
      const known = id === undefined ? undefined : this.#blocks.get(id);
      if (known !== undefined) known.irreversibleMicros = atMicros;
      this.#settledNumber = n;
    }
  }

  /** The newest blocks of the winning branch, newest last. */
  get head(): { readonly block: Omit<ObservedBlock, "matchKeys">; readonly ours: number } | null {
    const id = this.#canonical.get(this.#headNumber);
    const known = id === undefined ? undefined : this.#blocks.get(id);
    return known === undefined ? null : { block: known.block, ours: known.ours.length };
  }

  /** All blocks seen, in the order of their numbers, with times relative to `t0Micros`. */
  blockRecords(t0Micros: number): BlockRecord[] {
    return this.#order
      .map((_, position) => this.blockRecord(position, t0Micros))
      .sort((a, b) => a.number - b.number || Number(a.orphaned) - Number(b.orphaned));
  }

  /** By position in the order in which blocks became known. */
  blockRecord(position: number, t0Micros: number): BlockRecord {
    const known = this.#order[position] as KnownBlock;
    return {
      ...known.block,
      arrivals: Object.fromEntries(Object.entries(known.arrivals).map(([node, at]) => [node, at - t0Micros])),
      ours: known.ours.length,
      orphaned: !known.canonical,
    };
  }

  inclusionColumns(t0Micros: number): Columns<typeof inclusionsLayout> {
    const orphanings = this.#countOrphanings();
    const rows: number[] = [];
    for (let sequence = 0; sequence < this.#blockOf.length; sequence++) {
      if (this.#blockOf[sequence] !== none || orphanings[sequence] !== 0) rows.push(sequence);
    }
    const columns = createColumns(inclusionsLayout, rows.length);
    for (const [row, sequence] of rows.entries()) {
      const position = this.#blockOf[sequence] as number;
      const known = position === none ? undefined : this.#order[position];
      columns.sequence[row] = sequence;
      columns.block[row] = known?.block.number ?? 0;
      columns.included[row] = (known?.firstArrivalMicros ?? Number.NaN) - t0Micros;
      columns.irreversible[row] = (known?.irreversibleMicros ?? Number.NaN) - t0Micros;
      columns.orphanings[row] = orphanings[sequence] as number;
    }
    return columns;
  }

  /** Counted over all blocks that lost, since one may lose without ever having led here. */
  #countOrphanings(): Uint8Array {
    const orphanings = new Uint8Array(this.#blockOf.length);
    for (const known of this.#order) {
      if (known.canonical) continue;
      for (const sequence of known.ours) orphanings[sequence] = Math.min(255, (orphanings[sequence] as number) + 1);
    }
    return orphanings;
  }

  /** Makes the branch that ends in `tip` the winning one. */
  #adopt(tip: KnownBlock): void {
    const joining: KnownBlock[] = [];
    for (let at: KnownBlock | undefined = tip; at !== undefined && !at.canonical; ) {
      joining.push(at);
      at = this.#blocks.get(at.block.previousId);
    }
    const firstNumber = (joining.at(-1) as KnownBlock).block.number;
    let orphaned = 0;
    for (let number = this.#headNumber; number >= firstNumber; number--) {
      const id = this.#canonical.get(number);
      const known = id === undefined ? undefined : this.#blocks.get(id);
      if (known !== undefined) this.#leave(known);
      if (this.#canonical.delete(number)) orphaned++;
    }
    for (const known of joining.reverse()) this.#join(known);
    this.#headNumber = tip.block.number;
    this.#headTimeMs = tip.block.timestampMs;
    if (orphaned > 0) this.#events.onFork(firstNumber, orphaned);
  }

  #join(known: KnownBlock): void {
    known.canonical = true;
    this.#canonical.set(known.block.number, known.block.id);
    const position = this.#positions.get(known.block.id) as number;
    for (const sequence of known.ours) {
      if (this.#blockOf[sequence] === none) this.#included++;
      this.#blockOf[sequence] = position;
    }
    if (known.ours.length > 0) this.#events.onIncluded(known.ours, known.firstArrivalMicros);
  }

  #leave(known: KnownBlock): void {
    known.canonical = false;
    for (const sequence of known.ours) {
      this.#blockOf[sequence] = none;
      this.#included--;
    }
  }
}
