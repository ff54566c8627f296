/** More than this are not kept; a run that is to be held against them is shorter. */
const maximumHolds = 100_000;

/**
 * How long a node held back each answer that has a delay. Timers wake late, on a busy machine by milliseconds: what the
 * node did is the truth for whoever measures it, not what it was told to do.
 */
export class HoldRecord {
  #micros: number[] = [];

  add(micros: number): void {
    if (this.#micros.length < maximumHolds) this.#micros.push(micros);
  }

  /** In the order of the answers, since the last call. */
  take(): readonly number[] {
    const taken = this.#micros;
    this.#micros = [];
    return taken;
  }
}
