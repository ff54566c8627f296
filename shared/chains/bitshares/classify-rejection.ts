import type { Reason } from "../outcome.ts";

/** What of a node's error decides its class. */
interface NodeErrorView {
  readonly code: number;
  /** fc's name of the exception, such as `assert_exception`. */
  readonly name: string;
  /** Texts of the stack's first entries: the assertion itself as written in the node's source. */
  readonly formats: readonly string[];
  /** Function that threw. */
  readonly method: string;
}

interface Row {
  readonly when: (error: NodeErrorView) => boolean;
  readonly reason: Reason;
}

const byCode = (code: number, reason: Reason): Row => ({ when: (error) => error.code === code, reason });
const between = (low: number, high: number, reason: Reason): Row => ({
  when: (error) => error.code >= low && error.code <= high,
  reason,
});
const byFormat = (text: string, reason: Reason): Row => ({
  when: (error) => error.formats.some((format) => format.includes(text)),
  reason,
});
const byName = (name: string, reason: Reason): Row => ({ when: (error) => error.name === name, reason });

/**
 * The first row that matches decides. Codes come first because they are stable; most failures however are plain
 * assertions (code 10) and are told apart by their text. Each row says where in bitshares-core the node says it.
 */
const rows: readonly Row[] = [
  // libraries/chain/include/graphene/chain/exceptions.hpp
  byCode(3030001, "duplicate"),
  byCode(3050101, "order-not-filled"),
  between(3050102, 3050105, "not-permitted"),
  byCode(3050106, "insufficient-balance"),
  byCode(3050201, "order-gone"),
  byCode(3050202, "not-permitted"),
  byCode(3057701, "order-gone"),
  byCode(3057702, "not-permitted"),
  between(3050001, 3050003, "not-permitted"),
  byCode(3053801, "not-permitted"),
  // libraries/protocol/include/graphene/protocol/exceptions.hpp
  between(4010001, 4010003, "missing-authority"),
  between(4010004, 4010005, "irrelevant-signature"),
  byCode(4010006, "not-permitted"),
  byCode(4010007, "insufficient-fee"),
  // JSON-RPC: libraries/fc/include/fc/rpc/api_connection.hpp, websocket_api.cpp
  byCode(-32601, "unsupported"),
  byCode(-32600, "malformed"),
  byCode(-32700, "malformed"),

  // libraries/chain/db_block.cpp, _apply_transaction and push_transaction
  byFormat("now <= trx.expiration", "expired"),
  byFormat("trx.expiration <= now + chain_parameters.maximum_time_until_expiration", "expiration-too-far"),
  byFormat("trx.ref_block_prefix == tapos_block_summary", "tapos"),
  byFormat("Transaction exceeds maximum transaction size", "too-large"),
  // libraries/fc/src/crypto/elliptic_*.cpp
  byFormat("signature is not canonical", "bad-signature"),
  byFormat("unable to reconstruct public key from signature", "bad-signature"),
  // libraries/chain/transfer_evaluator.cpp and db_balance.cpp
  byFormat("insufficient_balance", "insufficient-balance"),
  byFormat("Insufficient Balance", "insufficient-balance"),
  // libraries/chain/evaluator.cpp, prepare_fee
  byFormat("fee_from_account.amount", "insufficient-fee"),
  // libraries/db/include/graphene/db/index.hpp
  byFormat("Unable to find Object", "unknown-object"),
  // libraries/chain/market_evaluator.cpp
  byFormat("op.expiration >= d.head_block_time()", "order-expired"),
  // libraries/fc/include/fc/static_variant.hpp
  byFormat("Unable to set tag", "unsupported"),
  // libraries/protocol/transaction.cpp
  byFormat("A transaction must have at least one operation", "malformed"),
  // libraries/app/api.cpp
  byFormat("Access denied", "not-permitted"),
  // libraries/chain/account_evaluator.cpp
  byFormat("is_lifetime_member", "not-permitted"),
  byFormat("not authorized", "not-permitted"),
  byFormat("too few arguments passed to method", "malformed"),
  // libraries/fc/include/fc/exception/exception.hpp
  byName("parse_error_exception", "malformed"),
  byName("bad_cast_exception", "malformed"),
  byName("invalid_arg_exception", "malformed"),
  byName("key_not_found_exception", "malformed"),
  byName("out_of_range_exception", "malformed"),
  byName("eof_exception", "malformed"),
  byName("timeout_exception", "node-overloaded"),

  // Whatever an operation's own validation or evaluation refuses besides
  between(3040000, 3059999, "invalid-operation"),
  {
    when: (error) => error.name === "assert_exception" && operationMethods.has(error.method),
    reason: "invalid-operation",
  },
];

/** Functions of operations and evaluators, libraries/protocol and libraries/chain/*_evaluator.cpp. */
const operationMethods: ReadonlySet<string> = new Set(["validate", "do_evaluate", "do_apply", "evaluate", "apply"]);

export function classifyRejection(error: unknown): Reason {
  const view = viewOf(error);
  return rows.find((row) => row.when(view))?.reason ?? "other";
}

/** The node's text without the echo of the transaction that may follow it. */
export function rejectionMessage(error: unknown): string {
  const message = (error as { message?: unknown } | null)?.message;
  return typeof message === "string" ? (message.split("\n")[0] as string).slice(0, 500) : "";
}

interface StackEntry {
  readonly format?: unknown;
  readonly context?: { readonly method?: unknown };
}

function viewOf(error: unknown): NodeErrorView {
  const { code, message, data } = (error ?? {}) as { code?: unknown; message?: unknown; data?: unknown };
  const detail = (data ?? {}) as { code?: unknown; name?: unknown; stack?: unknown };
  const stack = Array.isArray(detail.stack) ? (detail.stack as (StackEntry | null)[]) : [];
  const formats = stack.map((entry) => entry?.format).filter((format): format is string => typeof format === "string");
  // Proxies in front of nodes may leave out `data`; the message has the same text with its values filled in.
  if (formats.length === 0 && typeof message === "string") formats.push(message);
  return {
    code: typeof code === "number" ? code : Number.NaN,
    name: typeof detail.name === "string" ? detail.name : "",
    formats: formats.slice(0, 6),
    method: typeof stack[0]?.context?.method === "string" ? stack[0].context.method : "",
  };
}
