import type { ClockEstimate } from "../../shared/protocol/messages.ts";
import type { Clock } from "../../shared/time/clock.ts";

export interface ClockSyncOptions {
  readonly exchanges: number;
  readonly signal: AbortSignal;
}

export interface ClockSyncDependencies {
  readonly clock: Clock;
  /** Asks the overseer for its monotonic microseconds. */
  readonly askOverseer: () => Promise<number>;
}

/**
 * Compares the clocks one question after the other and believes the one with the shortest way there and back: the
 * overseer read its clock somewhere within it, so the middle is wrong by half of it at most. Whatever delayed the
 * others (a busy loop, a queue in the network) only made them less exact.
 */
export async function estimateClock(
  options: ClockSyncOptions,
  dependencies: ClockSyncDependencies,
): Promise<ClockEstimate> {
  const { clock, askOverseer } = dependencies;
  let shortest = Number.POSITIVE_INFINITY;
  let offsetMicros = 0;
  let atMicros = 0;
  for (let i = 0; i < options.exchanges; i++) {
    options.signal.throwIfAborted();
    const asked = clock.nowMicros();
    const theirs = await askOverseer();
    const roundTrip = clock.nowMicros() - asked;
    if (roundTrip < shortest) {
      shortest = roundTrip;
      atMicros = theirs;
      offsetMicros = theirs - (asked + roundTrip / 2);
    }
  }
  return { offsetMicros, uncertaintyMicros: shortest / 2, exchanges: options.exchanges, atMicros };
}
