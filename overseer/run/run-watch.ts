import type { OutcomeCount } from "../../shared/ledger/outcome-tally.ts";
import type { Sample } from "../../shared/protocol/messages.ts";
import type { LiveDurations } from "./live-figures.ts";
import type { LiveHead, LivePhase, LiveTotals } from "./progress.ts";
import type { NodeReading } from "./run-monitor.ts";

export const runStages = ["starting", "preparing", "waiting", "broadcasting", "draining", "closing", "ended"] as const;
export type RunStage = (typeof runStages)[number];

/** A run at the moment at which somebody asked. */
export interface RunReading {
  readonly runId: string;
  readonly scenario: string;
  readonly chain: string;
  readonly stage: RunStage;
  /** Null but while load is broadcast. */
  readonly phase: LivePhase | null;
  /** Null before the barrier. */
  readonly elapsedSeconds: number | null;
  readonly planned: number;
  readonly warnings: number;
  readonly errors: number;
  /** Null until there are beacons and a network. */
  readonly live: LiveReading | null;
}

export interface LiveReading {
  readonly beacons: readonly BeaconReading[];
  readonly nodes: readonly NodeReading[];
  /** Of ledger rows that came in: by name of the node. */
  readonly outcomes: readonly (Omit<OutcomeCount, "node"> & { readonly node: string })[];
  readonly included: number;
  /** Each time that one came into a block of the winning branch. */
  readonly inclusions: number;
  readonly forks: number;
  /** Accepted, in no block, and not known to have expired. */
  readonly waiting: number;
  /** Null until the drain, when it is looked for. */
  readonly expired: number | null;
  readonly head: LiveHead | null;
  readonly durations: LiveDurations;
  readonly latenessP99Micros: number | null;
}

export interface BeaconReading {
  readonly name: string;
  readonly connected: boolean;
  readonly lost: boolean;
  readonly planned: number;
  readonly prepared: number;
  /** By the beacon's own count, a second old at most while it is there. */
  readonly totals: Omit<LiveTotals, "planned" | "included">;
  readonly sample: Sample | null;
}

/** Where those who watch read from: the run that goes on or, until the next begins, how the last one was at its end. */
export class RunWatch {
  #read: (() => RunReading) | null = null;
  #last: RunReading | null = null;

  get reading(): RunReading | null {
    return this.#read?.() ?? this.#last;
  }

  begin(read: () => RunReading): void {
    this.#read = read;
  }

  /** Holds nothing of the run but what is told of it. */
  end(): void {
    if (this.#read === null) return;
    this.#last = { ...this.#read(), stage: "ended", phase: null };
    this.#read = null;
  }
}
