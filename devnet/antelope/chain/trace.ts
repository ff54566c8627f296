import type { Action } from "../codec/transaction.ts";
import type { FailureDescription } from "./failure-description.ts";

export interface ActionReceipt {
  readonly receiver: string;
  readonly globalSequence: number;
  readonly recvSequence: number;
  readonly authSequence: readonly (readonly [actor: string, sequence: number])[];
  readonly codeSequence: number;
  readonly abiSequence: number;
}

export interface ActionTrace {
  /** From 1; the transaction's own actions come first, then who was notified. */
  readonly ordinal: number;
  /** 0 for the transaction's own actions. */
  readonly creatorOrdinal: number;
  readonly receiver: string;
  readonly action: Action;
  /** Null as long as the action was not executed to its end. */
  receipt: ActionReceipt | null;
  elapsedMicros: number;
  ramDeltas: readonly { readonly account: string; readonly delta: number }[];
  failure: FailureDescription | null;
}

export interface TransactionTrace {
  readonly id: string;
  /** The block that it would be part of if that were made now. */
  readonly blockNumber: number;
  readonly blockMillis: number;
  /** Null when it failed. */
  readonly receipt: { readonly cpuMicros: number; readonly netWords: number } | null;
  readonly elapsedMicros: number;
  readonly netBytes: number;
  readonly actions: readonly ActionTrace[];
}
