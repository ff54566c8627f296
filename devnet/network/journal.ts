/** Something that can put back what it was. */
interface Restorable {
  restore(key: never, value: never): void;
}

/** Old values, three slots each (table, key, value), taken back in reverse order. */
export type Undo = readonly unknown[];

/**
 * Records every change of a node's state, so that pending transactions and orphaned blocks can be taken back.
 * One flat array: an object for each change would cost more than the change.
 */
export class Journal {
  #entries: unknown[] = [];

  get length(): number {
    return this.#entries.length;
  }

  record(table: Restorable, key: unknown, value: unknown): void {
    this.#entries.push(table, key, value);
  }

  /** Takes back everything since `mark`, which is an earlier `length`. */
  rollBack(mark: number): void {
    takeBack(this.#entries, mark);
    this.#entries.length = mark;
  }

  /** Removes the first `length` slots and hands them out; what remains starts at zero. */
  detach(length: number): Undo {
    return this.#entries.splice(0, length);
  }
}

export function takeBack(entries: Undo, mark = 0): void {
  for (let index = entries.length - 3; index >= mark; index -= 3) {
    (entries[index] as Restorable).restore(entries[index + 1] as never, entries[index + 2] as never);
  }
}
