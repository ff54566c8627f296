import type { CapacitySettings } from "../../shared/scenario/capacity-settings.ts";
import type { SearchPoint } from "./search-point.ts";

export type SearchSettings = Pick<
  CapacitySettings,
  "fromPerSecond" | "toPerSecond" | "growth" | "resolution" | "repeats"
>;

export type SearchStep =
  | { readonly kind: "measure"; readonly stage: SearchPoint["stage"]; readonly ratePerSecond: number }
  | { readonly kind: "done"; readonly outcome: SearchOutcome };

/**
 * `confirmed`: held in every repeat, and the rate of `brokeAtPerSecond` did not. `ceiling`: all rates up to the highest
 * that was allowed hold, the limit lies higher. `none`: not even the lowest rate held. `unsteady`: whatever was to be
 * confirmed failed. `generator-bound`: the beacons were the limit.
 */
export interface SearchOutcome {
  readonly kind: "confirmed" | "ceiling" | "none" | "unsteady" | "generator-bound";
  readonly sustainedPerSecond: number | null;
  readonly brokeAtPerSecond: number | null;
}

/** A failure may be chance, such as a block that came late: only the second one at a rate is believed. */
const failuresBelieved = 2;
/** A busy moment of the beacons' machine says nothing: a point is tried so often before the beacons are called the limit. */
const triesOfBeacons = 3;
/** Below the first rate divided by the growth this many times there is nothing worth finding. */
const descents = 8;
/** How often what failed to be confirmed is tried a little lower. */
const retreats = 8;

/**
 * What to measure next. It follows from the points alone, so a search that was interrupted goes on where it was: climb by
 * `growth` until a rate fails, bisect on a logarithmic scale down to `resolution`, confirm with longer repeats.
 */
export function nextStep(settings: SearchSettings, points: readonly SearchPoint[]): SearchStep {
  const rates = tally(points);
  const confirmations = tally(points.filter((point) => point.stage === "confirm"));
  const sustained = rates.filter((rate) => rate.holds);
  const failed = rates.filter((rate) => rate.failures >= failuresBelieved);
  const low = Math.max(0, ...sustained.map((rate) => rate.perSecond));
  const broke = failed.length === 0 ? null : Math.min(...failed.map((rate) => rate.perSecond));
  const done = (kind: SearchOutcome["kind"], sustainedPerSecond: number | null): SearchStep => ({
    kind: "done",
    outcome: { kind, sustainedPerSecond, brokeAtPerSecond: broke },
  });
  const lastOnes = points.slice(-triesOfBeacons);
  if (lastOnes.length === triesOfBeacons && lastOnes.every(({ verdict }) => verdict === "generator-bound"))
    return done("generator-bound", low === 0 ? null : low);
  const doubtful = rates.find((rate) => !rate.holds && rate.failures > 0 && rate.failures < failuresBelieved);
  if (doubtful !== undefined) return measure(doubtful.stage, doubtful.perSecond);
  if (low === 0 && broke !== null) {
    const next = rounded(broke / settings.growth);
    const floor = settings.fromPerSecond / settings.growth ** descents;
    return next < floor ? done("none", null) : measure("climb", next);
  }
  if (broke === null && low < settings.toPerSecond) return measure("climb", climbed(settings, low));
  if (broke !== null && confirmations.length === 0 && broke / low > 1 + settings.resolution) {
    return measure("bisect", rounded(Math.sqrt(low * broke)));
  }
  const confirmed = confirmations.find((rate) => rate.successes >= settings.repeats);
  if (confirmed !== undefined) return done(broke === null ? "ceiling" : "confirmed", confirmed.perSecond);
  const rejected = confirmations.filter((rate) => rate.failures >= failuresBelieved);
  if (rejected.length > retreats) return done("unsteady", null);
  const open = confirmations.find((rate) => !rejected.includes(rate));
  if (open !== undefined) return measure("confirm", open.perSecond);
  if (rejected.length === 0) return measure("confirm", low);
  const lowest = Math.min(...rejected.map((rate) => rate.perSecond));
  return measure("confirm", rounded(lowest / (1 + settings.resolution)));
}

interface RateTally {
  readonly perSecond: number;
  readonly stage: SearchPoint["stage"];
  successes: number;
  failures: number;
  /** A rate that held holds until as many failures as are believed say otherwise. */
  readonly holds: boolean;
}

function tally(points: readonly SearchPoint[]): RateTally[] {
  const rates = [...new Set(points.map((point) => point.ratePerSecond))];
  return rates.map((perSecond) => {
    const own = points.filter((point) => point.ratePerSecond === perSecond);
    const successes = own.filter((point) => point.verdict === "sustained").length;
    const failures = own.filter((point) => point.verdict === "overloaded").length;
    const stage = own.at(-1)?.stage ?? "climb";
    return { perSecond, stage, successes, failures, holds: successes > 0 && failures < failuresBelieved };
  });
}

function measure(stage: SearchPoint["stage"], ratePerSecond: number): SearchStep {
  return { kind: "measure", stage, ratePerSecond };
}

function climbed(settings: SearchSettings, low: number): number {
  if (low === 0) return settings.fromPerSecond;
  return Math.min(settings.toPerSecond, rounded(low * settings.growth));
}

/** Rates that a person can read; far below any resolution. */
function rounded(perSecond: number): number {
  return Number(perSecond.toPrecision(4));
}
