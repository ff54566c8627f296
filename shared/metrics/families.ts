import type { BucketCounts } from "../stats/bucket-counts.ts";
import type { Labels, MetricFamily } from "./exposition-text.ts";

type Series = readonly { readonly labels: Labels; readonly value: number }[];

/** Only ever grows while its series is there; its name ends in `_total`. */
export function counter(name: `${string}_total`, help: string, series: Series): MetricFamily {
  return { type: "counter", name, help, series };
}

export function gauge(name: string, help: string, series: Series): MetricFamily {
  return { type: "gauge", name, help, series };
}

export function histogram(
  name: `${string}_seconds`,
  help: string,
  labels: Labels,
  buckets: BucketCounts,
): MetricFamily {
  return { type: "histogram", name, help, series: [{ labels, buckets }] };
}
