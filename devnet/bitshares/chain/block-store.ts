import { promisify } from "node:util";
import { deflateRaw, inflateRawSync } from "node:zlib";
import type { SignedTransaction } from "../codec/signed-transaction.ts";
import type { Block } from "./block.ts";
import { History } from "./history.ts";

const compress = promisify(deflateRaw);

/** Blocks whose JSON stays ready to be sent; observers follow the head, so older ones are asked for seldom. */
const readyBlocks = 16;
/** Positions in blocks are kept in one number: block × this + index. */
const positionBase = 1_048_576;

interface Kept {
  readonly block: Block;
  json: string | Buffer;
}

/**
 * All blocks of all forks, once for the whole process. A block is its JSON text, made once when it is produced; older
 * ones are deflated, which takes a transaction to about its packed size.
 */
export class BlockStore {
  readonly history = new History(this);
  readonly #kept: Kept[] = [];
  /** Where each transaction was included: one position, or several when forks disagree. */
  readonly #positions = new Map<string, number | readonly number[]>();
  #compressed = 0;
  #isCompressing = false;

  get nextSerial(): number {
    return this.#kept.length;
  }

  add(block: Block, signature: string, transactions: readonly SignedTransaction[]): void {
    const parts = transactions.map(({ json }) => `${json},"operation_results":[]}`);
    const json = `{${block.headerJson},"witness_signature":"${signature}","transactions":[${parts.join(",")}]}`;
    this.#kept.push({ block, json });
    for (const [index, { id }] of transactions.entries()) this.#remember(id, block.serial * positionBase + index);
    this.history.add(block);
    this.#compressNext();
  }

  block(serial: number): Block {
    return this.#kept[serial]!.block;
  }

  json(block: Block): string {
    const { json } = this.#kept[block.serial]!;
    return typeof json === "string" ? json : inflateRawSync(json).toString();
  }

  /** The block of the chain that holds the transaction, and its position there. */
  find(id: string, isOnChain: (block: Block) => boolean): { readonly block: Block; readonly index: number } | null {
    const positions = this.#positions.get(id);
    if (positions === undefined) return null;
    for (const position of typeof positions === "number" ? [positions] : positions) {
      const { block } = this.#kept[Math.floor(position / positionBase)]!;
      if (isOnChain(block)) return { block, index: position % positionBase };
    }
    return null;
  }

  #remember(id: string, position: number): void {
    const known = this.#positions.get(id);
    if (known === undefined) this.#positions.set(id, position);
    else this.#positions.set(id, [...(typeof known === "number" ? [known] : known), position]);
  }

  /** One at a time: each holds far more memory than the block, until the event loop comes round to it. */
  #compressNext(): void {
    const kept = this.#kept[this.#compressed];
    const isDue = this.#kept.length - this.#compressed > readyBlocks;
    if (kept === undefined || !isDue || this.#isCompressing || typeof kept.json !== "string") return;
    this.#compressed += 1;
    this.#isCompressing = true;
    compress(Buffer.from(kept.json), { level: 1 })
      .then(
        (bytes) => {
          kept.json = bytes;
        },
        () => undefined,
      )
      .finally(() => {
        this.#isCompressing = false;
        this.#compressNext();
      });
  }
}
