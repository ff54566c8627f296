import { z } from "zod";
import type { NetworkDescription, ResolvedChain, TransactionReference } from "../chains/driver.ts";
import { type ErrorData, errorCodes } from "../errors/app-error.ts";
import { labelKeyPattern, labelValuePattern, mostLabels } from "../scenario/labels.ts";
import type { Phase, SendingLimits, Workload } from "../scenario/scenario.ts";

/** Raised whenever an older peer would misunderstand; the handshake refuses a different number. */
export const protocolVersion = 4;

/** States of a beacon, in the order of a run. Any of them may go to `failed`; `release` leads back to `idle`. */
export const beaconStates = [
  "idle",
  "configured",
  "preparing",
  "prepared",
  "armed",
  "broadcasting",
  "draining",
  "drained",
  "failed",
] as const;
export type BeaconState = (typeof beaconStates)[number];

const micros = z.number();
const count = z.number().int().min(0);

/** What the overseer knows is well formed because it made it; the beacon checks the outline and trusts the rest. */
const opaque = <T>() => z.custom<T>((value) => typeof value === "object" && value !== null);

const labelKey = z.string().regex(labelKeyPattern);

/** What a beacon's user says of it, such as its region; scenarios place their shares by them. */
const labelsSchema = z
  .record(labelKey, z.string().regex(labelValuePattern))
  .refine((labels) => Object.keys(labels).length <= mostLabels);

/** First message of a connection, in Socket.IO's `auth`. */
export const helloSchema = z.object({
  protocolVersion: z.number().int(),
  role: z.literal("beacon"),
  token: z.string(),
  /** Unique among the beacons of an overseer; `local-1` and so on for those it starts itself. */
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/),
  /** Survives reconnection, not a restart: tells one process from its successor. */
  instance: z.string().min(8),
  labels: labelsSchema,
  host: z.object({
    hostname: z.string(),
    platform: z.string(),
    cpuModel: z.string(),
    cpus: z.number().int(),
    memoryBytes: z.number(),
    node: z.string(),
    version: z.string(),
    pid: z.number().int(),
  }),
});
export type Hello = z.output<typeof helloSchema>;

/** What comes with the refusal of a handshake, as Socket.IO's `data`. Without it, trying again is of no use. */
export const refusalDataSchema = z.object({ retryAfterMs: z.number().int().min(0) });
export type RefusalData = z.output<typeof refusalDataSchema>;

export const configureSchema = z.object({
  runId: z.string(),
  /** Counted up with every assignment of a run; a chunk or command of another epoch is not for this one. */
  epoch: z.number().int().min(1),
  chain: z.string(),
  seed: z.number(),
  network: opaque<NetworkDescription>(),
  workload: opaque<Workload>(),
  resolved: opaque<ResolvedChain>(),
  phases: z.array(z.custom<Phase>((value) => typeof value === "object" && value !== null)).min(1),
  share: z.object({ cycle: z.number().int().min(1), slots: z.array(count).min(1) }),
  /** Only sequence numbers of the share from `firstSequence` to before `endSequence`. */
  firstSequence: count,
  endSequence: count,
  /**
   * For a run that has begun: what is late when it is armed is shed instead of being refused, nodes that cannot be reached
   * are gone on without, and the assignment joins others of the run that this beacon has.
   */
  underWay: z.boolean(),
  sending: opaque<SendingLimits>(),
  connectionsPerNode: z.number().int().min(1),
  signingThreads: z.number().int().min(1),
  /** `low`: gives way to whatever else wants the processor, because transactions are being sent meanwhile. */
  signingPriority: z.enum(["normal", "low"]),
  /** Answers are waited for this long after the last phase's end. */
  answerGraceMicros: micros,
});
export type Configure = z.output<typeof configureSchema>;

export const prepareSchema = z.object({
  epoch: z.number().int(),
  reference: opaque<TransactionReference>(),
  /** Seconds since 1970 for a transaction that is due at T0; later ones expire as much later as they are due later. */
  baseExpirationSeconds: z.number().int(),
});
export type Prepare = z.output<typeof prepareSchema>;

export const armSchema = z.object({
  epoch: z.number().int(),
  /** Microseconds on the overseer's clock. */
  t0Micros: micros,
  /**
   * The first lease; later ones come with the answers to statuses. 0: none is granted yet, and without one that is granted
   * until T0, by an answer or by the same message with another lease, nothing is sent.
   */
  leaseMs: count,
});
export type Arm = z.output<typeof armSchema>;

export const stopSchema = z.object({
  epoch: z.number().int(),
  /** Becomes the reason of everything that is cancelled by it. */
  reason: z.enum(["stopped", "aborted"]),
});
export type Stop = z.output<typeof stopSchema>;

export const paceSchema = z.object({
  epoch: z.number().int(),
  /** Paused: nothing is sent; what becomes due meanwhile is shed as late, so the schedule itself never moves. */
  paused: z.boolean(),
});
export type Pace = z.output<typeof paceSchema>;

export const epochSchema = z.object({ epoch: z.number().int() });
export type EpochMessage = z.output<typeof epochSchema>;

/** Running totals of one phase; all since its start, so that a lost message loses nothing. */
export const phaseCountersSchema = z.object({
  phase: count,
  due: count,
  sent: count,
  accepted: count,
  rejected: count,
  unanswered: count,
  shed: count,
  cancelled: count,
});
export type PhaseCounters = z.output<typeof phaseCountersSchema>;

/** Client-side statistics of the last second. */
export const sampleSchema = z.object({
  atMicros: micros,
  /** Cores' worth of CPU time used by the process, all threads: 1 is one core busy. */
  cpuCores: z.number(),
  /** Share of the host's CPU that is busy with anything, 0 to 1. */
  hostCpuShare: z.number(),
  residentBytes: z.number(),
  heapBytes: z.number(),
  /** Longest event-loop delay of the sending thread in this second. */
  sendLoopDelayMicros: z.number(),
  /** Longest event-loop delay of the control thread in this second. */
  controlLoopDelayMicros: z.number(),
  inFlight: count,
  bufferedBytes: z.number(),
  /** By node: connections open now, and how many were lost since the start. */
  connections: z.array(z.object({ node: z.string(), open: count, lost: count })),
});
export type Sample = z.output<typeof sampleSchema>;

/** One a second from every beacon: its heartbeat. */
export const statusSchema = z.object({
  /** Of the assignment that it is about; null while there is none. */
  runId: z.string().nullable(),
  epoch: z.number().int(),
  /** Counted up from 0 for each epoch, so that one that comes late or twice is known as such. */
  number: count,
  state: z.enum(beaconStates),
  /** Of the own share; only while preparing or later. */
  prepared: count,
  planned: count,
  counters: z.array(phaseCountersSchema),
  /** Encoded HDR histogram (hdr-histogram-js, compressed base64) of the last second's values in microseconds. */
  intervalHistograms: z.object({
    lateness: z.string().nullable(),
    answerIntended: z.string().nullable(),
    answerService: z.string().nullable(),
  }),
  sample: sampleSchema.nullable(),
  /** Rows written to the ledger's two tables so far, and acknowledged ones. */
  spooledRows: count,
  acknowledgedRows: count,
  /** Answers that came after their transaction had been counted as unanswered; they changed nothing. */
  lateAnswers: count.optional(),
  /** The lease ran out while something was left to send: that has been cancelled and stays so. */
  leaseExpired: z.boolean(),
});
export type Status = z.output<typeof statusSchema>;

/**
 * The right to send, counted from the instant at which the beacon sent the status that this answers: an instant on the
 * beacon's own monotonic clock, before the one at which the overseer heard it. 0 renews nothing.
 */
export const statusReplySchema = z.object({ leaseMs: count });
export type StatusReply = z.output<typeof statusReplySchema>;

export const preparedReportSchema = z.object({
  epoch: z.number().int(),
  transactions: count,
  storeBytes: z.number(),
  seconds: z.number(),
  threads: z.number().int(),
  /** Of this process before and after, to show what a prepared transaction costs. */
  residentBytesBefore: z.number(),
  residentBytesAfter: z.number(),
});
export type PreparedReport = z.output<typeof preparedReportSchema>;

export const troubleSchema = z.object({
  epoch: z.number().int(),
  atMicros: micros,
  node: z.string().nullable(),
  text: z.string().max(2000),
});
export type Trouble = z.output<typeof troubleSchema>;

/** The first message of a node for each reason, so that the report can show what rejections looked like. */
export const reasonSampleSchema = z.object({
  epoch: z.number().int(),
  reason: z.string(),
  node: z.string(),
  message: z.string().max(2000),
});
export type ReasonSample = z.output<typeof reasonSampleSchema>;

export const clockEstimateSchema = z.object({
  /** Add to the beacon's monotonic clock to get the overseer's. */
  offsetMicros: micros,
  /** The true offset lies within ± this. */
  uncertaintyMicros: micros,
  exchanges: count,
  /** When it was so, on the overseer's clock. */
  atMicros: micros,
});
export type ClockEstimate = z.output<typeof clockEstimateSchema>;

export const finishedReportSchema = z.object({
  epoch: z.number().int(),
  preparedChunks: count,
  outcomeChunks: count,
  rows: count,
  /** The clocks compared once more: what they have drifted apart since the barrier. Null when there was no answer. */
  clock: clockEstimateSchema.nullable().optional(),
});
export type FinishedReport = z.output<typeof finishedReportSchema>;

export const handInSchema = z.object({ runId: z.string() });
export type HandIn = z.output<typeof handInSchema>;

export interface HandedIn {
  /** Chunks of earlier processes of this beacon. */
  readonly leftoverChunks: number;
}

const errorDataSchema = z.object({
  code: z.enum(Object.keys(errorCodes) as [ErrorData["code"], ...ErrorData["code"][]]),
  message: z.string(),
  problems: z.array(z.object({ path: z.string(), value: z.string().optional(), expected: z.string() })),
  hint: z.string().optional(),
}) as unknown as z.ZodType<ErrorData>;

export const failureSchema = z.object({ epoch: z.number().int(), error: errorDataSchema });
export type Failure = z.output<typeof failureSchema>;

/** Every request is answered by this: errors cross as data. */
export type Reply<T = null> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ErrorData };
