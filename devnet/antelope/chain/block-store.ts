import type { AppliedTransaction } from "./applied-transaction.ts";
import type { Block } from "./block.ts";

/** A transaction as a block holds it. */
export interface IncludedTransaction {
  readonly id: string;
  readonly cpuMicros: number;
  readonly netWords: number;
  /** `SIG_K1_…` */
  readonly signatures: readonly string[];
  readonly packed: Buffer;
  readonly packedContextFreeData: Buffer;
}

/** Positions in blocks are kept in one number: block × this + index. */
const positionBase = 1_048_576;

interface Kept {
  readonly block: Block;
  readonly transactions: readonly IncludedTransaction[];
}

/** All blocks of all forks, once for the whole process. */
export class BlockStore {
  readonly #kept: Kept[] = [];
  readonly #byId = new Map<string, Block>();
  /** Where each transaction was included: one position, or several when forks disagree. */
  readonly #positions = new Map<string, number | readonly number[]>();

  get nextSerial(): number {
    return this.#kept.length;
  }

  add(block: Block, applied: readonly AppliedTransaction[]): void {
    const transactions = applied.map(({ transaction, cpuMicros, netWords }) => ({
      id: transaction.id,
      cpuMicros,
      netWords,
      signatures: transaction.signatures,
      packed: transaction.packed,
      packedContextFreeData: transaction.packedContextFreeData,
    }));
    this.#kept.push({ block, transactions });
    this.#byId.set(block.id, block);
    for (const [index, { id }] of transactions.entries()) this.#remember(id, block.serial * positionBase + index);
  }

  /** Whatever fork it is on. */
  byId(id: string): Block | undefined {
    return this.#byId.get(id);
  }

  transactions(block: Block): readonly IncludedTransaction[] {
    return this.#kept[block.serial]?.transactions ?? [];
  }

  /** The block of the chain that holds the transaction, and its position there. */
  find(id: string, isOnChain: (block: Block) => boolean): { readonly block: Block; readonly index: number } | null {
    for (const position of this.#positionsOf(id)) {
      const block = this.#kept[Math.floor(position / positionBase)]?.block;
      if (block !== undefined && isOnChain(block)) return { block, index: position % positionBase };
    }
    return null;
  }

  #positionsOf(id: string): readonly number[] {
    const positions = this.#positions.get(id);
    if (positions === undefined) return [];
    return typeof positions === "number" ? [positions] : positions;
  }

  #remember(id: string, position: number): void {
    const known = this.#positionsOf(id);
    this.#positions.set(id, known.length === 0 ? position : [...known, position]);
  }
}
