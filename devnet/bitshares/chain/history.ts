import type { Json } from "../codec/json.ts";
import type { Operation } from "../codec/operation.ts";
import type { Fill, VirtualOperation } from "../evaluate/evaluation.ts";
import { nothing } from "../evaluate/evaluation.ts";
import type { Block } from "./block.ts";

/** Positions are one number: serial of the block × this + sequence of the operation in the block, virtual ones included. */
const positionBase = 1_048_576;

/** Where blocks can be had again. */
interface BlockArchive {
  block(serial: number): Block;
  json(block: Block): string;
}

interface BlockExtras {
  /** Results other than nothing, and virtual operations, by sequence. */
  readonly results: ReadonlyMap<number, string>;
  readonly virtual: ReadonlyMap<number, VirtualOperation>;
  /** Operations in the chain before this block. */
  readonly firstNumber: number;
  readonly operations: number;
}

export interface HistoryEntry {
  readonly number: number;
  readonly json: string;
  readonly type: number;
}

export interface MarketFill {
  readonly block: Block;
  readonly fill: Fill;
  readonly body: { readonly [key: string]: Json };
  readonly number: number;
}

/**
 * Which operations concern which accounts, for all forks at once. Only positions are kept, eight bytes each; the
 * operations themselves are read back from their block.
 */
export class History {
  readonly #store: BlockArchive;
  readonly #extras: BlockExtras[] = [];
  readonly #ofAccount = new Map<number, number[]>();
  readonly #fills = new Map<string, MarketFill[]>();

  constructor(store: BlockArchive) {
    this.#store = store;
  }

  add(block: Block): void {
    const results = new Map<number, string>();
    const virtual = new Map<number, VirtualOperation>();
    const base = block.serial * positionBase;
    let sequence = 0;
    const addVirtual = (happened: VirtualOperation): void => {
      virtual.set(sequence, happened);
      for (const account of new Set([happened.account, ...(happened.others ?? [])])) {
        this.#concern(account, base + sequence);
      }
      if (happened.fill !== undefined) this.#addFill(block, happened.fill, happened.body);
      sequence += 1;
    };
    for (const applied of block.applied ?? []) {
      for (const [index, operation] of applied.transaction.operations.entries()) {
        if (applied.results[index] !== nothing) results.set(sequence, applied.results[index]!);
        for (const account of concernedBy(operation)) this.#concern(account, base + sequence);
        sequence += 1;
        for (const happened of applied.virtual ?? []) if (happened.cause === index) addVirtual(happened);
      }
    }
    for (const happened of block.endVirtual) addVirtual(happened);
    const before = this.#extras[block.previous?.serial ?? -1];
    const firstNumber = before === undefined ? 0 : before.firstNumber + before.operations;
    this.#extras[block.serial] = { results, virtual, firstNumber, operations: sequence };
  }

  /** Newest first, of the blocks that `isOnChain` holds true for. */
  *ofAccount(account: number, isOnChain: (block: Block) => boolean): Generator<HistoryEntry> {
    const positions = this.#ofAccount.get(account) ?? [];
    let openedSerial = -1;
    let entries: readonly HistoryEntry[] = [];
    for (let index = positions.length - 1; index >= 0; index -= 1) {
      const serial = Math.floor(positions[index]! / positionBase);
      const block = this.#store.block(serial);
      if (!isOnChain(block)) continue;
      if (openedSerial !== serial) entries = this.ofBlock(block);
      openedSerial = serial;
      yield entries[positions[index]! % positionBase]!;
    }
  }

  countOf(account: number): number {
    return this.#ofAccount.get(account)?.length ?? 0;
  }

  ofBlock(block: Block): readonly HistoryEntry[] {
    const extras = this.#extras[block.serial]!;
    const parsed = JSON.parse(this.#store.json(block)) as StoredBlock;
    const entries: HistoryEntry[] = [];
    const push = (position: Position, type: number, op: string, result: string): void => {
      const number = extras.firstNumber + entries.length;
      const place = `"block_num":${block.number},"trx_in_block":${position.transaction},"op_in_trx":${position.operation},"virtual_op":${position.virtual},"is_virtual":${position.virtual > 0}`;
      const json = `{"id":"1.11.${number}","op":${op},"result":${result},${place},"block_time":"${parsed.timestamp}"}`;
      entries.push({ number, json, type });
    };
    const pushVirtual = (transaction: number, operation: number): void => {
      for (let count = 1; ; count += 1) {
        const happened = extras.virtual.get(entries.length);
        if (happened === undefined || happened.cause !== operation) return;
        push(
          { transaction, operation: Math.max(0, operation), virtual: count },
          happened.type,
          JSON.stringify([happened.type, happened.body]),
          happened.result,
        );
      }
    };
    for (const [transaction, { operations }] of parsed.transactions.entries()) {
      for (const [operation, given] of operations.entries()) {
        const result = extras.results.get(entries.length) ?? nothing;
        push({ transaction, operation, virtual: 0 }, given[0], JSON.stringify(given), result);
        pushVirtual(transaction, operation);
      }
    }
    pushVirtual(parsed.transactions.length, -1);
    return entries;
  }

  /** Oldest first; both sides of each trade. */
  fills(assetA: number, assetB: number, isOnChain: (block: Block) => boolean): readonly MarketFill[] {
    return (this.#fills.get(marketOf(assetA, assetB)) ?? []).filter(({ block }) => isOnChain(block));
  }

  #concern(account: number, position: number): void {
    const positions = this.#ofAccount.get(account);
    if (positions === undefined) this.#ofAccount.set(account, [position]);
    else positions.push(position);
  }

  #addFill(block: Block, fill: Fill, body: { readonly [key: string]: Json }): void {
    const market = marketOf(fill.pays.asset, fill.receives.asset);
    const fills = this.#fills.get(market) ?? [];
    fills.push({ block, fill, body, number: fills.length });
    this.#fills.set(market, fills);
  }
}

interface Position {
  readonly transaction: number;
  readonly operation: number;
  readonly virtual: number;
}

interface StoredBlock {
  readonly timestamp: string;
  readonly transactions: readonly { readonly operations: readonly (readonly [number, unknown])[] }[];
}

function marketOf(a: number, b: number): string {
  return `${Math.min(a, b)}/${Math.max(a, b)}`;
}

/** The payer, and every other account that the operation names. */
function concernedBy(operation: Operation): readonly number[] {
  if (operation.kind === "transfer") return [operation.from, operation.to];
  if (operation.kind !== "other") return [operation.payer];
  const named = JSON.stringify(operation.body).matchAll(/"1\.2\.(\d+)"/g);
  return [...new Set([operation.payer, ...[...named].map(([, instance]) => Number(instance))])];
}
