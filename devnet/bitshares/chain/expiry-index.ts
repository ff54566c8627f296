/**
 * When objects expire: an index over a table, kept in step with it in both directions, changes and their undoing. An
 * instant stays until it has been dealt with, though nothing expires then any more: what is gone may have gone in a
 * transaction that waits for its block, and is still there where the block of that instant is made without it.
 */
export class ExpiryIndex {
  readonly #buckets = new Map<number, Set<number>>();
  readonly #instants: number[] = [];

  /** From one time to another, in seconds since 1970; `null` stands for none. */
  move(instance: number, before: number | null, after: number | null): void {
    if (before === after) return;
    if (before !== null) this.#buckets.get(before)?.delete(instance);
    if (after !== null) this.#add(instance, after);
  }

  /** Whether anything expires at that time or before, or would if the transactions since then were not. */
  hasDue(seconds: number): boolean {
    return this.#instants.length > 0 && this.#instants[0]! <= seconds;
  }

  /** Instances that expire before or at `seconds`, in the order in which they do, then in that of their numbers. */
  due(seconds: number): readonly number[] {
    const due: number[] = [];
    for (const instant of this.#instants) {
      if (instant > seconds) break;
      for (const instance of [...this.#buckets.get(instant)!].sort((a, b) => a - b)) due.push(instance);
    }
    return due;
  }

  /** Once a block of that time is made, with no transaction behind it: instants up to then that nothing is left of. */
  forget(seconds: number): void {
    const later = this.#instants.findIndex((instant) => instant > seconds);
    const passed = this.#instants.splice(0, later < 0 ? this.#instants.length : later);
    for (const instant of passed) if (this.#buckets.get(instant)!.size === 0) this.#buckets.delete(instant);
    this.#instants.unshift(...passed.filter((instant) => this.#buckets.has(instant)));
  }

  #add(instance: number, instant: number): void {
    const bucket = this.#buckets.get(instant);
    if (bucket !== undefined) {
      bucket.add(instance);
      return;
    }
    this.#buckets.set(instant, new Set([instance]));
    this.#instants.splice(this.#position(instant), 0, instant);
  }

  #position(instant: number): number {
    let low = 0;
    let high = this.#instants.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#instants[middle]! < instant) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
