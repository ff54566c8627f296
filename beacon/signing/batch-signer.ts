import type {
  PrepareContext,
  PreparedTransaction,
  PrepareRequest,
  TransactionPreparer,
} from "../../shared/chains/driver.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import { mixedClass } from "../../shared/ledger/columns.ts";
import { dueCursorOf } from "../../shared/scenario/arrivals.ts";
import type { DueCursor } from "../../shared/scenario/load-profile.ts";
import { consumersOf, type PoolCheckpoints, PoolCursor, seekToCheckpoint } from "../../shared/workload/pools.ts";
import { Router } from "../../shared/workload/route.ts";
import { WorkloadShape } from "../../shared/workload/shape.ts";
import { type Assignment, type OwnPhase, phaseOfRow, sequenceOfRow } from "../assignment.ts";
import { recordColumns, type SharedRecord } from "../measuring/recorder.ts";
import { type Segment, type SharedStore, TxStore } from "./tx-store.ts";

/** All that a signing thread must know, as plain data. */
export interface SignJob {
  readonly context: PrepareContext;
  readonly assignment: Assignment;
  readonly store: SharedStore;
  readonly record: SharedRecord;
  /** Seconds since 1970 at which a transaction that is due at T0 expires. */
  readonly baseExpirationSeconds: number;
}

/**
 * Signatures are made together for as many rows. Often enough that progress looks alive, seldom enough that threads do
 * not fight over its counter.
 */
const rowsPerRound = 64;

/**
 * Prepares stretches of rows, in any order: the outcome depends on the job and the row only, never on which thread does
 * it or what it did before.
 */
export class BatchSigner {
  readonly #job: SignJob;
  readonly #preparer: TransactionPreparer;
  readonly #store: TxStore;
  readonly #due: Float64Array;
  readonly #shape: WorkloadShape;
  readonly #pools: PoolCursor;
  readonly #router: Router;
  readonly #request: PrepareRequest;
  /** Of the rows of a round, one each. */
  readonly #prepared: readonly PreparedTransaction[] = Array.from({ length: rowsPerRound }, () => ({
    bodyBytes: 0,
    packedBytes: 0,
    matchKeyHigh: 0,
    matchKeyLow: 0,
  }));
  readonly #cursors = new Map<number, DueCursor | null>();
  readonly #matchWords: Uint32Array;
  readonly #littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
  readonly #newSegments: Segment[] = [];
  #segment: Segment | null = null;
  #target: Uint8Array = new Uint8Array();
  #used = 0;

  constructor(job: SignJob, preparer: TransactionPreparer) {
    const { workload, seed, network, resolved } = job.context;
    this.#job = job;
    this.#preparer = preparer;
    this.#store = new TxStore(job.store);
    this.#due = recordColumns(job.record).due;
    this.#shape = new WorkloadShape(workload, seed);
    this.#pools = new PoolCursor(this.#shape, consumersOf(resolved.pools));
    this.#router = new Router(workload.route, network.nodes.length, seed);
    this.#request = {
      sequence: 0,
      expirationSeconds: 0,
      entries: this.#shape.entries,
      operations: 0,
      poolOrdinals: this.#pools.ordinals,
    };
    const { matchKey } = this.#store.columns;
    this.#matchWords = new Uint32Array(matchKey.buffer, matchKey.byteOffset, matchKey.length * 2);
  }

  /**
   * Returns the segments that had to be added. Throws AppError PLAN_IMPOSSIBLE when a body fits no segment, and STOPPED
   * between two rows when the store is cancelled.
   */
  sign(firstRow: number, endRow: number, checkpoints: PoolCheckpoints): Segment[] {
    seekToCheckpoint(this.#pools, checkpoints, sequenceOfRow(this.#job.assignment, firstRow));
    let phase = phaseOfRow(this.#job.assignment.phases, firstRow);
    for (let round = firstRow; round < endRow; round += rowsPerRound) {
      const roundEnd = Math.min(endRow, round + rowsPerRound);
      for (let row = round; row < roundEnd; row++) {
        if (this.#store.isCancelled) throw new AppError("STOPPED", "preparing was cancelled");
        if (row >= phase.endRow) phase = phaseOfRow(this.#job.assignment.phases, row);
        this.#prepareRow(row, phase, this.#prepared[row - round] as PreparedTransaction);
      }
      this.#preparer.complete();
      for (let row = round; row < roundEnd; row++) {
        this.#writeMatchKey(row, this.#prepared[row - round] as PreparedTransaction);
      }
      this.#store.countPrepared(roundEnd - round);
    }
    return this.#newSegments.splice(0);
  }

  #prepareRow(row: number, phase: OwnPhase, prepared: PreparedTransaction): void {
    const sequence = sequenceOfRow(this.#job.assignment, row);
    this.#pools.draw(sequence);
    const request = this.#request;
    request.sequence = sequence;
    request.operations = this.#shape.operations;
    request.expirationSeconds = this.#job.baseExpirationSeconds + Math.ceil(this.#planDue(row, sequence, phase) / 1e6);
    this.#writeBody(row, sequence, prepared);
    const { columns } = this.#store;
    columns.phase[row] = phase.index;
    columns.node[row] = this.#router.nodeOf(sequence);
    columns.operations[row] = request.operations;
    columns.operationClass[row] = classOf(request.entries, request.operations);
    columns.bytes[row] = prepared.packedBytes;
  }

  /** Sets the row's due instant where it is known beforehand. Returns the latest at which it may be sent in time. */
  #planDue(row: number, sequence: number, phase: OwnPhase): number {
    let cursor = this.#cursors.get(phase.index);
    if (cursor === undefined) {
      cursor = dueCursorOf(phase.load);
      this.#cursors.set(phase.index, cursor);
    }
    if (cursor === null) return phase.endMicros;
    const due = phase.startMicros + cursor.dueOffsetMicros(sequence - phase.firstSequence);
    this.#due[row] = due;
    return due;
  }

  #writeBody(row: number, sequence: number, prepared: PreparedTransaction): void {
    if (this.#segment === null) this.#addSegment();
    if (!this.#preparer.prepare(this.#request, this.#target, this.#used, prepared)) {
      this.#addSegment();
      if (!this.#preparer.prepare(this.#request, this.#target, 0, prepared)) {
        throw new AppError("PLAN_IMPOSSIBLE", `transaction ${sequence} is larger than ${this.#target.length} bytes`);
      }
    }
    const { columns } = this.#store;
    columns.segment[row] = (this.#segment as unknown as Segment).number;
    columns.bodyOffset[row] = this.#used;
    columns.bodyBytes[row] = prepared.bodyBytes;
    this.#used += prepared.bodyBytes;
  }

  /** The key's two words are put where a 64-bit integer of this machine has them: no BigInt for a transaction. */
  #writeMatchKey(row: number, { matchKeyHigh, matchKeyLow }: PreparedTransaction): void {
    this.#matchWords[row * 2 + (this.#littleEndian ? 1 : 0)] = matchKeyHigh;
    this.#matchWords[row * 2 + (this.#littleEndian ? 0 : 1)] = matchKeyLow;
  }

  #addSegment(): void {
    this.#segment = this.#store.addSegment();
    this.#target = new Uint8Array(this.#segment.buffer);
    this.#used = 0;
    this.#newSegments.push(this.#segment);
  }
}

function classOf(entries: Uint16Array, operations: number): number {
  const first = entries[0] as number;
  for (let i = 1; i < operations; i++) if (entries[i] !== first) return mixedClass;
  return first;
}
