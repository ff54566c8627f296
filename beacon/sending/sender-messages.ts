import type { Reason } from "../../shared/chains/outcome.ts";
import type { ErrorData } from "../../shared/errors/app-error.ts";
import type { SendingLimits } from "../../shared/scenario/scenario.ts";
import type { Assignment } from "../assignment.ts";
import type { Faults } from "../faults.ts";
import type { SharedRecord } from "../measuring/recorder.ts";
import type { SharedStore } from "../signing/tx-store.ts";
import type { SharedLease } from "./lease.ts";

/** What the sending thread starts with. */
export interface SenderSetup {
  readonly chain: string;
  readonly nodes: readonly { readonly name: string; readonly endpoint: string }[];
  readonly connectionsPerNode: number;
  readonly connectTimeoutMs: number;
  /** False: a node that is not reached in that time is tried on and on, and what is due for it meanwhile is shed. */
  readonly needsAllNodes: boolean;
  /** `ResolvedChain.data`. */
  readonly data: unknown;
  readonly faults: Faults;
}

/** To the sending thread, in this order: `start` once, then any of the others. */
export type SenderCommand =
  | {
      readonly kind: "start";
      readonly assignment: Assignment;
      readonly limits: SendingLimits;
      readonly answerGraceMicros: number;
      /** On this host's monotonic clock. */
      readonly t0Micros: number;
      readonly store: SharedStore;
      readonly record: SharedRecord;
      readonly lease: SharedLease;
    }
  | { readonly kind: "pace"; readonly paused: boolean }
  | { readonly kind: "stop"; readonly reason: Extract<Reason, "stopped" | "aborted"> }
  /** Makes every outcome final; answered by `stage` drained. */
  | { readonly kind: "finish" }
  /** Closes all connections; answered by `closed`. */
  | { readonly kind: "close" };

/** From the sending thread. */
export type SenderNews =
  /** Every node has been reached, or those that can be, where not all are needed. */
  | { readonly kind: "open" }
  | { readonly kind: "openFailed"; readonly error: ErrorData }
  | { readonly kind: "connections"; readonly node: number; readonly open: number; readonly error: string | null }
  /** The first message of a node for a reason. */
  | { readonly kind: "reason"; readonly node: number; readonly reason: Reason; readonly message: string }
  | { readonly kind: "stage"; readonly stage: "draining" | "drained" }
  | { readonly kind: "closed"; readonly failures: readonly string[] };
