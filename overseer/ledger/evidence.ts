import type { ChainVocabulary, CostEstimate, NetworkDescription } from "../../shared/chains/driver.ts";
import type { ExitName } from "../../shared/errors/exit-codes.ts";
import type { ClockEstimate, Hello, PhaseCounters, PreparedReport, Sample } from "../../shared/protocol/messages.ts";
import type { MetricUnit } from "../../shared/scenario/observe-settings.ts";
import type { PlanSummary } from "../../shared/scenario/plan-summary.ts";
import type { Scenario } from "../../shared/scenario/scenario.ts";
import type { Share } from "../../shared/scenario/share.ts";

/**
 * What a run leaves on disk while it goes on, and all that its report is made of, so that a report can be made again
 * from the folder alone:
 *
 *     reports/<run>/evidence/manifest.json        RunManifest, rewritten whole at each stage
 *     reports/<run>/evidence/blocks.jsonl         BlockRecord, one for each block seen, orphaned ones included
 *     reports/<run>/evidence/samples.jsonl        SampleRecord, one a second from each beacon
 *     reports/<run>/evidence/resources.jsonl      ResourceRecord: containers, processes, what Prometheus tells
 *     reports/<run>/evidence/events.jsonl         EventRecord
 *     reports/<run>/evidence/reasons.jsonl        ReasonRecord
 *     reports/<run>/evidence/included.jsonl       IncludedRecord; gone once inclusions.bin is written
 *     reports/<run>/evidence/overseer.json        OverseerRecord, while an overseer conducts the run
 *     reports/<run>/evidence/inclusions.bin       encoded columns of `inclusionsLayout`, see `inclusions.ts`
 *     reports/<run>/evidence/chunks/<beacon>/<table>-<epoch>-<number>.chunk   as they came, see shared/ledger/chunk.ts
 *
 * No file holds a private key: the scenario in the manifest has only where keys come from.
 */
export interface RunManifest {
  /** Which form the evidence has; see `upgrade-evidence.ts`. */
  readonly schemaVersion: number;
  readonly runId: string;
  readonly tool: { readonly name: string; readonly version: string; readonly node: string; readonly platform: string };
  /** As typed, to be typed again. */
  readonly command: readonly string[];
  readonly scenarioPath: string;
  readonly scenarioText: string;
  readonly scenario: Scenario;
  readonly vocabulary: ChainVocabulary;
  readonly network: NetworkDescription;
  readonly plan: PlanSummary;
  readonly cost: CostEstimate | null;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Wall clock at T0 in milliseconds since 1970; null when the run ended before. */
  readonly t0WallMillis: number | null;
  readonly host: {
    readonly hostname: string;
    readonly cpuModel: string;
    readonly cpus: number;
    readonly memoryBytes: number;
  };
  readonly beacons: readonly BeaconRecord[];
  /** By which expirations the transactions are signed, in the order of their sequence numbers; absent in runs of older releases. */
  readonly windows?: readonly WindowRecord[];
  /** What beacons took over from lost ones; absent in runs of older releases. */
  readonly takeovers?: readonly TakeoverRecord[];
  readonly ending: RunEnding | null;
}

/** Transactions that are signed together: `firstSequence` to before `endSequence`. */
export interface WindowRecord {
  /** From 1. */
  readonly number: number;
  /** Null until it is prepared, and when it never was. */
  readonly epoch: number | null;
  readonly firstSequence: number;
  readonly endSequence: number;
  /** Microseconds after T0. */
  readonly startMicros: number;
  /** Seconds since 1970: the expiration that a transaction due at T0 would have. */
  readonly baseExpirationSeconds: number | null;
  /** Beacons were let send it. */
  readonly armed: boolean;
  /** Whom it was dealt to, none before that; absent in runs of older releases, where it was those of the first window. */
  readonly members?: readonly MemberRecord[];
}

export interface MemberRecord {
  readonly beacon: string;
  readonly share: Share;
}

/**
 * From `firstSequence` on, the share of a lost beacon's epoch is dealt to others, under an epoch of its own. Written before
 * any of them has rows of it.
 */
export interface TakeoverRecord {
  readonly epoch: number;
  readonly from: { readonly beacon: string; readonly epoch: number };
  readonly firstSequence: number;
  readonly transactions: number;
  readonly members: readonly MemberRecord[];
  /** Beacons were let send it; absent in runs of older releases, which told of no others. */
  readonly armed?: boolean;
}

/** Which process conducts a run, so that no second one takes it up. */
export interface OverseerRecord {
  readonly hostname: string;
  readonly pid: number;
}

export interface RunEnding {
  /** What the conductor knows of; the report may add thresholds and accounting. */
  readonly exitName: ExitName;
  readonly text: string;
  /** Microseconds after T0; null when the run ended before. */
  readonly broadcastEndedMicros: number | null;
  readonly drainEndedMicros: number | null;
  /** Whether the drain ended because every accepted transaction was included or expired, and not at its deadline. */
  readonly drainComplete: boolean;
  /** Last block that the drain looked at, and the chain's time in it. */
  readonly lastBlockNumber: number | null;
  readonly lastBlockTimeMs: number | null;
}

export interface BeaconRecord {
  readonly name: string;
  readonly host: Hello["host"];
  readonly labels: Readonly<Record<string, string>>;
  readonly epoch: number;
  readonly share: Share;
  /** Compared at the barrier: by this the beacon's instants were made the overseer's. Instants are after T0. */
  readonly clock: ClockEstimate | null;
  /** Compared once more when all was sent. */
  readonly clockAtEnd: ClockEstimate | null;
  /** The same of each of its epochs, by which the instants of that epoch were made; absent in runs of older releases. */
  readonly clocks?: readonly {
    readonly epoch: number;
    readonly clock: ClockEstimate;
    readonly clockAtEnd: ClockEstimate | null;
  }[];
  readonly prepared: PreparedReport | null;
  /** Seconds since 1970: the expiration of a transaction due at T0. */
  readonly baseExpirationSeconds: number | null;
  /** Its last running totals: what the live view showed. */
  readonly counters: readonly PhaseCounters[];
  /** Microseconds after T0 (may be negative), and why; null for a beacon that stayed. */
  readonly lost: { readonly atMicros: number | null; readonly text: string } | null;
}

export interface BlockRecord {
  readonly number: number;
  readonly id: string;
  readonly previousId: string;
  readonly producer: string;
  /** The chain's own time of the block. */
  readonly timestampMs: number;
  /** Microseconds after T0 at which each node had it as head, by node name. */
  readonly arrivals: Readonly<Record<string, number>>;
  readonly transactions: number;
  readonly operations: number;
  readonly bytes: number;
  /** What its transactions were billed together, by the keys of the vocabulary's `blockUsage`. */
  readonly usage: Readonly<Record<string, number>>;
  /** How many of its transactions are of this run. */
  readonly ours: number;
  /** On a branch that lost. */
  readonly orphaned: boolean;
}

/** Written while the run goes on, for the case that it is never ended: which of its transactions a block holds. */
export interface IncludedRecord {
  readonly block: string;
  /** Sequence numbers as little-endian 32-bit integers, in base64. */
  readonly sequences: string;
}

export interface SampleRecord extends Sample {
  readonly beacon: string;
}

/** Something that was looked at besides the beacons, or what was seen of it. */
export type ResourceRecord = ResourceSourceRecord | ResourceSampleRecord;

/** Before the first sample of the source. */
export interface ResourceSourceRecord {
  readonly type: "source";
  readonly name: string;
  readonly kind: "container" | "process" | "metrics";
  /** Image, program or address. */
  readonly about: string;
  readonly measures: readonly ResourceMeasure[];
}

export interface ResourceMeasure {
  readonly key: string;
  readonly label: string;
  readonly unit: MetricUnit;
}

export interface ResourceSampleRecord {
  readonly type: "sample";
  readonly source: string;
  /** Microseconds after T0. Rates are over the time since the sample before. */
  readonly atMicros: number;
  /** By the keys of the source's measures; null where it was not to be had. Null altogether for a failure. */
  readonly values: Readonly<Record<string, number | null>> | null;
  readonly failure: string | null;
}

export interface EventRecord {
  /** Microseconds after T0; negative before; null where T0 was not yet known. */
  readonly atMicros: number | null;
  readonly wallMillis: number;
  readonly kind: "phase" | "beacon" | "node" | "run" | "fork" | "machine";
  readonly severity: "info" | "warning" | "error";
  /** Beacon, node, phase or machine that it is about. */
  readonly subject: string | null;
  readonly text: string;
}

export interface ReasonRecord {
  readonly beacon: string;
  readonly node: string;
  readonly reason: string;
  readonly message: string;
}
