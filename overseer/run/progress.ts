import type { EventRecord } from "../ledger/evidence.ts";

/** What a run tells while it goes on; the renderers for terminal, pipe and machine implement it. */
export interface RunProgress {
  /** A line of the head: network, beacons, accounts. */
  fact(label: string, text: string): void;
  /** A line of it that somebody may want to copy: never cut. */
  copyable(label: string, text: string): void;
  /** How far accounts and all else that is made before the run are. */
  setup(view: SetupView): void;
  preparing(view: PreparingView): void;
  live(view: LiveView): void;
  event(event: EventRecord): void;
}

export interface SetupView {
  /** In the imperative, such as "register accounts". */
  readonly stage: string;
  readonly done: number;
  readonly steps: number;
}

export interface PreparingView {
  readonly prepared: number;
  readonly planned: number;
  /** Transactions per second, all beacons and threads together, since the start of preparing. */
  readonly perSecond: number;
}

/** The run in the second that just passed. Rates are per second, latencies microseconds. */
export interface LiveView {
  readonly stage: "waiting" | "broadcasting" | "draining";
  /** Microseconds after T0. */
  readonly elapsedMicros: number;
  readonly phase: LivePhase | null;
  readonly totals: LiveTotals;
  readonly rates: {
    readonly due: number;
    readonly sent: number;
    readonly accepted: number;
    readonly included: number;
  };
  /** From due, in the last second; null when nothing was answered. */
  readonly answer: Percentiles | null;
  readonly inclusion: Percentiles | null;
  readonly latenessP99Micros: number | null;
  readonly head: LiveHead | null;
  readonly nodes: readonly { readonly name: string; readonly headLag: number; readonly connected: boolean }[];
  readonly beacons: readonly LiveBeacon[];
  /** While draining: accepted ones that are neither in a block nor expired. */
  readonly outstanding: number;
}

export interface LivePhase {
  readonly name: string;
  readonly number: number;
  readonly of: number;
  readonly measured: boolean;
  readonly intoMicros: number;
  readonly durationMicros: number;
}

export interface LiveTotals {
  readonly planned: number;
  readonly due: number;
  readonly sent: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly unanswered: number;
  readonly shed: number;
  readonly cancelled: number;
  readonly included: number;
}

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

export interface LiveHead {
  readonly number: number;
  readonly transactions: number;
  readonly ours: number;
  /** Bytes of the block over the largest that the network allows. */
  readonly fullness: number;
}

export interface LiveBeacon {
  readonly name: string;
  readonly state: string;
  readonly cpuCores: number | null;
  readonly lost: boolean;
}
