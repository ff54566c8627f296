/**
 * When objects expire. Entries of what is gone, or expires at another time by now, stay until their time comes: looking
 * them up in the table then is cheaper than finding them here before.
 */
export class ExpiryIndex {
  readonly #buckets = new Map<number, number[]>();
  readonly #instants: number[] = [];

  add(expirationSeconds: number, instance: number): void {
    const bucket = this.#buckets.get(expirationSeconds);
    if (bucket !== undefined) {
      bucket.push(instance);
      return;
    }
    this.#buckets.set(expirationSeconds, [instance]);
    const position = this.#position(expirationSeconds);
    this.#instants.splice(position, 0, expirationSeconds);
  }

  /** Whether anything may be due: also true for what is gone already. */
  hasDue(seconds: number): boolean {
    return this.#instants.length > 0 && this.#instants[0]! <= seconds;
  }

  /**
   * Instances that expire before or at `seconds`, in the order in which they do: each once, at the one time that
   * `expirationOf` gives for it. Forgets the other entries up to then.
   */
  due(seconds: number, expirationOf: (instance: number) => number | null): readonly number[] {
    if (this.#instants.length === 0 || this.#instants[0]! > seconds) return [];
    const due: number[] = [];
    for (const instant of this.#instants) {
      if (instant > seconds) break;
      const bucket = [...new Set(this.#buckets.get(instant))]
        .filter((instance) => expirationOf(instance) === instant)
        .sort((a, b) => a - b);
      this.#buckets.set(instant, bucket);
      due.push(...bucket);
    }
    while (
      this.#instants.length > 0 &&
      this.#instants[0]! <= seconds &&
      this.#buckets.get(this.#instants[0]!)?.length === 0
    ) {
      this.#buckets.delete(this.#instants.shift()!);
    }
    return due;
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
