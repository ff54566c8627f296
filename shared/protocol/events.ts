import type {
  Arm,
  ClockEstimate,
  Configure,
  EpochMessage,
  Failure,
  FinishedReport,
  HandedIn,
  HandIn,
  Pace,
  Prepare,
  PreparedReport,
  ReasonSample,
  Reply,
  Status,
  StatusReply,
  Stop,
  Trouble,
} from "./messages.ts";

/**
 * The control protocol: Socket.IO's typed event maps for the namespace `/beacons`. All instants are microseconds on the
 * clock that the field's comment names; those of beacons are already corrected to the overseer's clock.
 */
export interface OverseerToBeacon {
  /** Accounts, nodes, workload and share; connects to the nodes. Answered when every node has been reached. */
  configure(message: Configure, reply: (reply: Reply) => void): void;
  /** Creates and signs the share; answered at once, `prepared` follows. */
  prepare(message: Prepare, reply: (reply: Reply) => void): void;
  /** The barrier: the beacon measures its clock and stands by for T0. */
  arm(message: Arm, reply: (reply: Reply<ClockEstimate>) => void): void;
  pace(message: Pace, reply: (reply: Reply) => void): void;
  /** Cancels what is not sent yet; what is in flight is still waited for. */
  stop(message: Stop, reply: (reply: Reply) => void): void;
  /** Answers are no longer waited for; all outcomes are final and the rest of the ledger is uploaded before the reply. */
  collect(message: EpochMessage, reply: (reply: Reply<FinishedReport>) => void): void;
  /**
   * To an overseer that takes up a run whose own has died: ends what the beacon still does for it, and uploads all that
   * it and its predecessors have kept, after which they keep nothing.
   */
  handIn(message: HandIn, reply: (reply: Reply<HandedIn>) => void): void;
  /** The overseer has everything: spool and store may go. */
  release(message: EpochMessage, reply: (reply: Reply) => void): void;
  /** The process may end. */
  shutdown(reply: (reply: Reply) => void): void;
}

export interface BeaconToOverseer {
  /** Answered with the overseer's monotonic microseconds. */
  clock(reply: (overseerMicros: number) => void): void;
  /** Answered with the lease that it renews. */
  status(message: Status, reply: (reply: StatusReply) => void): void;
  prepared(message: PreparedReport): void;
  failed(message: Failure): void;
  trouble(message: Trouble): void;
  reasonSample(message: ReasonSample): void;
  /**
   * `bytes` is an encoded chunk of `ledger/chunk.ts`, of the run `runId`; acknowledged once it is on the overseer's disk.
   * Repeated until then: the overseer takes a chunk that comes twice for one.
   */
  chunk(runId: string, bytes: Uint8Array, reply: (reply: Reply) => void): void;
}
