import type { ActionData, OwnedPermissions } from "./chain-data.ts";
import { nameWord, type Word } from "./names.ts";
import { type ActionWriter, type TransactionDraft, writeWord } from "./transaction-draft.ts";

const dataBytes = 16;

/** Deletes one permission after the other, each by the account whose it is. */
export class DeletePermissionWriter implements ActionWriter {
  /** No permission is deleted twice. */
  readonly capacity = Number.POSITIVE_INFINITY;

  readonly #owners: readonly number[];
  readonly #names: readonly Word[];
  readonly #contract: Word;
  readonly #action: Word;
  readonly #permission: Word | null;

  constructor({ contract, action, permission }: ActionData, { owners, names }: OwnedPermissions) {
    this.#owners = owners;
    this.#names = names.map(nameWord);
    this.#contract = nameWord(contract);
    this.#action = nameWord(action);
    this.#permission = permission === null ? null : nameWord(permission);
  }

  write(draft: TransactionDraft): void {
    // Examples are written also where there is none to delete.
    const owner = this.#owners[draft.poolOrdinal] ?? 0;
    draft.beginAction();
    const { data } = draft;
    data.ensure(dataBytes);
    writeWord(data, draft.nameWordOf(owner));
    writeWord(data, this.#names[draft.poolOrdinal] ?? this.#action);
    draft.endAction(this.#contract, this.#action, owner, this.#permission);
  }
}
