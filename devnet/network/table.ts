import type { Journal } from "./journal.ts";

/** A map whose changes are journalled. Values are never changed in place: they are replaced, and shared between nodes. */
export class Table<K, V> {
  readonly #rows: Map<K, V>;
  readonly #journal: Journal;
  readonly #onChange: ((key: K, before: V | undefined, after: V | undefined) => void) | null;

  constructor(
    journal: Journal,
    rows: ReadonlyMap<K, V> | null = null,
    onChange: ((key: K, before: V | undefined, after: V | undefined) => void) | null = null,
  ) {
    this.#journal = journal;
    this.#rows = new Map(rows ?? []);
    this.#onChange = onChange;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(key: K): V | undefined {
    return this.#rows.get(key);
  }

  keys(): IterableIterator<K> {
    return this.#rows.keys();
  }

  values(): IterableIterator<V> {
    return this.#rows.values();
  }

  entries(): IterableIterator<[K, V]> {
    return this.#rows.entries();
  }

  set(key: K, value: V): void {
    const before = this.#rows.get(key);
    this.#journal.record(this, key, before);
    this.#rows.set(key, value);
    this.#onChange?.(key, before, value);
  }

  delete(key: K): void {
    const before = this.#rows.get(key);
    if (before === undefined) return;
    this.#journal.record(this, key, before);
    this.#rows.delete(key);
    this.#onChange?.(key, before, undefined);
  }

  /** Called by the journal only. */
  restore(key: K, value: V | undefined): void {
    const before = this.#rows.get(key);
    if (value === undefined) this.#rows.delete(key);
    else this.#rows.set(key, value);
    this.#onChange?.(key, before, value);
  }
}
