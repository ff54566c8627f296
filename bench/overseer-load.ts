/** What the overseer's benchmark and its processes agree on. */
export const benchRunId = "bench-overseer";
export const benchToken = "a token of the benchmark";
export const benchEpoch = 1;
export const phaseCount = 3;
export const nodeCount = 3;
/** A beacon hands in once a second what has its outcome: here as of 200 transactions a second. */
export const rowsPerChunk = 200;
export const statusIntervalMs = 1000;

/** To the process of the overseer: measure from now on, or tell what was measured. */
export type OverseerOrder = "start" | "stop";

export type OverseerNews =
  | { readonly kind: "listening"; readonly url: string }
  | { readonly kind: "complete" }
  | { readonly kind: "measured"; readonly measure: OverseerMeasure };

export interface OverseerMeasure {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly statuses: number;
  /** Heartbeats that should have come and did not: a gap of more than two intervals counts for each whole one. */
  readonly missed: number;
  readonly lost: number;
  /** Connections that broke, whether or not the beacon came back. */
  readonly disconnections: number;
  readonly rows: number;
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaximumMs: number;
}
