import type { Finding } from "./findings.ts";
import type { ReplayTraffic } from "./replay-traffic.ts";
import type { RateSegment, SlotArrivals } from "./scenario.ts";
import type { ValidatedPhase } from "./schema.ts";

/** As many as a chart has room for; what is due when follows from the slots themselves. */
const mostSegments = 500;

/**
 * Deals the capture's slots to the phases that replay, one after the other, and so gives them their duration and number of
 * transactions. Without traffic they stay as they are: what is wrong with it is told elsewhere.
 */
export function scheduleReplay(
  phases: readonly (ValidatedPhase | null)[],
  traffic: ReplayTraffic | null,
): { readonly phases: readonly (ValidatedPhase | null)[]; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  let next = 0;
  const scheduled = phases.map((phase, i) => {
    if (phase === null || phase.load.kind !== "captured" || traffic === null) return phase;
    const { slots, slotMicros, distribution } = traffic;
    const capturedSlotMicros = slotMicros * distribution.source.pace;
    const { capturedMicros } = phase.load;
    const left = slots.length - next;
    const wanted = capturedMicros === null ? left : Math.max(1, Math.round(capturedMicros / capturedSlotMicros));
    if (wanted > left || left === 0) {
      const seconds = Number(((left * capturedSlotMicros) / 1e6).toFixed(3));
      const expected =
        left === 0
          ? "has nothing left of the capture"
          : `expected at most the ${seconds}s that are left of the capture`;
      findings.push({
        path: ["phases", i, "replay"],
        value: capturedMicros === null ? "rest" : `${capturedMicros / 1e6}s`,
        expected,
      });
      return phase;
    }
    const counts = slots.slice(next, next + wanted);
    next += wanted;
    return {
      ...phase,
      durationMicros: Math.round(wanted * slotMicros),
      transactions: counts.reduce((sum, count) => sum + count, 0),
      load: { ...phase.load, arrivals: { kind: "slots" as const, slotMicros, counts } },
    };
  });
  return { phases: scheduled, findings };
}

/** The rate of slots, averaged over as many as make a curve that can be drawn. */
export function segmentsOf({ slotMicros, counts }: SlotArrivals): RateSegment[] {
  const each = Math.max(1, Math.ceil(counts.length / mostSegments));
  return Array.from({ length: Math.ceil(counts.length / each) }, (_, i) => {
    const part = counts.slice(i * each, (i + 1) * each);
    const durationMicros = part.length * slotMicros;
    const perSecond = (part.reduce((sum, count) => sum + count, 0) / durationMicros) * 1e6;
    return { durationMicros, fromPerSecond: perSecond, toPerSecond: perSecond };
  });
}
