import type { Threshold } from "./scenario.ts";

/** Whether `value` stands to `limit` as a threshold asks, both in the metric's base unit. */
export function compare(value: number, comparison: Threshold["comparison"], limit: number): boolean {
  switch (comparison) {
    case "<=":
      return value <= limit;
    case "<":
      return value < limit;
    case ">=":
      return value >= limit;
    case ">":
      return value > limit;
    case "==":
      return value === limit;
  }
}
