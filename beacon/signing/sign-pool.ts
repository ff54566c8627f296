import { Piscina } from "piscina";
import { AppError, fromErrorData, isAppError } from "../../shared/errors/app-error.ts";
import type { PoolCheckpoints } from "../../shared/workload/pools.ts";
import { sequenceOfRow } from "../assignment.ts";
import { workerLocation } from "../worker-location.ts";
import type { SignJob } from "./batch-signer.ts";
import type { SigningPriority, SignResult, SignSetup, SignTask } from "./sign-worker.ts";
import { type Segment, type SharedStore, TxStore } from "./tx-store.ts";

export interface SignOptions {
  readonly job: SignJob;
  readonly threads: number;
  readonly priority: SigningPriority;
  readonly signal: AbortSignal;
}

/**
 * A task costs some 30 µs to hand over and a signature some 80 µs to make, so at this size handing over costs a tenth of
 * a per cent; and a thread that ends early waits for another's last 40 ms.
 */
const rowsPerBatch = 512;

/** One task being worked on and one waiting for each thread: no thread idles, and an abort leaves little undone. */
const tasksPerThread = 2;

/** At most this many transactions are drawn again at a batch's start to know its pool ordinals: under a millisecond. */
const sequencesPerCheckpoint = 4096;

/**
 * Creates and signs every row of the job in threads of its own, which are gone afterwards with all the memory they
 * took. Returns the store, complete. Throws what a thread reported, or the signal's reason.
 *
 * A thread must not be terminated while it signs: an error in native code of which nobody is left to hear ends the whole
 * process. So an abort cancels the store, and the pool is destroyed when every task has come back.
 */
export async function signShare({ job, threads, priority, signal }: SignOptions): Promise<SharedStore> {
  signal.throwIfAborted();
  const { filename, execArgv } = workerLocation("sign-worker", import.meta.url);
  const pool = new Piscina<SignTask, SignResult>({
    filename,
    execArgv,
    name: "handleSignTask",
    minThreads: threads,
    maxThreads: threads,
    workerData: { job, priority } satisfies SignSetup,
  });
  const store = new TxStore(job.store);
  const onAbort = (): void => store.cancel();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await signAll(pool, job, threads);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
    await pool.destroy();
  }
}

/** Settles only when no task is under way any more. */
async function signAll(pool: Piscina<SignTask, SignResult>, job: SignJob, threads: number): Promise<SharedStore> {
  const { rows } = job.assignment;
  if (rows === 0) return job.store;
  const checkpoints = await countThrough(pool, job);
  const store = new TxStore(job.store);
  const segments: Segment[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < rows && !store.isCancelled) {
      const firstRow = next;
      next = Math.min(rows, firstRow + rowsPerBatch);
      const result = await run(pool, { kind: "batch", firstRow, endRow: next, checkpoints });
      if (result.kind === "batch") segments.push(...result.segments);
    }
  };
  const lanes = Array.from({ length: threads * tasksPerThread }, async () => {
    try {
      await lane();
    } catch (error) {
      store.cancel();
      throw error;
    }
  });
  const failed = firstFailure(await Promise.allSettled(lanes));
  if (failed !== null) throw failed.reason;
  if (store.isCancelled) throw new AppError("STOPPED", "preparing was cancelled");
  return { ...job.store, segments };
}

/** The cause, not one of the cancellations that it has brought about. */
function firstFailure(results: readonly PromiseSettledResult<void>[]): PromiseRejectedResult | null {
  const failures = results.filter((result) => result.status === "rejected");
  return failures.find(({ reason }) => !(isAppError(reason) && reason.code === "STOPPED")) ?? failures[0] ?? null;
}

async function countThrough(pool: Piscina<SignTask, SignResult>, job: SignJob): Promise<PoolCheckpoints> {
  const sequences = sequenceOfRow(job.assignment, job.assignment.rows - 1) + 1;
  const result = await run(pool, { kind: "checkpoints", sequences, every: sequencesPerCheckpoint });
  if (result.kind !== "checkpoints") throw new AppError("INTERNAL", "a signing thread answered something else");
  return result.checkpoints;
}

async function run(pool: Piscina<SignTask, SignResult>, task: SignTask): Promise<SignResult> {
  const result = await pool.run(task);
  if (result.kind === "error") throw fromErrorData(result.error);
  return result;
}
