import { SequenceRandom } from "../../workload/sequence-random.ts";
import { ByteWriter } from "../encoding/byte-writer.ts";

/** More than any named operation needs, in either form. */
export const namedOperationRoom = 256;

/** The transaction being written, shared by the writers of its operations and used again for the next one. */
export class TransactionDraft {
  readonly random = new SequenceRandom();
  readonly binary = new ByteWriter(4096);
  readonly text = new ByteWriter(4096);
  readonly accounts: number;
  sequence = 0;
  expirationSeconds = 0;
  /** Position of the account that pays for the operations that leave the choice; −1 until the first has drawn it. */
  payer = -1;
  /** Positions of the accounts that must sign, each once. */
  readonly signers: Uint32Array;
  signerCount = 0;

  readonly #instances: Float64Array;
  /** Last transaction in which each account was made a signer, to find repetitions without searching. */
  readonly #signedIn: Float64Array;
  /** Accounts with the same key are the same signer. */
  readonly #keyOf: Uint32Array;
  #serial = 0;

  /** `instances`: the last part of each account's id. `keyOf`: position of the first account that has the same key. */
  constructor(instances: readonly number[], keyOf: readonly number[]) {
    this.accounts = instances.length;
    this.#instances = Float64Array.from(instances);
    this.#keyOf = Uint32Array.from(keyOf);
    this.signers = new Uint32Array(instances.length);
    this.#signedIn = new Float64Array(instances.length);
  }

  begin(sequence: number, expirationSeconds: number): void {
    this.#serial++;
    this.sequence = sequence;
    this.expirationSeconds = expirationSeconds;
    this.payer = -1;
    this.signerCount = 0;
    this.binary.length = 0;
    this.text.length = 0;
  }

  instanceOf(account: number): number {
    return this.#instances[account] as number;
  }

  /** Draws the payer unless there is one already. */
  anyPayer(): number {
    if (this.payer < 0) this.payer = this.random.nextBelow(this.accounts);
    return this.payer;
  }

  otherThan(account: number): number {
    const other = this.random.nextBelow(this.accounts - 1);
    return other >= account ? other + 1 : other;
  }

  signedBy(account: number): void {
    const key = this.#keyOf[account] as number;
    if (this.#signedIn[key] === this.#serial) return;
    this.#signedIn[key] = this.#serial;
    this.signers[this.signerCount++] = key;
  }
}

/** Writes the operations of one mix entry. */
export interface OperationWriter {
  /** How many transactions that begin with such an operation can be told apart. */
  readonly capacity: number;
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
