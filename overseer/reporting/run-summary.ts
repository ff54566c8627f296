import type { BlockUsageMeasure, NetworkDescription } from "../../shared/chains/driver.ts";
import type { ExitName } from "../../shared/errors/exit-codes.ts";
import type { ClockEstimate } from "../../shared/protocol/messages.ts";
import type { MetricUnit } from "../../shared/scenario/metrics.ts";
import type { ReplaySource } from "../../shared/scenario/scenario.ts";
import type { EventRecord, ResourceMeasure, ResourceSourceRecord, RunManifest } from "../ledger/evidence.ts";

/**
 * The content of `run.json`: every figure of a run's report, each with its unit in its name. Instants are microseconds
 * after T0, rates are per second, shares go from 0 to 1. Fields are only ever added within a `schemaVersion`.
 * The definitions of all figures are in docs/report.md.
 */
export interface RunSummary {
  readonly schemaVersion: 1;
  readonly runId: string;
  readonly tool: RunManifest["tool"];
  /** ISO 8601. */
  readonly startedAt: string;
  /** Wall clock at T0 in milliseconds since 1970; null when nothing was ever broadcast. */
  readonly t0WallMillis: number | null;
  /** `finished`: all phases and the drain. `cut-short`: ended during them. `not-started`: ended before T0. */
  readonly stage: "finished" | "cut-short" | "not-started";
  readonly scenario: ScenarioSummary;
  /** What of a capture the run replayed; null where its transactions were drawn. */
  readonly replay: ReplaySource | null;
  /** The chain's own words for operations and block makers. */
  readonly vocabulary: RunManifest["vocabulary"];
  readonly answer: Answer;
  readonly verdicts: {
    readonly validity: Validity;
    readonly thresholds: ThresholdVerdicts;
    readonly accounting: Accounting;
  };
  readonly exit: { readonly name: ExitName; readonly code: number; readonly text: string };
  /** All measured phases together. */
  readonly overall: Figures;
  readonly phases: readonly PhaseFigures[];
  readonly timeline: Timeline;
  readonly blocks: BlocksSummary;
  /** Everything that did not end in a block, the most frequent first. */
  readonly errors: readonly ErrorClass[];
  /** Of the measured phases. */
  readonly breakdowns: {
    readonly byOperation: readonly NamedFigures[];
    readonly byNode: readonly NamedFigures[];
    readonly byBeacon: readonly NamedFigures[];
  };
  readonly beacons: readonly BeaconSummary[];
  /** Containers, processes and what Prometheus told; absent in runs of older releases. */
  readonly resources?: readonly ResourceSummary[];
  readonly events: readonly EventRecord[];
  readonly network: NetworkDescription;
  readonly cost: RunManifest["cost"];
  readonly host: RunManifest["host"];
  readonly repeat: {
    readonly command: readonly string[];
    readonly seed: number;
    readonly scenarioPath: string;
    readonly scenarioText: string;
  };
  /** How the run ended, in the words of whoever ended it; null while it goes on. */
  readonly ending: RunManifest["ending"];
  /** Until when the blocks were watched. */
  readonly observedUntilMicros: number;
}

export interface ScenarioSummary {
  readonly name: string;
  readonly question: string;
  readonly description: string | null;
  readonly chain: string;
}

export interface Answer {
  /** The figures in one sentence or two, ready to be quoted. */
  readonly text: string;
  /**
   * The highest rate over any window between two blocks in which the network kept up: blocks got through at least
   * `requiredShare` of what the schedule held for it. Null when it never did, and when nothing was paced long enough.
   */
  readonly sustained: SustainedRate | null;
  /** Lowest offered rate above `sustained` at which the network did not keep up; null when it always did. */
  readonly brokeAtPerSecond: number | null;
  /** Whether a rate was held for a whole phase after one in which the rate climbed; null where no limit was found. */
  readonly confirmation: Confirmation | null;
  /** The largest backlog that was left behind by a measured phase with a schedule; null where blocks never fell behind. */
  readonly backlog: Backlog | null;
}

/** What was due and in no block, for longer than two block intervals explain. */
export interface Backlog {
  /** How many were waiting at once, at most. */
  readonly transactions: number;
  /** The phase in which the last of these came due, and when it ended. */
  readonly phase: string;
  readonly phaseEndMicros: number;
  /** When so many were waiting. */
  readonly atMicros: number;
  /** For which nodes they were meant, most first; a node of which none was waiting is not among them. */
  readonly byNode: readonly NamedCount[];
  /** When blocks had caught up with the schedule; null where the last of them had not. */
  readonly goneAtMicros: number | null;
  /** Of what came due meanwhile, so many got into no block that was seen. */
  readonly neverIncluded: number;
}

export interface NamedCount {
  readonly name: string;
  readonly count: number;
}

export interface Confirmation {
  readonly phase: string;
  readonly perSecond: number;
  readonly seconds: number;
  /** Whether the network kept up over all of the phase, as it does in a window. */
  readonly held: boolean;
}

export interface SustainedRate {
  readonly perSecond: number;
  readonly phase: string;
  readonly atMicros: number;
  readonly windowMicros: number;
  readonly requiredShare: number;
}

export type ValidityVerdict = "valid" | "degraded" | "void";

export interface Validity {
  /** The worst of the checks. */
  readonly verdict: ValidityVerdict;
  readonly checks: readonly ValidityCheck[];
}

export interface ValidityCheck {
  readonly name: string;
  readonly verdict: ValidityVerdict;
  /** What was found, in words. */
  readonly finding: string;
  /** From where on it is degraded or void, in words. */
  readonly limit: string;
}

export interface ThresholdVerdicts {
  readonly passed: number;
  readonly failed: number;
  readonly results: readonly ThresholdResult[];
}

export interface ThresholdResult {
  /** As written in the scenario. */
  readonly metric: string;
  readonly comparison: string;
  readonly limitText: string;
  readonly limit: number;
  readonly unit: MetricUnit;
  /** In the metric's base unit: share, per second or microseconds. Null when there was nothing to measure. */
  readonly value: number | null;
  /** The true value is at least this: some transactions were still without an end when the run was over. */
  readonly atLeast: boolean;
  /** `undecided` counts as failed: what was seen does not show that it holds. */
  readonly status: "passed" | "failed" | "undecided";
}

export interface Accounting {
  readonly holds: boolean;
  readonly lines: readonly AccountingLine[];
}

export interface AccountingLine {
  readonly name: string;
  /** The beacon whose own count it is about; null for the whole run. */
  readonly beacon: string | null;
  readonly left: AccountingTerm;
  readonly right: readonly AccountingTerm[];
  readonly holds: boolean;
  /** Where the two sides come from, or why they were not compared. */
  readonly source: string;
}

export interface AccountingTerm {
  readonly label: string;
  readonly count: number;
}

/** Transactions, but for the last three. */
export interface Counts {
  readonly planned: number;
  /** Planned and not cancelled: those that users would have waited for. */
  readonly due: number;
  readonly sent: number;
  readonly shed: number;
  readonly cancelled: number;
  /** Of those, the ones that an unlimited phase had no time for: they were prepared in reserve and never offered. */
  readonly unused: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly unanswered: number;
  /** In a block, whatever the node had answered. */
  readonly included: number;
  /** Of those, the ones whose answer never came. */
  readonly includedUnanswered: number;
  /** Of those, the ones that the node had rejected. */
  readonly includedRejected: number;
  readonly expired: number;
  readonly lost: number;
  /** Seen only in orphaned blocks, and how many of those the node had accepted. */
  readonly forkedOut: number;
  readonly forkedOutAccepted: number;
  readonly irreversible: number;
  /** Operations of the planned transactions. */
  readonly operations: number;
  readonly includedOperations: number;
  readonly includedBytes: number;
}

export interface Rates {
  readonly duePerSecond: number;
  readonly sentPerSecond: number;
  readonly acceptedPerSecond: number;
  readonly includedPerSecond: number;
  readonly includedOperationsPerSecond: number;
  readonly includedBytesPerSecond: number;
}

/**
 * Exact percentiles over all values. `censored` of the `count` values are only known to be at least what they are
 * counted with, so that a percentile that might rest on them is marked `atLeast`.
 */
export interface Distribution {
  readonly count: number;
  readonly censored: number;
  readonly p50: Quantile;
  readonly p75: Quantile;
  readonly p90: Quantile;
  readonly p95: Quantile;
  readonly p99: Quantile;
  readonly p999: Quantile;
  readonly max: Quantile;
  readonly mean: Quantile;
}

export interface Quantile {
  readonly micros: number;
  readonly atLeast: boolean;
  /** What it would be if those that are only known to be at least so long had never come; absent where that is never. */
  readonly atMostMicros?: number;
}

/** Null where there was not a single value. */
export interface Latencies {
  /** Sent minus due, paced phases only: how well the instrument kept its schedule. */
  readonly lateness: Distribution | null;
  /** Answered minus due, of every due transaction. */
  readonly answerIntended: Distribution | null;
  /** Answered minus sent, of the answered ones. */
  readonly answerService: Distribution | null;
  /** In a block minus due, of every due transaction. */
  readonly inclusionIntended: Distribution | null;
  /** In a block minus sent, of the included ones. */
  readonly inclusionService: Distribution | null;
  /** In a block minus due, of the included ones alone. */
  readonly inclusionOfIncluded: Distribution | null;
  /** Irreversible minus due, of those that became irreversible while the run was watched. */
  readonly irreversibility: Distribution | null;
}

export interface Figures {
  /** The time that the rates are over. */
  readonly seconds: number;
  readonly counts: Counts;
  readonly rates: Rates;
  readonly latencies: Latencies;
}

export interface PhaseFigures extends Figures {
  readonly name: string;
  readonly measured: boolean;
  readonly kind: "paced" | "unlimited";
  readonly startMicros: number;
  readonly endMicros: number;
  readonly fromPerSecond: number | null;
  readonly toPerSecond: number | null;
}

export interface NamedFigures extends Figures {
  readonly name: string;
}

/**
 * One point for each `stepSeconds` from T0 on, each column as long as `seconds`. Counts are divided by the step, so that
 * all are per second. Due and shed ones are counted when they were due, sent and unanswered ones when they were sent,
 * accepted and rejected ones when the answer came, included ones when the first node had the block. What a lost beacon
 * had left to send stays due, so that the gap shows.
 */
export interface Timeline {
  readonly stepSeconds: number;
  /** Start of each step in seconds after T0. */
  readonly seconds: readonly number[];
  readonly duePerSecond: readonly number[];
  readonly sentPerSecond: readonly number[];
  readonly acceptedPerSecond: readonly number[];
  readonly rejectedPerSecond: readonly number[];
  readonly unansweredPerSecond: readonly number[];
  readonly shedPerSecond: readonly number[];
  readonly cancelledPerSecond: readonly number[];
  readonly includedPerSecond: readonly number[];
  /** At the end of the step. */
  readonly awaitingAnswer: readonly number[];
  readonly awaitingBlock: readonly number[];
  /** Of the transactions due in the step; null where none was. */
  readonly lateness: LatencySeries;
  readonly answerIntended: LatencySeries;
  readonly inclusionIntended: LatencySeries;
}

export interface LatencySeries {
  readonly p50Micros: readonly (number | null)[];
  readonly p99Micros: readonly (number | null)[];
  /** Of those that had an end. */
  readonly longestMicros: readonly (number | null)[];
  /** Transactions of the step that never had an end. They are in the percentiles with the time that they had waited. */
  readonly censored: readonly number[];
  /** Whether so many never had an end that p50 or p99 is only a lower bound. */
  readonly p50AtLeast: readonly boolean[];
  readonly p99AtLeast: readonly boolean[];
}

export interface BlocksSummary {
  /** On the branch that won, from T0 to the end of the drain. */
  readonly count: number;
  readonly orphaned: number;
  readonly empty: number;
  readonly producers: number;
  readonly transactions: number;
  readonly ours: number;
  readonly bytes: number;
  readonly maximumBytes: number;
  readonly nominalIntervalMs: number;
  /** By the chain's own time. */
  readonly intervalMs: Spread | null;
  readonly transactionsPerBlock: Spread | null;
  readonly operationsPerBlock: Spread | null;
  readonly bytesPerBlock: Spread | null;
  /** Bytes against the network's limit. */
  readonly fullness: Spread | null;
  /** One for each of the vocabulary's `blockUsage`. */
  readonly usage: readonly BlockUsage[];
  /** From the first node that had a block to the last. */
  readonly propagationMicros: Spread | null;
  /** The same of blocks with nine tenths of the largest size or more; null where there were none. */
  readonly fullPropagationMicros: Spread | null;
  readonly series: readonly BlockPoint[];
}

/** What blocks used up of a resource that is billed to transactions, in the measure's unit. */
export interface BlockUsage extends BlockUsageMeasure {
  /** Of each block; null where there is none. */
  readonly limit: number | null;
  /** Of all blocks together. */
  readonly total: number;
  readonly perBlock: Spread | null;
  readonly shareOfLimit: Spread | null;
}

export interface Spread {
  readonly minimum: number;
  readonly median: number;
  readonly mean: number;
  readonly p95: number;
  readonly maximum: number;
}

export interface BlockPoint {
  readonly number: number;
  /** When the first node had it; null when no node's arrival was noted. */
  readonly atMicros: number | null;
  readonly producer: string;
  readonly intervalMs: number | null;
  readonly transactions: number;
  readonly ours: number;
  readonly operations: number;
  readonly bytes: number;
  readonly fullness: number;
  /** By the keys of the vocabulary's `blockUsage`. */
  readonly usage: Readonly<Record<string, number>>;
  readonly orphaned: boolean;
}

export interface ErrorClass {
  /** What became of them: rejected, unanswered, shed, cancelled, expired, lost or forked-out. */
  readonly kind: string;
  /** Reason class; the kind itself for what was accepted and yet not included. */
  readonly reason: string;
  readonly count: number;
  /** Of all planned transactions of the run. */
  readonly share: number;
  readonly firstMicros: number | null;
  readonly lastMicros: number | null;
  readonly byNode: readonly NamedCount[];
  /** The first message of each node, in its own words. */
  readonly samples: readonly { readonly node: string; readonly message: string }[];
}

/** Something that was looked at besides the beacons. */
export interface ResourceSummary {
  readonly name: string;
  readonly kind: ResourceSourceRecord["kind"];
  /** Image, program or address. */
  readonly about: string;
  readonly measures: readonly ResourceMeasureSummary[];
  /** When it was looked at, in seconds after T0; the measures' values are in the same order. */
  readonly seconds: readonly number[];
  /** How often nothing or not all was to be had, and the first reason. */
  readonly gaps: { readonly count: number; readonly reason: string } | null;
}

export interface ResourceMeasureSummary extends ResourceMeasure {
  /** While there was load; null when nothing was seen then. */
  readonly spread: Spread | null;
  /** Null: a gap. */
  readonly values: readonly (number | null)[];
}

export interface BeaconSummary {
  readonly name: string;
  readonly host: RunManifest["beacons"][number]["host"];
  readonly labels: Readonly<Record<string, string>>;
  /** Compared at the barrier and at the end; a clock that has drifted meanwhile is set right in between. */
  readonly clock: ClockEstimate | null;
  readonly clockAtEnd: ClockEstimate | null;
  /**
   * Error bar: latencies from this beacon's instants to those of others (blocks) are known to ± this, those between its
   * own instants are not touched by it. Null when the clock was not compared.
   */
  readonly clockErrorMicros: number | null;
  readonly lost: RunManifest["beacons"][number]["lost"];
  /** Null when it ended before all was signed. */
  readonly preparation: {
    readonly transactions: number;
    readonly seconds: number;
    readonly threads: number;
    readonly perSecond: number;
    readonly storeBytes: number;
    readonly residentBytesPerTransaction: number | null;
  } | null;
  /** While there was load; null when it sent no statistics meanwhile. */
  readonly resources: {
    readonly cpuCores: Spread;
    readonly hostCpuShare: Spread;
    readonly residentBytes: Spread;
    readonly sendLoopDelayMicros: Spread;
    readonly controlLoopDelayMicros: Spread;
    readonly inFlight: Spread;
    readonly connectionsLost: number;
  } | null;
  /** Longest time in a row that its host was busy at the limit of docs/report.md or more, while there was load. */
  readonly longestBusySeconds: number;
  /** One for each statistics message from T0 on, a second apart. */
  readonly series: {
    readonly seconds: readonly number[];
    readonly cpuCores: readonly number[];
    readonly hostCpuShare: readonly number[];
    readonly residentBytes: readonly number[];
    readonly sendLoopDelayMicros: readonly number[];
    readonly controlLoopDelayMicros: readonly number[];
    readonly inFlight: readonly number[];
  };
}
