import type { Comparison } from "./units.ts";

/** How the highest rate that a network sustains is searched. */
export interface CapacitySettings {
  readonly fromPerSecond: number;
  readonly toPerSecond: number;
  readonly growth: number;
  /** How far, as a share of the lower rate, the rates that hold and fail may be apart in the end. */
  readonly resolution: number;
  readonly warmUpMicros: number;
  readonly holdMicros: number;
  readonly confirmMicros: number;
  readonly repeats: number;
  readonly recoveryMicros: number;
  readonly missedBlocks: number;
  readonly criteria: readonly CapacityCriterion[];
}

/** A threshold of the measured part of a point. */
export interface CapacityCriterion {
  readonly metric: string;
  readonly comparison: Comparison;
  /** In the metric's base unit: shares 0 to 1, latencies in microseconds, rates per second. */
  readonly limit: number;
  readonly limitText: string;
}

export const capacityDefaults = {
  criteria: {
    "accepted.share": ">= 99.9 %",
    "included.share": ">= 99.9 %",
    "inclusion.intended.p99": "<= 10 s",
  },
};
