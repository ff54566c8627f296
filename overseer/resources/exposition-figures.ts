import { type MetricSelector, parseSelector } from "../../shared/scenario/metric-selector.ts";
import { parseExposition } from "./exposition.ts";
import { ratePerSecond, type UsageValues } from "./measures.ts";
import type { ExposedMetric } from "./preset-metrics.ts";

interface Scrape {
  readonly atSeconds: number;
  /** For each metric: the value of each series of it, by the series' labels. */
  readonly found: readonly ReadonlyMap<string, number>[];
}

/** Turns one text of an exporter after the other into figures. */
export class ExpositionFigures {
  readonly #metrics: readonly ExposedMetric[];
  readonly #selectors: readonly { readonly plus: MetricSelector; readonly minus: MetricSelector | null }[];
  readonly #wanted: ReadonlySet<string>;
  #before: Scrape | null = null;

  constructor(metrics: readonly ExposedMetric[]) {
    this.#metrics = metrics;
    this.#selectors = metrics.map(({ expression, less }) => ({
      plus: checked(expression),
      minus: less === null ? null : checked(less),
    }));
    this.#wanted = new Set(this.#selectors.flatMap(({ plus, minus }) => [plus.metric, minus?.metric ?? plus.metric]));
  }

  /** Names of what the text has nothing of are in `missing`. Counters have no figure the first time. */
  take(text: string, atSeconds: number): { readonly values: UsageValues; readonly missing: readonly string[] } {
    const series = parseExposition(text, this.#wanted);
    const pick = (selector: MetricSelector): Map<string, number> =>
      new Map(
        series
          .filter(({ metric, labels }) => metric === selector.metric && selector.matches(labels))
          .map(({ labelText, value }) => [labelText, value]),
      );
    const found = this.#selectors.map(({ plus }) => pick(plus));
    const less = this.#selectors.map(({ minus }) => (minus === null ? null : pick(minus)));
    const values: Record<string, number | null> = {};
    const missing: string[] = [];
    for (const [i, { key, isCounter, factor, expression }] of this.#metrics.entries()) {
      const now = found[i] as Map<string, number>;
      const minus = less[i] ?? null;
      if (now.size === 0 || minus?.size === 0) missing.push(expression);
      const value = isCounter
        ? rateOf(this.#before?.found[i], now, atSeconds - (this.#before?.atSeconds ?? atSeconds))
        : now.size === 0 || minus?.size === 0
          ? null
          : sumOf(now) - (minus === null ? 0 : sumOf(minus));
      values[key] = value === null ? null : value * factor;
    }
    this.#before = { atSeconds, found };
    return { values, missing };
  }
}

/**
 * Series by series, of those that were there both times: one that is new, or that began anew, says nothing of the time
 * in between. Null where none is left.
 */
function rateOf(
  before: ReadonlyMap<string, number> | undefined,
  now: ReadonlyMap<string, number>,
  seconds: number,
): number | null {
  const rates = [...now].flatMap(([labels, value]) => ratePerSecond(before?.get(labels) ?? null, value, seconds) ?? []);
  return rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0);
}

function sumOf(series: ReadonlyMap<string, number>): number {
  return [...series.values()].reduce((sum, value) => sum + value, 0);
}

function checked(expression: string): MetricSelector {
  const selector = parseSelector(expression);
  if (selector === null) throw new TypeError(`not checked: ${expression}`);
  return selector;
}
