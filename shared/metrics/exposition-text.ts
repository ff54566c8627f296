import { type BucketCounts, durationBounds } from "../stats/bucket-counts.ts";

export type Labels = Readonly<Record<string, string>>;

/** One metric with all its series. Names follow Prometheus: base units, `_total` for what only ever grows. */
export type MetricFamily =
  | {
      readonly type: "counter" | "gauge";
      readonly name: string;
      readonly help: string;
      readonly series: readonly { readonly labels: Labels; readonly value: number }[];
    }
  | {
      readonly type: "histogram";
      readonly name: string;
      readonly help: string;
      readonly series: readonly { readonly labels: Labels; readonly buckets: BucketCounts }[];
    };

export const expositionContentType = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Prometheus' text format. Metrics without a series are left out: "none yet" and 0 are different things.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function expositionOf(families: readonly MetricFamily[]): string {
  const lines: string[] = [];
  for (const family of families) {
    if (family.series.length === 0) continue;
    lines.push(`# HELP ${family.name} ${escaped(family.help, /[\\\n]/g)}`, `# TYPE ${family.name} ${family.type}`);
    if (family.type === "histogram") {
      for (const { labels, buckets } of family.series) lines.push(...histogramLines(family.name, labels, buckets));
    } else {
      for (const { labels, value } of family.series) lines.push(line(family.name, labels, value));
    }
  }
  return `${lines.join("\n")}\n`;
}

function histogramLines(name: string, labels: Labels, { counts, sumSeconds }: BucketCounts): string[] {
  let until = 0;
  const buckets = counts.map((count, place) => {
    until += count;
    return line(
      `${name}_bucket`,
      { ...labels, le: numberText(durationBounds[place] ?? Number.POSITIVE_INFINITY) },
      until,
    );
  });
  return [...buckets, line(`${name}_sum`, labels, sumSeconds), line(`${name}_count`, labels, until)];
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text, /[\\\n"]/g)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${numberText(value)}`;
}

function escaped(text: string, special: RegExp): string {
  return text.replace(special, (character) => (character === "\n" ? "\\n" : `\\${character}`));
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? "+Inf" : "-Inf";
}
