import { nearestName } from "./nearest-name.ts";
import { parseDurationMicros, parseRatePerSecond, parseShare } from "./units.ts";

/**
 * What a threshold can be set on. Shares are of the transactions planned in the phase, so a transaction that was shed
 * or never answered counts against them. Rates are over the phase's duration. `intended` latencies count from the due
 * time and are what a user feels, `service` latencies count from the moment of sending; `lateness` is sent minus due.
 */
const shareMetrics = [
  "accepted.share",
  "rejected.share",
  "unanswered.share",
  "shed.share",
  "cancelled.share",
  "included.share",
  "expired.share",
  "lost.share",
] as const;
/** Those that can end a run: what counts against them is known while it goes on, and is never taken back. */
export const abortableMetrics = ["rejected.share", "unanswered.share", "shed.share"] as const;
const rateMetrics = ["offered.rate", "sent.rate", "accepted.rate", "included.rate"] as const;
const latencyBases = [
  "answer.intended",
  "answer.service",
  "inclusion.intended",
  "inclusion.service",
  "lateness",
] as const;
const statistics = ["p50", "p75", "p90", "p95", "p99", "p99.9", "max", "mean"] as const;

export type Statistic = (typeof statistics)[number];
type ShareMetric = (typeof shareMetrics)[number];
type RateMetric = (typeof rateMetrics)[number];
export type LatencyBase = (typeof latencyBases)[number];
type LatencyMetric = `${LatencyBase}.${Statistic}`;
export type MetricName = ShareMetric | RateMetric | LatencyMetric;
export type MetricUnit = "share" | "rate" | "latency";

const latencyMetrics = latencyBases.flatMap((base) =>
  statistics.map((statistic): LatencyMetric => `${base}.${statistic}`),
);
export const metricNames: readonly MetricName[] = [...shareMetrics, ...rateMetrics, ...latencyMetrics];
const known: ReadonlySet<string> = new Set(metricNames);

function isMetricName(text: string): text is MetricName {
  return known.has(text);
}

/** What a metric's limit is counted in: a share from 0 to 1, transactions per second, or microseconds. */
export function metricUnit(metric: MetricName): MetricUnit {
  if (metric.endsWith(".share")) return "share";
  return metric.endsWith(".rate") ? "rate" : "latency";
}

/** The parts of a latency metric, or null for shares and rates. */
export function latencyPartsOf(
  metric: MetricName,
): { readonly base: LatencyBase; readonly statistic: Statistic } | null {
  if (metricUnit(metric) !== "latency") return null;
  const base = latencyBases.find((candidate) => metric.startsWith(`${candidate}.`)) as LatencyBase;
  return { base, statistic: metric.slice(base.length + 1) as Statistic };
}

/** `hold.included.share` into phase and metric; the phase is null where none is named, null as a whole for a typo. */
export function parseMetric(text: string): { readonly phase: string | null; readonly metric: MetricName } | null {
  if (isMetricName(text)) return { phase: null, metric: text };
  const dot = text.indexOf(".");
  const metric = text.slice(dot + 1);
  return dot > 0 && isMetricName(metric) ? { phase: text.slice(0, dot), metric } : null;
}

/** The metric that a wrong one was most likely meant to be, with its phase, or null. */
export function nearestMetric(text: string, phases: readonly string[]): string | null {
  const dot = text.indexOf(".");
  const head = text.slice(0, Math.max(dot, 0));
  if (phases.includes(head)) {
    const metric = nearestName(text.slice(dot + 1), metricNames);
    return metric === null ? null : `${head}.${metric}`;
  }
  const all = [...metricNames, ...phases.flatMap((phase) => metricNames.map((metric) => `${phase}.${metric}`))];
  return nearestName(text, all);
}

/** A limit as written into the metric's base unit, or null. */
export function parseLimit(unit: MetricUnit, text: string): number | null {
  switch (unit) {
    case "share":
      return parseShare(text);
    case "rate":
      return parseRatePerSecond(text);
    case "latency":
      return parseDurationMicros(text);
  }
}

export function expectedLimit(unit: MetricUnit): string {
  switch (unit) {
    case "share":
      return 'expected a comparison with a share such as ">= 99.9 %"';
    case "rate":
      return 'expected a comparison with a rate such as ">= 1000 tx/s"';
    case "latency":
      return 'expected a comparison with a duration such as "<= 6 s"';
  }
}
