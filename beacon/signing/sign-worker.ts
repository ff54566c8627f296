import { constants, platform, setPriority } from "node:os";
import { workerData } from "node:worker_threads";
import { driverOf } from "../../shared/chains/registry.ts";
import { type ErrorData, toErrorData } from "../../shared/errors/app-error.ts";
import { consumersOf, createPoolCheckpoints, type PoolCheckpoints } from "../../shared/workload/pools.ts";
import { WorkloadShape } from "../../shared/workload/shape.ts";
import { BatchSigner, type SignJob } from "./batch-signer.ts";
import type { Segment } from "./tx-store.ts";

/** What the threads are asked, one task each. */
export type SignTask =
  | { readonly kind: "checkpoints"; readonly sequences: number; readonly every: number }
  | {
      readonly kind: "batch";
      readonly firstRow: number;
      readonly endRow: number;
      readonly checkpoints: PoolCheckpoints;
    };

/** Errors cross as data: a class would be lost on the way. */
export type SignResult =
  | { readonly kind: "checkpoints"; readonly checkpoints: PoolCheckpoints }
  | { readonly kind: "batch"; readonly segments: readonly Segment[] }
  | { readonly kind: "error"; readonly error: ErrorData };

export type SigningPriority = "normal" | "low";

/** What a thread starts with. */
export interface SignSetup {
  readonly job: SignJob;
  readonly priority: SigningPriority;
}

const { job, priority } = workerData as SignSetup;
// On Linux a priority is a thread's own, and 0 is the thread that asks; elsewhere it would be the whole process's.
if (priority === "low" && platform() === "linux") setPriority(0, constants.priority.PRIORITY_LOW);
let signer: BatchSigner | null = null;

export function handleSignTask(task: SignTask): SignResult {
  try {
    if (task.kind === "checkpoints") return { kind: "checkpoints", checkpoints: countThrough(task) };
    signer ??= new BatchSigner(job, driverOf(job.context.chain).createPreparer(job.context));
    return { kind: "batch", segments: signer.sign(task.firstRow, task.endRow, task.checkpoints) };
  } catch (error) {
    return { kind: "error", error: toErrorData(error) };
  }
}

function countThrough({ sequences, every }: Extract<SignTask, { kind: "checkpoints" }>): PoolCheckpoints {
  const { workload, seed, resolved } = job.context;
  return createPoolCheckpoints(new WorkloadShape(workload, seed), consumersOf(resolved.pools), 0, sequences, every);
}
