import type { AccountPopularity } from "../../workload/popularity.ts";
import { ByteWriter } from "../encoding/byte-writer.ts";
import { TransactionParties } from "../preparing/transaction-parties.ts";

/** More than any named operation needs, in either form. */
export const namedOperationRoom = 256;

/** The transaction being written, shared by the writers of its operations and used again for the next one. */
export class TransactionDraft extends TransactionParties {
  readonly binary = new ByteWriter(4096);
  readonly text = new ByteWriter(4096);

  readonly #instances: Float64Array;

  /** `instances`: the last part of each account's id. `keyOf`: position of the first account that has the same key. */
  constructor(instances: readonly number[], keyOf: readonly number[], popularity?: AccountPopularity) {
    super(keyOf, popularity);
    this.#instances = Float64Array.from(instances);
  }

  override begin(sequence: number, expirationSeconds: number): void {
    super.begin(sequence, expirationSeconds);
    this.binary.length = 0;
    this.text.length = 0;
  }

  instanceOf(account: number): number {
    return this.#instances[account] as number;
  }
}

/** Writes the operations of one mix entry. */
export interface OperationWriter {
  /** How many transactions that begin with such an operation can be told apart. */
  readonly capacity: number;
  /** Whether there are no objects for it, where it uses such up. */
  readonly isEmpty?: boolean;
  /** Appends one operation in both forms and names its signers. `position` counts within the transaction. */
  write(draft: TransactionDraft, position: number, ordinal: number): void;
}

/** Chain time as the protocol writes it, such as `2026-11-21T00:40:30`. */
export function toChainTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}

/** Chain time as bytes; most transactions in a row have the same. */
export class ChainTimeText {
  #seconds = -1;
  #bytes = new Uint8Array();

  at(seconds: number): Uint8Array {
    if (seconds !== this.#seconds) {
      this.#seconds = seconds;
      this.#bytes = Buffer.from(toChainTime(seconds), "latin1");
    }
    return this.#bytes;
  }
}
