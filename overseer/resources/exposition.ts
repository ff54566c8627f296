import { unescaped } from "../../shared/scenario/metric-selector.ts";

export interface ExposedSeries {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  /** As they stand in the text: tells series of one metric apart. */
  readonly labelText: string;
  readonly value: number;
}

const lineForm = /^([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{((?:[^"{}]|"(?:[^"\\]|\\.)*")*)\})?\s+(\S+)/;
const labelForm = /([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"/g;

/**
 * The series of `wanted` metrics in Prometheus' text format; of the thousands that an exporter tells of most are not
 * looked at any further. Lines that are none of it are passed over, as a scraper that is to survive new releases must.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function parseExposition(text: string, wanted: ReadonlySet<string>): ExposedSeries[] {
  const found: ExposedSeries[] = [];
  for (const line of text.split("\n")) {
    const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0];
    if (name === undefined || !wanted.has(name)) continue;
    const [, metric, labelText = "", written] = lineForm.exec(line) ?? [];
    const value = written === undefined ? Number.NaN : toNumber(written);
    if (metric === undefined || Number.isNaN(value)) continue;
    const labels = Object.fromEntries(
      [...labelText.matchAll(labelForm)].map(([, label, quoted]) => [label as string, unescaped(quoted as string)]),
    );
    found.push({ metric, labels, labelText, value });
  }
  return found;
}

function toNumber(text: string): number {
  const infinite = /^([+-]?)Inf$/i.exec(text);
  if (infinite !== null) return infinite[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}
