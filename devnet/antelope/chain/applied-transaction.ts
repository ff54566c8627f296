import type { SignedTransaction } from "../codec/signed-transaction.ts";
import type { TransactionTrace } from "./trace.ts";

export interface AppliedTransaction {
  readonly transaction: SignedTransaction;
  readonly cpuMicros: number;
  readonly netWords: number;
  readonly trace: TransactionTrace;
  /**
   * Whether its effects depend on the time of `trace.blockMillis`: they are then worked out anew for every block that it
   * waits for, or nodes that heard of it at different times would not agree.
   */
  readonly isTimed: boolean;
}
