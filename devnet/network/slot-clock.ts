import type { Scheduler } from "./scheduler.ts";

/** When slots are: they lie on whole intervals of the wall clock, as they do on real networks. */
export interface SlotClock {
  readonly intervalMs: number;
  /** Slots that have passed when the network starts. */
  readonly slotsBeforeStart: number;
  /** Wall clock of slot 0, in milliseconds since 1970. */
  readonly genesisMillis: number;
  /** Instant of a slot on the scheduler's clock. */
  dueMicros(slot: number): number;
}

export interface SlotClockOptions {
  readonly intervalMs: number;
  readonly slotsBeforeStart: number;
  readonly startWallMillis: number;
}

export function createSlotClock(
  { intervalMs, slotsBeforeStart, startWallMillis }: SlotClockOptions,
  scheduler: Scheduler,
): SlotClock {
  const alignedMillis = Math.ceil(startWallMillis / intervalMs) * intervalMs;
  const startMicros = scheduler.nowMicros() + (alignedMillis - startWallMillis) * 1000;
  return {
    intervalMs,
    slotsBeforeStart,
    genesisMillis: alignedMillis - slotsBeforeStart * intervalMs,
    dueMicros: (slot) => startMicros + (slot - slotsBeforeStart) * intervalMs * 1000,
  };
}
