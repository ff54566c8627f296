import type { ChainFailure } from "../chain/failure.ts";
import type { Order } from "../chain/objects.ts";
import type { State } from "../chain/state.ts";
import type { Json } from "../codec/json.ts";
import type { Operation } from "../codec/operation.ts";
import type { Amount } from "../codec/read-value.ts";

/** What an operation is evaluated against. */
export interface Evaluation {
  readonly state: State;
  readonly headSeconds: number;
  readonly headNumber: number;
  /** How many proposals may still be carried out one within another. */
  readonly nestingLeft: number;
  /** Operations that nobody sent but that happen: fills, and the cancelling of what is too small or too old. */
  readonly virtual: VirtualOperation[];
  /** Carries out an operation that another one holds, up to its fee; what a refused one did is left to be taken back. */
  readonly carryOut: (
    operation: Operation,
    cause: number,
    evaluation: Evaluation,
    text: OperationText,
  ) => string | ChainFailure;
}

/** An operation as the node writes it, `[type, body]`; only refusals need it. */
export type OperationText = () => readonly [number, unknown];

export interface VirtualOperation {
  /** Index of the operation that brought it about; -1 at the end of a block. */
  readonly cause: number;
  readonly account: number;
  /** Further accounts that it concerns. */
  readonly others?: readonly number[];
  readonly type: number;
  readonly body: { readonly [key: string]: Json };
  /** JSON of the operation's result. */
  readonly result: string;
  /** For the market's history. */
  readonly fill?: Fill;
}

export interface Fill {
  readonly order: number;
  readonly account: number;
  readonly pays: Amount;
  readonly receives: Amount;
  /** The maker's price: its `sell` for its `receive`. */
  readonly price: Pick<Order, "sell" | "receive">;
  readonly isMaker: boolean;
}

/** JSON of operation results. */
export const nothing = "[0,{}]";

export function newObject(id: string): string {
  return `[1,"${id}"]`;
}
