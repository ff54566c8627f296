import type { Reason } from "../outcome.ts";

/** What of a node's failure decides its class. */
interface FailureView {
  readonly status: number;
  readonly code: number;
  /** nodeos's name of the exception, such as `tx_duplicate`. */
  readonly name: string;
  /** What is said about it, the most specific first. */
  readonly messages: readonly string[];
}

interface Row {
  readonly when: (failure: FailureView) => boolean;
  readonly reason: Reason;
}

const byCode = (code: number, reason: Reason): Row => ({ when: (failure) => failure.code === code, reason });
const between = (low: number, high: number, reason: Reason): Row => ({
  when: (failure) => failure.code >= low && failure.code <= high,
  reason,
});
const byStatus = (status: number, reason: Reason): Row => ({ when: (failure) => failure.status === status, reason });
const byMessage = (text: string, reason: Reason): Row => ({
  when: (failure) => failure.messages.some((message) => message.includes(text)),
  reason,
});
const byCodeAndMessage = (code: number, text: string, reason: Reason): Row => ({
  when: (failure) => failure.code === code && failure.messages.some((message) => message.includes(text)),
  reason,
});

const assertion = 3_050_003;

/**
 * The first row that matches decides. Codes come first because they are stable, and because nodes without
 * `verbose-http-errors` leave out the messages. Numbers as in libraries/chain/include/eosio/chain/exceptions.hpp.
 */
const rows: readonly Row[] = [
  // A contract's own words: eosio.contracts, contracts/eosio.token/src/eosio.token.cpp
  byCodeAndMessage(assertion, "overdrawn balance", "insufficient-balance"),
  byCodeAndMessage(assertion, "no balance object found", "insufficient-balance"),
  byCodeAndMessage(assertion, "to account does not exist", "unknown-object"),
  byCodeAndMessage(assertion, "unable to find key", "unknown-object"),
  byCodeAndMessage(assertion, "token with symbol does not exist", "unknown-object"),
  between(3_050_003, 3_050_004, "contract-assertion"),

  // Transactions.
  between(3_040_001, 3_040_003, "malformed"),
  byCode(3_040_005, "expired"),
  byCode(3_040_006, "expiration-too-far"),
  byCode(3_040_007, "tapos"),
  between(3_040_008, 3_040_009, "duplicate"),
  byCode(3_040_012, "node-overloaded"),
  byCode(3_040_013, "too-large"),
  between(3_040_014, 3_040_017, "malformed"),
  byCode(3_040_018, "resources-exhausted"),
  // Missing accounts and permissions have only the number of all transactions' errors.
  byCodeAndMessage(3_040_000, "does not exist", "unknown-object"),
  byCodeAndMessage(3_040_000, "non-existent permission", "unknown-object"),
  between(3_040_000, 3_049_999, "invalid-operation"),
  // Authorizations.
  byCode(3_090_001, "bad-signature"),
  byCode(3_090_002, "irrelevant-signature"),
  between(3_090_003, 3_090_004, "missing-authority"),
  between(3_090_005, 3_099_999, "not-permitted"),
  // Resources. What is left of a block, and time itself, are not the account's but the node's.
  byCode(3_080_003, "node-overloaded"),
  between(3_080_005, 3_080_006, "node-overloaded"),
  between(3_080_000, 3_089_999, "resources-exhausted"),
  between(3_210_000, 3_219_999, "resources-exhausted"),
  // What cannot be decoded.
  byCode(3_010_016, "bad-signature"),
  between(3_010_000, 3_019_999, "malformed"),
  byCode(3_200_006, "malformed"),
  // Actions, the database, contracts as programs.
  byCode(3_050_007, "not-permitted"),
  byCode(3_050_010, "not-permitted"),
  between(3_050_000, 3_059_999, "invalid-operation"),
  byCode(3_060_002, "unknown-object"),
  byCode(3_060_101, "node-overloaded"),
  between(3_060_000, 3_079_999, "invalid-operation"),
  byCode(3_100_006, "node-overloaded"),
  byCode(3_100_011, "bad-signature"),
  // Black lists and white lists of the node's operator.
  between(3_130_000, 3_139_999, "not-permitted"),
  // libraries/libfc/src/crypto/elliptic_*.cpp: errors without a number.
  byMessage("unable to reconstruct public key from signature", "bad-signature"),
  byMessage("signature is not canonical", "bad-signature"),

  // plugins/http_plugin: too many bytes or requests in flight; also what proxies in front of nodes say.
  byStatus(429, "node-overloaded"),
  byStatus(502, "node-overloaded"),
  byStatus(503, "node-overloaded"),
  byStatus(504, "node-overloaded"),
  byStatus(409, "duplicate"),
  byStatus(404, "unsupported"),
  byStatus(413, "too-large"),
  byStatus(400, "malformed"),
  byStatus(401, "not-permitted"),
  byStatus(403, "not-permitted"),
];

/** What came of one broadcast. `message` is null where it was accepted. */
export interface AnswerClass {
  readonly reason: Reason;
  readonly message: string | null;
}

const accepted: AnswerClass = { reason: "none", message: null };
const unreadable: AnswerClass = { reason: "answer-unreadable", message: null };
const longestMessage = 500;

/** How the trace of a transaction without failure ends. */
const acceptedTail = Buffer.from('"except":null,"error_code":null}}', "latin1");
const acceptedStatus = 202;

/**
 * `status` alone says nothing: `send_transaction2` answers 202 also for a transaction that failed, with the exception in
 * its trace. Traces have kilobytes, so that of a good one is told by its end and not parsed.
 */
export function classifyAnswer(status: number, body: Buffer): AnswerClass {
  if (status === acceptedStatus && endsWith(body, acceptedTail)) return accepted;
  let answer: unknown;
  try {
    answer = JSON.parse(body.toString());
  } catch {
    // A proxy's page; the status says enough, unless it is that of an acceptance.
    return isSuccess(status) ? unreadable : classOf({ status, code: 0, name: "", messages: [`status ${status}`] });
  }
  if (isSuccess(status)) return classifyTrace(status, answer);
  const { error } = fieldsOf(answer);
  const view = viewOf(status, error);
  return classOf(view.messages.length > 0 ? view : { ...view, messages: [`status ${status}`] });
}

function classifyTrace(status: number, answer: unknown): AnswerClass {
  const { transaction_id, processed } = fieldsOf(answer);
  if (typeof transaction_id !== "string") return unreadable;
  const { except } = fieldsOf(processed);
  if (except === null || except === undefined) return accepted;
  return classOf(viewOf(status, except));
}

function classOf(view: FailureView): AnswerClass {
  const reason = rows.find((row) => row.when(view))?.reason ?? "other";
  return { reason, message: (view.messages[0] ?? view.name).slice(0, longestMessage) };
}

/** Of `error` with `what` and `details`, or of an exception in a trace with `message` and `stack`. */
function viewOf(status: number, failure: unknown): FailureView {
  const { code, name, what, message, details, stack } = fieldsOf(failure);
  const texts = [...listOf(details).map(({ message }) => message), ...listOf(stack).map(filledIn), what, message];
  return {
    status,
    code: Number.isFinite(Number(code)) ? Number(code) : 0,
    name: typeof name === "string" ? name : "",
    messages: texts.filter((text): text is string => typeof text === "string" && text !== "").slice(0, 6),
  };
}

/** Traces keep the text and its values apart. */
function filledIn({ format, data }: Fields): unknown {
  if (typeof format !== "string") return undefined;
  const values = fieldsOf(data);
  return format.replace(/\$\{([^}]+)\}/g, (whole, key: string) => {
    const value = values[key];
    if (value === undefined) return whole;
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  });
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299;
}

function endsWith(body: Buffer, tail: Buffer): boolean {
  const from = body.length - tail.length;
  return from >= 0 && body.compare(tail, 0, tail.length, from) === 0;
}
