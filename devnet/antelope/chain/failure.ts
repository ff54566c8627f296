import { Refusal } from "../../network/refusal.ts";
import type { FailureDescription, FailureFrame, FrameValue } from "./failure-description.ts";
import type { TransactionTrace } from "./trace.ts";

/** Code, name and `what` of an exception. */
export type FailureKind = readonly [code: number, name: string, what: string];

export interface FailureSource {
  readonly file: string;
  readonly line: number;
  readonly method: string;
}

/** Why a node refuses something. Outcomes are values here: only defects are thrown. */
export class ChainFailure extends Refusal implements FailureDescription {
  readonly code: number;
  readonly name: string;
  readonly what: string;
  readonly frames: FailureFrame[];
  /**
   * What had been done until then. `null` for what never got as far as being tried (expired, duplicate, undecodable,
   * unrecoverable): an error, whichever call it came with.
   */
  trace: TransactionTrace | null = null;

  constructor([code, name, what]: FailureKind, frames: FailureFrame[]) {
    super();
    this.code = code;
    this.name = name;
    this.what = what;
    this.frames = frames;
  }

  /** Adds what a catch-and-rethrow further up the node's call stack adds. */
  capture(source: FailureSource, format = "", data: FailureFrame["data"] = {}): this {
    this.frames.push(toFrame("warn", source, format, data));
    return this;
  }
}

/** Parameters stand in the format in plain braces. */
export function fail(
  kind: FailureKind,
  source: FailureSource,
  format: string,
  data: FailureFrame["data"] = {},
): ChainFailure {
  return new ChainFailure(kind, [toFrame("error", source, format, data)]);
}

function toFrame(
  level: FailureFrame["level"],
  source: FailureSource,
  format: string,
  data: FailureFrame["data"],
): FailureFrame {
  return {
    level,
    ...source,
    format: format.replaceAll(/\{(?=\w)/g, "$${"),
    data,
    message: format.replaceAll(/\{([\w.]+)\}/g, (_, name: string) => toText(data[name])),
  };
}

function toText(value: FrameValue | undefined): string {
  if (value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

export const kinds = {
  unspecified: [0, "exception", "unspecified"],
  packedTransaction: [3_010_010, "packed_transaction_type_exception", "Invalid packed transaction"],
  transaction: [3_040_000, "transaction_exception", "Transaction exception"],
  noAction: [3_040_002, "tx_no_action", "Transaction should have at least one normal action"],
  noAuthorization: [3_040_003, "tx_no_auths", "Transaction should have at least one required authority"],
  expired: [3_040_005, "expired_tx_exception", "Expired Transaction"],
  expirationTooFar: [3_040_006, "tx_exp_too_far_exception", "Transaction Expiration Too Far"],
  referenceBlock: [3_040_007, "invalid_ref_block_exception", "Invalid Reference Block"],
  duplicate: [3_040_008, "tx_duplicate", "Duplicate transaction"],
  actionInvalid: [3_050_000, "action_validate_exception", "Action exception"],
  accountExists: [3_050_001, "account_name_exists_exception", "Account name already exists"],
  assertion: [3_050_003, "eosio_assert_message_exception", "eosio_assert_message assertion failure"],
  ramExceeded: [3_080_001, "ram_usage_exceeded", "Account using more than allotted RAM usage"],
  netExceeded: [
    3_080_002,
    "tx_net_usage_exceeded",
    "Transaction exceeded the current network usage limit imposed on the transaction",
  ],
  cpuExceeded: [
    3_080_004,
    "tx_cpu_usage_exceeded",
    "Transaction exceeded the current CPU usage limit imposed on the transaction",
  ],
  duplicateSignature: [3_090_001, "tx_duplicate_sig", "Duplicate signature included"],
  irrelevantSignature: [3_090_002, "tx_irrelevant_sig", "Irrelevant signature included"],
  unsatisfied: [
    3_090_003,
    "unsatisfied_authorization",
    "Provided keys, permissions, and delays do not satisfy declared authorizations",
  ],
  missingAuthority: [3_090_004, "missing_auth_exception", "Missing required authority"],
  irrelevantAuthority: [3_090_005, "irrelevant_auth_exception", "Irrelevant authority included"],
} as const satisfies Record<string, FailureKind>;

/** What nodes make of an error that nobody expected. */
export function unexpected(error: unknown): ChainFailure {
  const what = error instanceof Error ? error.message : String(error);
  return fail(kinds.unspecified, { file: "chain_plugin.cpp", line: 2201, method: "send_transaction_gen" }, "{what}", {
    what,
  });
}
