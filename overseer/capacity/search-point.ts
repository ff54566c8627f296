import { formatQuantile } from "../reporting/figures-text.ts";

/** One measurement of the search, as it is kept in `search.json`. */
export interface SearchPoint {
  readonly stage: "climb" | "bisect" | "confirm";
  /** What was to be offered. */
  readonly ratePerSecond: number;
  /** `generator-bound`: the beacons did not keep their schedule, so nothing is known about the network. */
  readonly verdict: "sustained" | "overloaded" | "generator-bound";
  /** What blocks took in per second while the load was held; null when too few blocks were seen. */
  readonly carriedPerSecond: number | null;
  /** Inclusion from the due moment, p99; null when nothing was included. */
  readonly inclusionP99Micros: number | null;
  /** The true value may be larger: more than one in a hundred of what came due was not included. */
  readonly inclusionP99AtLeast: boolean;
  readonly missedBlocks: number;
  /** What was not met, in words. */
  readonly findings: readonly string[];
  /** Name of the run's folder within the search's. */
  readonly runFolder: string;
}

export function inclusionP99Text({
  inclusionP99Micros: micros,
  inclusionP99AtLeast: atLeast,
}: Pick<SearchPoint, "inclusionP99Micros" | "inclusionP99AtLeast">): string {
  return micros === null ? "–" : formatQuantile({ micros, atLeast });
}
