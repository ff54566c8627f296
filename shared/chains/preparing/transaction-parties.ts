import type { AccountRole } from "../../workload/placeholders.ts";
import { AccountPopularity } from "../../workload/popularity.ts";
import { SequenceRandom } from "../../workload/sequence-random.ts";

/** Who pays for the transaction being written and who signs it; used again for the next one. Accounts are positions. */
export class TransactionParties {
  readonly random = new SequenceRandom();
  readonly accounts: number;
  readonly popularity: AccountPopularity;
  sequence = 0;
  expirationSeconds = 0;
  /** Position of the account that pays for the operations that leave the choice; −1 until the first has drawn it. */
  payer = -1;
  /** Length of the text or data of the operation being written, where it is captured; otherwise −1. */
  capturedSize = -1;
  /** Positions of the accounts that must sign, each once. */
  readonly signers: Uint32Array;
  signerCount = 0;

  /** Last transaction in which each account was made a signer, to find repetitions without searching. */
  readonly #signedIn: Float64Array;
  /** Accounts with the same key are the same signer. */
  readonly #keyOf: Uint32Array;
  #serial = 0;
  /** Within the transaction; −1 before the first. */
  #position = -1;

  /** `keyOf`: for each account the position of the first one that has the same key. */
  constructor(
    keyOf: readonly number[],
    popularity: AccountPopularity = new AccountPopularity({ kind: "uniform" }, keyOf.length),
  ) {
    this.accounts = keyOf.length;
    this.popularity = popularity;
    this.#keyOf = Uint32Array.from(keyOf);
    this.signers = new Uint32Array(keyOf.length);
    this.#signedIn = new Float64Array(keyOf.length);
  }

  begin(sequence: number, expirationSeconds: number): void {
    this.#serial++;
    this.sequence = sequence;
    this.expirationSeconds = expirationSeconds;
    this.payer = -1;
    this.signerCount = 0;
    this.#position = -1;
    this.capturedSize = -1;
  }

  /** Before each operation is written: sets its payer and length where they are captured. */
  beginOperation(position: number): void {
    const { captured } = this.popularity;
    if (captured === null) return;
    this.#position = position;
    this.payer = captured.payerOf(this.sequence, position);
    this.capturedSize = captured.sizeOf(this.sequence, position);
  }

  /** Draws the payer unless there is one already. */
  anyPayer(): number {
    if (this.payer < 0) this.payer = this.popularity.draw(this.random);
    return this.payer;
  }

  otherThan(account: number): number {
    const { captured } = this.popularity;
    if (captured !== null && this.#position >= 0) {
      const other = captured.otherOf(this.sequence, this.#position, account);
      if (other >= 0) return other;
    }
    return this.popularity.drawOther(this.random, account);
  }

  /** The account that a placeholder of a template means. */
  pick(which: AccountRole): number {
    switch (which) {
      case "sender":
        return this.anyPayer();
      case "other":
        return this.otherThan(this.anyPayer());
      case "any":
        return this.popularity.draw(this.random);
    }
  }

  signedBy(account: number): void {
    const key = this.#keyOf[account] as number;
    if (this.#signedIn[key] === this.#serial) return;
    this.#signedIn[key] = this.#serial;
    this.signers[this.signerCount++] = key;
  }
}

/** For each text the position where it occurs first. */
export function firstPositions(texts: readonly string[]): number[] {
  const seen = new Map<string, number>();
  return texts.map((text, i) => {
    const position = seen.get(text) ?? i;
    seen.set(text, position);
    return position;
  });
}
