import type { SignedTransaction } from "../codec/signed-transaction.ts";
import type { TransactionTrace } from "./trace.ts";

export interface AppliedTransaction {
  readonly transaction: SignedTransaction;
  readonly cpuMicros: number;
  readonly netWords: number;
  readonly trace: TransactionTrace;
}
