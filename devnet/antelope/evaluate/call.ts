import type { ChainParameters } from "../chain/chain-parameters.ts";
import { type ChainFailure, fail, kinds } from "../chain/failure.ts";
import type { State } from "../chain/state.ts";
import { type PackedReader, RangeExceeded } from "../codec/packed-reader.ts";
import type { Action } from "../codec/transaction.ts";

/** One action as its contract sees it while it runs. */
export interface Call {
  readonly state: State;
  readonly parameters: ChainParameters;
  readonly action: Action;
  /** Of the block that the transaction would be part of, in milliseconds since 1970. */
  readTime(): number;
  readonly data: PackedReader;
  /** Others that are told of the action, in this order. */
  notify(account: string): void;
  /** Bills RAM, or gives it back when negative. */
  addRam(account: string, bytes: number): void;
  /** CPU time that the action takes, instead of what every other one does. */
  burn(micros: number): void;
}

/** What an action does; null when it went well. The state is taken back by whoever called when it did not. */
export type Handler = (call: Call) => ChainFailure | null;

const assertSource = { file: "cf_system.cpp", line: 14, method: "eosio_assert" };

/** `eosio_assert`: what contracts stop with. */
export function assertion(message: string): ChainFailure {
  return fail(kinds.assertion, assertSource, "assertion failure with message: {s}", { s: message });
}

export function requireAuthority({ action }: Call, account: string): ChainFailure | null {
  if (action.authorization.some(({ actor }) => actor === account)) return null;
  return fail(
    kinds.missingAuthority,
    { file: "apply_context.cpp", line: 244, method: "require_authorization" },
    "missing authority of {account}",
    { account },
  );
}

/** Contracts read all of an action's data before they do anything. */
export function readData<Data>({ data }: Call, read: (reader: PackedReader) => Data): Data | ChainFailure {
  try {
    return read(data);
  } catch (error) {
    if (error instanceof RangeExceeded) return assertion("datastream attempted to read past the end");
    throw error;
  }
}
