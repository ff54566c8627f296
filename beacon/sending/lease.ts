/** A lease as it crosses to the sending thread. */
export interface SharedLease {
  /** On this host's monotonic clock. */
  readonly baseMicros: number;
  readonly control: SharedArrayBuffer;
}

const untilAt = 0;
const expiredAt = 1;

export function createSharedLease(nowMicros: number): SharedLease {
  return { baseMicros: nowMicros, control: new SharedArrayBuffer(8) };
}

/**
 * The right to send, renewed by the control thread and looked at by the sending thread before each transaction. Whole
 * milliseconds since a base, because 32-bit integers are never read half-written; they last for 24 days.
 */
export class Lease {
  readonly #baseMicros: number;
  readonly #control: Int32Array;

  constructor({ baseMicros, control }: SharedLease) {
    this.#baseMicros = baseMicros;
    this.#control = new Int32Array(control);
  }

  /** On this host's monotonic clock. */
  get untilMicros(): number {
    return this.#baseMicros + Atomics.load(this.#control, untilAt) * 1000;
  }

  /** Never shortens: the answer to an older status may come after that to a newer one. */
  renewUntil(micros: number): void {
    const millis = Math.floor((micros - this.#baseMicros) / 1000);
    if (millis > Atomics.load(this.#control, untilAt)) Atomics.store(this.#control, untilAt, millis);
  }

  /** Something was left when it ran out, and was cancelled for it. */
  get isExpired(): boolean {
    return Atomics.load(this.#control, expiredAt) !== 0;
  }

  expire(): void {
    Atomics.store(this.#control, expiredAt, 1);
  }
}
