import type { Bench, Observed } from "./bench.ts";
import type { Comparison } from "./comparison.ts";

/** A known truth, set up on the devnet of any chain, and what must come back from the report. */
export interface CalibrationCase {
  readonly name: string;
  /** What it proves, in one line. */
  readonly proves: string;
  /** Short enough for the ordinary tests. */
  readonly quick: boolean;
  run(bench: Bench): Promise<Trial>;
}

export interface Trial {
  readonly comparisons: readonly Comparison[];
  /** What machine, devnet and beacons added in this run, in words. */
  readonly circumstances: readonly string[];
  /**
   * Why figures that are wrong cannot be held against the instrument: the machine, or the devnet, was later than the case
   * can bear. Neither is judged by anything that the instrument says. Null when both were in time.
   */
  readonly disturbance: string | null;
}

/** How late others than the instrument may be before its figures cannot be told from theirs. */
export interface Bearable {
  /** p99 of a thread that only sleeps. */
  readonly machineP99Micros: number;
  /** The devnet at its latest. */
  readonly devnetMicros: number;
}

/**
 * Where counts are compared and no latencies: what must not happen is that beacons are held up for as long as they wait
 * before they shed, a tenth of a second, or that the devnet's faults come at another time than a transaction's.
 */
export const bearableForCounts: Bearable = { machineP99Micros: 20_000, devnetMicros: 50_000 };

type Circumstances = Pick<Observed, "devnet" | "machine" | "isFirst"> & {
  readonly summary: Pick<Observed["summary"], "overall">;
};

export function judged(
  run: Circumstances | readonly Circumstances[],
  bearable: Bearable,
  comparisons: readonly Comparison[],
): Trial {
  const runs = "devnet" in run ? [run] : run;
  const disturbances = runs.flatMap((one) => disturbancesOf(one, bearable));
  return {
    comparisons,
    circumstances: runs.map(circumstancesOf),
    disturbance: disturbances.length === 0 ? null : disturbances.join(" "),
  };
}

function disturbancesOf({ devnet, machine }: Circumstances, bearable: Bearable): string[] {
  const found: string[] = [];
  if (machine.p99Micros > bearable.machineP99Micros) {
    found.push(
      `The machine woke a thread that only sleeps ${inMs(machine.p99Micros)} late (p99); ${inMs(bearable.machineP99Micros)} can be borne.`,
    );
  }
  if (devnet.latestMicros > bearable.devnetMicros) {
    found.push(
      `The devnet itself was up to ${inMs(devnet.latestMicros)} late; ${inMs(bearable.devnetMicros)} can be borne.`,
    );
  }
  return found;
}

function circumstancesOf({ machine, devnet, isFirst, summary }: Circumstances): string {
  const { lateness } = summary.overall.latencies;
  const sent = lateness === null ? "" : `, transactions sent ${inMs(lateness.p99.micros)} late (p99)`;
  const priority = isFirst ? "before all else" : "without priority, which the system did not grant";
  return `${priority}; a sleeping thread woke ${inMs(machine.p50Micros)} late (p50), ${inMs(machine.p99Micros)} (p99), ${inMs(machine.latestMicros)} at most; the devnet was ${inMs(devnet.latestMicros)} late at most${sent}`;
}

function inMs(micros: number): string {
  return `${(micros / 1000).toFixed(micros < 10_000 ? 2 : 1)} ms`;
}
