import type { Scenario } from "../../../shared/scenario/scenario.ts";
import type { SearchOutcome } from "../../capacity/next-step.ts";
import type { SearchPoint } from "../../capacity/search-point.ts";
import { formatRate } from "../figures-text.ts";
import { fitScalability, type Load, type ScalabilityFit } from "./scalability-fit.ts";

/** The content of `capacity.json`. Rates are transactions per second. Fields are only ever added. */
export interface CapacitySummary {
  readonly schemaVersion: 1;
  readonly scenario: { readonly name: string; readonly question: string; readonly chain: string };
  readonly settings: Scenario["capacity"];
  readonly answer: string;
  /** Null when the search ended before it had one. */
  readonly outcome: SearchOutcome | null;
  /** Of what the repeats at the confirmed rate carried: mean and 95 % confidence interval; null without repeats. */
  readonly confirmed: CarriedInterval | null;
  readonly points: readonly SearchPoint[];
  /** Null where there were too few rates. */
  readonly fit: ScalabilityFit | null;
}

export interface CarriedInterval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly repeats: number;
}

/** 97.5 % quantiles of Student's t with 1 to 19 degrees of freedom: as many as there can be repeats. */
const studentT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093,
];

export function summariseSearch(
  scenario: Pick<Scenario, "name" | "question" | "chain" | "seed" | "capacity">,
  { points, outcome }: { readonly points: readonly SearchPoint[]; readonly outcome: SearchOutcome | null },
): CapacitySummary {
  const { name, question, chain, capacity } = scenario;
  const confirmed = outcome === null ? null : confirmedBy(points, outcome.sustainedPerSecond);
  return {
    schemaVersion: 1,
    scenario: { name, question, chain },
    settings: capacity,
    answer: answerOf(outcome, confirmed, points),
    outcome,
    confirmed,
    points,
    fit: fitScalability(points.flatMap(loadOf), scenario.seed),
  };
}

/** What beacons did not offer says nothing about what the network would have carried. */
function loadOf({ verdict, ratePerSecond, carriedPerSecond }: SearchPoint): Load[] {
  if (verdict === "generator-bound" || carriedPerSecond === null) return [];
  return [{ offered: ratePerSecond, carried: carriedPerSecond }];
}

function confirmedBy(points: readonly SearchPoint[], ratePerSecond: number | null): CarriedInterval | null {
  const carried = points
    .filter((point) => point.stage === "confirm" && point.ratePerSecond === ratePerSecond)
    .filter((point) => point.verdict === "sustained")
    .flatMap((point) => (point.carriedPerSecond === null ? [] : [point.carriedPerSecond]));
  const t = studentT[carried.length - 2];
  if (t === undefined) return null;
  const mean = carried.reduce((sum, value) => sum + value, 0) / carried.length;
  const variance = carried.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (carried.length - 1);
  const margin = t * Math.sqrt(variance / carried.length);
  return { mean, low: mean - margin, high: mean + margin, repeats: carried.length };
}

function answerOf(
  outcome: SearchOutcome | null,
  confirmed: CarriedInterval | null,
  points: readonly SearchPoint[],
): string {
  const highest = Math.max(0, ...points.filter(isSustained).map((point) => point.ratePerSecond));
  const soFar = highest === 0 ? "no rate had held" : `up to ${formatRate(highest)} had held, unconfirmed`;
  if (outcome === null) return `No answer yet: the search ended early; ${soFar}.`;
  const sustained = formatRate(outcome.sustainedPerSecond ?? 0);
  const broke = outcome.brokeAtPerSecond === null ? "" : ` and not ${formatRate(outcome.brokeAtPerSecond)}`;
  const repeats = confirmed === null ? "" : ` ${repeatsSentence(confirmed)}`;
  switch (outcome.kind) {
    case "confirmed":
      return `The network sustains ${sustained}${broke}.${repeats}`;
    case "ceiling":
      return `The network sustains ${sustained}, the highest rate that the search was allowed: its limit lies higher.${repeats}`;
    case "none":
      return "The network did not sustain even the lowest rate that was tried.";
    case "unsteady":
      return `No rate could be confirmed: what held in short points failed in longer ones; ${soFar}.`;
    case "generator-bound":
      return `The beacons were the limit, not the network: they could not keep their schedule; ${soFar}.`;
  }
}

function repeatsSentence({ mean, low, high, repeats }: CarriedInterval): string {
  return `Blocks took in ${formatRate(mean)} in ${repeats} repeats (95 % confidence: ${formatRate(low)} to ${formatRate(high)}).`;
}

function isSustained(point: SearchPoint): boolean {
  return point.verdict === "sustained";
}
