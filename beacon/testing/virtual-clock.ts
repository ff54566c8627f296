import type { Clock } from "../../shared/time/clock.ts";

/** Time that passes only when told to. */
export class VirtualClock implements Clock {
  micros: number;

  constructor(micros = 0) {
    this.micros = micros;
  }

  nowMicros(): number {
    return this.micros;
  }

  wallMillis(): number {
    return this.micros / 1000;
  }
}
