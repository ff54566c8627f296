import type { Labels } from "./labels.ts";

/** What a run will do, as counted before it: the output of `overseer plan --json` and part of every run's evidence. */
export interface PlanSummary {
  readonly transactions: number;
  readonly operations: number;
  /** From T0 to the end of the last phase. */
  readonly durationMicros: number;
  readonly phases: readonly PhasePlan[];
  readonly byBeacon: readonly BeaconShare[];
  readonly byNode: readonly CountedShare[];
  /** By mix entry; `count` counts operations, not transactions. */
  readonly byOperation: readonly CountedShare[];
}

export interface PhasePlan {
  readonly name: string;
  readonly measured: boolean;
  readonly kind: "paced" | "unlimited";
  readonly durationMicros: number;
  readonly transactions: number;
  readonly operations: number;
  readonly fromPerSecond: number | null;
  readonly toPerSecond: number | null;
  readonly peakPerSecond: number | null;
}

/** Labels as the scenario's shares want them; which beacons there are is known only when they have come. */
export interface BeaconShare extends CountedShare {
  readonly labels: Labels;
}

export interface CountedShare {
  readonly name: string;
  readonly count: number;
}
