import type { RateSegment, Scenario } from "../../shared/scenario/scenario.ts";

type Written = Readonly<Record<string, unknown>>;

/** All phases together, and the transactions in them. */
const seconds = 2;
const transactions = 150;
const leastMillis = 200;

/**
 * The scenario as written, but over in a few seconds: each phase keeps its share of the time and the form of its load,
 * and all rates are lowered together. Thresholds are left out: they were set for the full length.
 */
export function shortened(written: Written, scenario: Scenario): Record<string, unknown> {
  const { phases } = scenario;
  const micros = phases.reduce((sum, phase) => sum + phase.durationMicros, 0);
  const planned = phases.reduce((sum, phase) => sum + phase.transactions, 0);
  const shorter = Math.min(1, (seconds * 1e6) / micros);
  const slower = Math.min(1, transactions / (planned * shorter));
  const { thresholds: _, ...rest } = written;
  return {
    ...rest,
    // How a share is dealt out is tried elsewhere; one process less for each of so many runs.
    beacons: { count: 1 },
    phases: phases.flatMap(({ name, measured, load }) => {
      if (load.kind === "unlimited") return [];
      const common = { measure: measured, arrivals: load.arrivals.kind };
      return load.segments.map((segment, i) => ({
        name: load.segments.length === 1 ? name : `${name}-${i + 1}`,
        ...common,
        ...loadOf(segment, shorter, slower),
      }));
    }),
    drain: "15s",
  };
}

function loadOf(segment: RateSegment, shorter: number, slower: number): Record<string, unknown> {
  const { durationMicros, fromPerSecond, toPerSecond } = segment;
  const rate = (perSecond: number): string => `${Number((perSecond * slower).toFixed(3))} tx/s`;
  const length = `${Math.max(leastMillis, Math.round((durationMicros / 1000) * shorter))}ms`;
  if (fromPerSecond === toPerSecond) return { rate: rate(fromPerSecond), for: length };
  return { from: rate(fromPerSecond), to: rate(toPerSecond), for: length };
}
