import { dueCursorOf } from "../../shared/scenario/arrivals.ts";
import type { Phase } from "../../shared/scenario/scenario.ts";

/**
 * The first transaction that is due at `micros` after T0 or later. Of an unlimited phase that has begun nobody but the
 * lost beacon knows how far it had come, so the rest of it is left alone.
 */
export function firstSequenceDueAfter(phases: readonly Phase[], micros: number): number {
  for (const phase of phases) {
    if (micros <= phase.startMicros) return phase.firstSequence;
    const cursor = dueCursorOf(phase.load);
    if (micros > phase.startMicros + phase.durationMicros || cursor === null) continue;
    let low = 0;
    let high = phase.transactions;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (phase.startMicros + cursor.dueOffsetMicros(middle) < micros) low = middle + 1;
      else high = middle;
    }
    if (low < phase.transactions) return phase.firstSequence + low;
  }
  const last = phases.at(-1);
  return last === undefined ? 0 : last.firstSequence + last.transactions;
}
