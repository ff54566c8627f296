/**
 * When objects expire: an index over a table, kept in step with it in both directions, changes and their undoing. What
 * is gone, or expires at another time by now, leaves it at once, or a long run with one far expiration would fill it.
 */
export class ExpiryIndex {
  readonly #buckets = new Map<number, Set<number>>();
  readonly #instants: number[] = [];

  /** From one time to another, in seconds since 1970; `null` stands for none. */
  move(instance: number, before: number | null, after: number | null): void {
    if (before === after) return;
    if (before !== null) this.#remove(instance, before);
    if (after !== null) this.#add(instance, after);
  }

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

  #add(instance: number, instant: number): void {
    const bucket = this.#buckets.get(instant);
    if (bucket !== undefined) {
      bucket.add(instance);
      return;
    }
    this.#buckets.set(instant, new Set([instance]));
    this.#instants.splice(this.#position(instant), 0, instant);
  }

  #remove(instance: number, instant: number): void {
    const bucket = this.#buckets.get(instant)!;
    bucket.delete(instance);
    if (bucket.size > 0) return;
    this.#buckets.delete(instant);
    this.#instants.splice(this.#position(instant), 1);
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
