import type { Failure, PreparedReport, Status } from "../../shared/protocol/messages.ts";
import type { Share } from "../../shared/scenario/share.ts";
import type { BeaconRecord } from "../ledger/evidence.ts";
import type { BeaconSession } from "../server/beacon-session.ts";

export interface FleetMember {
  readonly session: BeaconSession;
  readonly share: Share;
  readonly planned: number;
}

/** What one assignment of a beacon has come to. */
export interface MemberState extends FleetMember {
  prepared: PreparedReport | null;
  preparedRows: number;
  outcomeRows: number;
  failure: Failure | null;
  /** It was asked to stand by for T0. Whether it does is not known while `clock` is null: its answer may have been lost. */
  askedToArm: boolean;
  clock: BeaconRecord["clock"];
  clockAtEnd: BeaconRecord["clock"];
  lost: { readonly atMicros: number; readonly text: string } | null;
  /** It has handed in all of this assignment. */
  collected: boolean;
  /** And forgotten it. */
  released: boolean;
  /** Aborted when it is lost: then nothing waits for its answers any more. */
  readonly loss: AbortController;
  status: Status | null;
  readonly missingStatuses: Set<number>;
}

export function newMember(member: FleetMember): MemberState {
  return {
    ...member,
    prepared: null,
    preparedRows: 0,
    outcomeRows: 0,
    failure: null,
    askedToArm: false,
    clock: null,
    clockAtEnd: null,
    lost: null,
    collected: false,
    released: false,
    loss: new AbortController(),
    status: null,
    missingStatuses: new Set(),
  };
}

export interface RecordFacts {
  readonly epoch: number;
  readonly baseExpirationSeconds: number | null;
  readonly t0Micros: number | null;
}

export function recordOf(member: MemberState, { epoch, baseExpirationSeconds, t0Micros }: RecordFacts): BeaconRecord {
  const { session, share, clock, clockAtEnd, prepared, status, lost } = member;
  return {
    name: session.name,
    host: session.hello.host,
    labels: session.hello.labels,
    epoch,
    share,
    clock: afterT0(clock, t0Micros),
    clockAtEnd: afterT0(clockAtEnd, t0Micros),
    prepared,
    baseExpirationSeconds,
    counters: status?.counters ?? [],
    lost: lost === null ? null : { atMicros: t0Micros === null ? null : lost.atMicros - t0Micros, text: lost.text },
  };
}

function afterT0(estimate: BeaconRecord["clock"], t0Micros: number | null): BeaconRecord["clock"] {
  return estimate === null ? null : { ...estimate, atMicros: estimate.atMicros - (t0Micros ?? estimate.atMicros) };
}
