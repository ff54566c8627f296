import { z } from "zod";
import { type CapacityCriterion, type CapacitySettings, capacityDefaults } from "./capacity-settings.ts";
import { expectedLimit, metricUnit, nearestMetric, parseLimit, parseMetric } from "./metrics.ts";
import { duration, rate, refused, whole } from "./schema-parts.ts";
import { expectedRate, parseComparison, parseShare } from "./units.ts";

const expectedCriterion = 'expected a comparison such as ">= 99.9 %"';
const expectedGrowth = "expected a factor from 1.1 to 10";
const expectedResolution = 'expected a share from 0.5 % to 20 % such as "2 %"';

const criteria = z
  .record(z.string(), z.string(refused(expectedCriterion)), refused("expected metrics with comparisons"))
  .describe("What a point must meet to count as sustained: metrics with comparisons, as thresholds without a phase.")
  .transform((written, context): CapacityCriterion[] =>
    Object.entries(written).flatMap(([metric, is]) => {
      const criterion = criterionOf(metric, is);
      if (typeof criterion !== "string") return [criterion];
      context.issues.push({ code: "custom", message: criterion, input: is, path: [metric] });
      return [];
    }),
  );

/** The criterion, or what is wrong with it. */
function criterionOf(metric: string, is: string): CapacityCriterion | string {
  const parsed = parseMetric(metric);
  if (parsed === null || parsed.phase !== null) {
    const nearest = nearestMetric(metric, []);
    return `is not for a metric; ${nearest === null ? "docs/scenarios.md lists them" : `did you mean "${nearest}"?`}`;
  }
  const unit = metricUnit(parsed.metric);
  const comparison = parseComparison(is);
  const limit = comparison === null ? null : parseLimit(unit, comparison.limit);
  if (comparison === null || limit === null) return expectedLimit(unit);
  return { metric, comparison: comparison.comparison, limit, limitText: comparison.limit };
}

const positiveRate = rate(expectedRate).refine((perSecond) => perSecond > 0, refused("expected more than 0 tx/s"));

/** What `overseer capacity` does with a scenario. */
export const capacitySchema = z
  .strictObject(
    {
      from: positiveRate.prefault("50 tx/s").describe("The rate of the first point."),
      to: positiveRate.prefault("100000 tx/s").describe("No point goes beyond this rate."),
      growth: z
        .number(refused(expectedGrowth))
        .min(1.1, refused(expectedGrowth))
        .max(10, refused(expectedGrowth))
        .default(2)
        .describe("While climbing, each point has this many times the rate of the one before."),
      resolution: z
        .string(refused(expectedResolution))
        .transform((written, context): number => {
          const share = parseShare(written);
          if (share !== null && share >= 0.005 && share <= 0.2) return share;
          context.issues.push({ code: "custom", message: expectedResolution, input: written });
          return z.NEVER;
        })
        .prefault("2 %")
        .describe("The search ends when the lowest rate that failed is at most this much above the highest that held."),
      warmUp: duration(0, "0s").prefault("5s").describe("Before each point, at its rate, not measured."),
      hold: duration(5_000_000, "5s").prefault("30s").describe("How long each point is measured."),
      confirm: duration(5_000_000, "5s").prefault("60s").describe("How long each repeat is that confirms the limit."),
      repeats: whole(2, 20, "a number of repeats")
        .default(3)
        .describe("How many repeats must hold to confirm the limit."),
      recovery: duration(1_000_000, "1s")
        .prefault("5m")
        .describe("How long at most to wait after a point until the network has worked off what it was given."),
      missedBlocks: whole(0, 1_000_000, "a number of blocks")
        .default(0)
        .describe("How many blocks may be missing in a point that counts as sustained."),
      criteria: criteria.prefault(capacityDefaults.criteria),
    },
    refused("expected the settings of the search such as { from: 50 tx/s }"),
  )
  .describe("How overseer capacity searches the highest rate that the network sustains; other commands ignore it.")
  .transform((written, context): CapacitySettings => {
    const { warmUp, hold, confirm, recovery, from, to, ...rest } = written;
    if (to <= from) {
      const message = "expected more than capacity.from";
      context.issues.push({ code: "custom", message, input: to, path: ["to"] });
    }
    return {
      ...rest,
      fromPerSecond: from,
      toPerSecond: to,
      warmUpMicros: warmUp,
      holdMicros: hold,
      confirmMicros: confirm,
      recoveryMicros: recovery,
    };
  });
