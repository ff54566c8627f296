import type { AccountPopularity } from "../../workload/popularity.ts";
import { ByteWriter } from "../encoding/byte-writer.ts";
import { TransactionParties } from "../preparing/transaction-parties.ts";
import { nameWord, type Word } from "./names.ts";

/** More than the parts of an action that always have the same size need. */
const actionRoom = 64;

/** The account that an action is done in the name of: its name, and the permission that it is signed with. */
export interface Actor {
  readonly name: string;
  readonly permission: string;
}

/** The transaction being written, shared by the writers of its actions and used again for the next one. */
export class TransactionDraft extends TransactionParties {
  readonly binary = new ByteWriter(4096);
  /** Which of the objects that its entry uses up the action being written is about, counted over the whole run. */
  poolOrdinal = 0;
  /** Data of the action being written. */
  readonly data = new ByteWriter(4096);

  readonly #actors: readonly Actor[];
  readonly #names: readonly Word[];
  readonly #permissions: readonly Word[];

  /** `keyOf`: for each actor the position of the first one that has the same key. */
  constructor(actors: readonly Actor[], keyOf: readonly number[], popularity?: AccountPopularity) {
    super(keyOf, popularity);
    this.#actors = actors;
    this.#names = actors.map(({ name }) => nameWord(name));
    this.#permissions = actors.map(({ permission }) => nameWord(permission));
  }

  override begin(sequence: number, expirationSeconds: number): void {
    super.begin(sequence, expirationSeconds);
    this.binary.length = 0;
    this.poolOrdinal = 0;
  }

  nameOf(account: number): string {
    return (this.#actors[account] as Actor).name;
  }

  nameWordOf(account: number): Word {
    return this.#names[account] as Word;
  }

  beginAction(): void {
    this.data.length = 0;
  }

  /** Appends the action whose data has been written, and names its signer. Null: the actor's own permission. */
  endAction(contract: Word, action: Word, actor: number, permission: Word | null): void {
    this.signedBy(actor);
    const { binary, data } = this;
    binary.ensure(actionRoom);
    writeWord(binary, contract);
    writeWord(binary, action);
    binary.byte(1);
    writeWord(binary, this.nameWordOf(actor));
    writeWord(binary, permission ?? (this.#permissions[actor] as Word));
    binary.varint(data.length);
    binary.append(data.bytes.subarray(0, data.length));
  }
}

/** Takes eight bytes, for which there must be room. */
export function writeWord(target: ByteWriter, { low, high }: Word): void {
  target.uint32(low);
  target.uint32(high);
}

/** Writes the actions of one mix entry. */
export interface ActionWriter {
  /** How many transactions that begin with such an action differ by it alone. */
  readonly capacity: number;
  /** Appends one action. `position` counts within the transaction; `unique`: nothing else tells it from all others. */
  write(draft: TransactionDraft, position: number, unique: boolean): void;
}
