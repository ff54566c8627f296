import type { ChainParameters } from "../chain/chain-parameters.ts";
import type { State } from "../chain/state.ts";
import type { SignedTransaction } from "../codec/signed-transaction.ts";

/** What a transaction is checked against besides the state itself. */
export interface ChainView {
  readonly state: State;
  readonly parameters: ChainParameters;
  readonly headNumber: number;
  /** Time of the block that the transaction would be part of. */
  readonly pendingMillis: number;
  /** Whether the transaction is pending or in a block of this chain already. */
  isKnown(transaction: SignedTransaction): boolean;
  /** The latest block whose number ends in these 16 bits; zeros where there is none. */
  referredBlock(refBlockNumber: number): { readonly id: string; readonly prefix: number };
}
