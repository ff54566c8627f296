import { compare } from "../../shared/scenario/compare.ts";
import {
  type LatencyBase,
  latencyPartsOf,
  type MetricName,
  metricUnit,
  parseMetric,
  type Statistic,
} from "../../shared/scenario/metrics.ts";
import type { Threshold } from "../../shared/scenario/scenario.ts";
import type {
  Distribution,
  Figures,
  Latencies,
  PhaseFigures,
  ThresholdResult,
  ThresholdVerdicts,
} from "./run-summary.ts";

export function judgeThresholds(
  thresholds: readonly Threshold[],
  overall: Figures,
  phases: readonly PhaseFigures[],
): ThresholdVerdicts {
  const results = thresholds.map((threshold) => judge(threshold, overall, phases));
  const passed = results.filter((result) => result.status === "passed").length;
  return { passed, failed: results.length - passed, results };
}

interface Measured {
  readonly value: number | null;
  readonly atLeast: boolean;
  /** The true value is at most this; Infinity when nothing is known. */
  readonly atMost?: number;
}

const nothing: Measured = { value: null, atLeast: false };

function judge(threshold: Threshold, overall: Figures, phases: readonly PhaseFigures[]): ThresholdResult {
  const parsed = parseMetric(threshold.metric);
  const figures = threshold.phase === null ? overall : phases.find((phase) => phase.name === threshold.phase);
  const measured = parsed === null || figures === undefined ? nothing : measure(parsed.metric, figures);
  return {
    metric: threshold.metric,
    comparison: threshold.comparison,
    limitText: threshold.limitText,
    limit: threshold.limit,
    unit: parsed === null ? "share" : metricUnit(parsed.metric),
    value: measured.value,
    atLeast: measured.atLeast,
    status: statusOf(measured, threshold),
  };
}

/**
 * A value that is only known to be at least so large can break an upper limit and can keep a lower one; whether it keeps
 * an upper limit stays open, unless it is also known to be at most so large.
 */
function statusOf(
  { value, atLeast, atMost = Number.POSITIVE_INFINITY }: Measured,
  { comparison, limit }: Threshold,
): ThresholdResult["status"] {
  if (value === null) return "undecided";
  const holds = compare(value, comparison, limit);
  if (!atLeast) return holds ? "passed" : "failed";
  if (comparison === ">=" || comparison === ">") return holds ? "passed" : "undecided";
  if (comparison !== "==" && compare(atMost, comparison, limit)) return "passed";
  return holds || (comparison === "==" && value <= limit) ? "undecided" : "failed";
}

/** The value of a metric of `shared/scenario/metrics.ts` in its base unit. */
export function measure(metric: MetricName, figures: Figures): Measured {
  const latency = latencyPartsOf(metric);
  if (latency !== null) return statisticOf(distributionOf(latency.base, figures.latencies), latency.statistic);
  const { counts, rates } = figures;
  // The reserve of an unlimited phase was never offered, so it cannot count against what was.
  const offered = counts.planned - counts.unused;
  const share = (count: number): Measured => (offered === 0 ? nothing : exactly(count / offered));
  switch (metric) {
    case "accepted.share":
      return share(counts.accepted);
    case "rejected.share":
      return share(counts.rejected);
    case "unanswered.share":
      return share(counts.unanswered);
    case "shed.share":
      return share(counts.shed);
    case "cancelled.share":
      return share(counts.cancelled - counts.unused);
    case "included.share":
      return share(counts.included);
    case "expired.share":
      return share(counts.expired);
    case "lost.share":
      return share(counts.lost + counts.forkedOut);
    case "offered.rate":
      return exactly(rates.duePerSecond);
    case "sent.rate":
      return exactly(rates.sentPerSecond);
    case "accepted.rate":
      return exactly(rates.acceptedPerSecond);
    case "included.rate":
      return exactly(rates.includedPerSecond);
    default:
      return nothing;
  }
}

function exactly(value: number): Measured {
  return { value, atLeast: false };
}

function distributionOf(base: LatencyBase, latencies: Latencies): Distribution | null {
  switch (base) {
    case "answer.intended":
      return latencies.answerIntended;
    case "answer.service":
      return latencies.answerService;
    case "inclusion.intended":
      return latencies.inclusionIntended;
    case "inclusion.service":
      return latencies.inclusionService;
    case "lateness":
      return latencies.lateness;
  }
}

const fieldOfStatistic = {
  p50: "p50",
  p75: "p75",
  p90: "p90",
  p95: "p95",
  p99: "p99",
  "p99.9": "p999",
  max: "max",
  mean: "mean",
} as const satisfies Record<Statistic, keyof Distribution>;

function statisticOf(distribution: Distribution | null, statistic: Statistic): Measured {
  if (distribution === null) return nothing;
  const { micros, atLeast, atMostMicros } = distribution[fieldOfStatistic[statistic]];
  return { value: micros, atLeast, ...(atMostMicros === undefined ? {} : { atMost: atMostMicros }) };
}
