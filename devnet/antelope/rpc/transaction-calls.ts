import { createHash } from "node:crypto";
import type { AntelopeVerdict } from "../antelope-network.ts";
import type { AppliedTransaction } from "../chain/applied-transaction.ts";
import { ChainFailure } from "../chain/failure.ts";
import { type Call, type Respond, type Route, toAnswer } from "./call.ts";
import {
  type HttpAnswer,
  invalidRequest,
  type NodeError,
  RequestRefused,
  toErrorAnswer,
  toFailedTransactionAnswer,
} from "./error-answer.ts";
import { packTransaction } from "./pack-transaction.ts";
import { type Fields, isFields, readBody, readFields, readFlag } from "./parameters.ts";
import { renderTrace, renderTraceAsTree } from "./render-trace.ts";

/** How a call wants its answer. */
interface Wish {
  readonly isTree: boolean;
  /** Whether a transaction that failed is answered with how far it got, instead of as an error. */
  readonly wantsFailureTrace: boolean;
}

const asList: Wish = { isTree: false, wantsFailureTrace: false };
const asTree: Wish = { isTree: true, wantsFailureTrace: false };

export const sendTransaction: Route = (body, call, respond) => {
  broadcast(() => readFields(body), asList, call, respond);
};

export const pushTransaction: Route = (body, call, respond) => {
  broadcast(() => readFields(body), asTree, call, respond);
};

export const sendTransaction2: Route = (body, call, respond) => {
  let wantsFailureTrace = true;
  const read = (): unknown => {
    const fields = readFields(body);
    wantsFailureTrace = readFlag(fields, "return_failure_trace", true);
    if (readFlag(fields, "retry_trx")) throw retryNotEnabled();
    return fields.transaction;
  };
  const given = readOrAnswer(read, respond);
  if (given !== null) broadcastGiven(given.value, { isTree: false, wantsFailureTrace }, call, respond);
};

/** Answers when the last of them has been tried; one that fails is told of in its place. */
export const pushTransactions: Route = (body, call, respond) => {
  const given = readOrAnswer(() => readTransactions(body), respond);
  if (given === null) return;
  const results: string[] = [];
  const pushNext = (): void => {
    const next = given.value[results.length];
    if (next === undefined) {
      respond({ status: 202, body: `[${results.join(",")}]` });
      return;
    }
    push(next, call, ({ applied, failure }) => {
      results.push(failure === null ? resultBody(applied, true) : failedResult(failure));
      pushNext();
    });
  };
  pushNext();
};

/** What a transaction would do, without doing it. */
export const computeTransaction: Route = (body, { node }, respond) => {
  const given = readOrAnswer(() => readFields(body).transaction, respond);
  if (given === null) return;
  const transaction = node.chain.prepare(toPacked(given.value));
  const applied = transaction instanceof ChainFailure ? transaction : node.chain.examine(transaction);
  if (applied instanceof ChainFailure) respond(failureAnswer(applied, asList));
  else respond({ status: 200, body: resultBody(applied, false) });
};

export function transactionId(body: string): string {
  const transaction = readFields(body);
  if (!Array.isArray(transaction.actions)) throw invalidTransaction("Transaction actions are missing or invalid");
  try {
    return `"${createHash("sha256").update(packTransaction(transaction)).digest("hex")}"`;
  } catch (error) {
    throw invalidTransaction(error instanceof Error ? error.message : String(error));
  }
}

function broadcast(read: () => unknown, wish: Wish, call: Call, respond: Respond): void {
  const given = readOrAnswer(read, respond);
  if (given !== null) broadcastGiven(given.value, wish, call, respond);
}

function broadcastGiven(given: unknown, wish: Wish, call: Call, respond: Respond): void {
  push(given, call, ({ applied, failure }) => {
    if (failure === null) respond({ status: 202, body: resultBody(applied, wish.isTree) });
    else respond(failureAnswer(failure, wish));
  });
}

function push(given: unknown, { node }: Call, answer: (verdict: AntelopeVerdict) => void): void {
  node.broadcast(toPacked(given), answer, () => undefined);
}

/** `null` when it has been answered already. */
function readOrAnswer<Value>(read: () => Value, respond: Respond): { readonly value: Value } | null {
  try {
    return { value: read() };
  } catch (error) {
    respond(toAnswer(error));
    return null;
  }
}

/** Transactions may come unpacked; what cannot be packed is left for the node to refuse. */
function toPacked(given: unknown): unknown {
  if (!isFields(given) || given.packed_trx !== undefined || !isFields(given.transaction)) return given;
  try {
    return { ...given, packed_trx: packTransaction(given.transaction).toString("hex") };
  } catch {
    return given;
  }
}

function readTransactions(body: string): readonly Fields[] {
  const given = readBody(body);
  if (!Array.isArray(given))
    throw invalidRequest([{ message: "Invalid cast to Array", file: "variant.cpp", line: 510, method: "get_array" }]);
  if (given.length > maximumTransactions) {
    const message = "Attempt to push too many transactions at once";
    const details = [{ message, file: "chain_plugin.cpp", line: 2150, method: "push_transactions" }];
    throw new RequestRefused({
      code: 3_040_012,
      name: "too_many_tx_at_once",
      what: "Pushing too many transactions at once",
      details,
    });
  }
  return given.filter(isFields);
}

const maximumTransactions = 1000;

function resultBody({ transaction: { id }, trace }: AppliedTransaction, isTree: boolean): string {
  const processed = isTree ? renderTraceAsTree(trace) : renderTrace(trace, null);
  return `{"transaction_id":"${id}","processed":${processed}}`;
}

function failureAnswer(failure: ChainFailure, { wantsFailureTrace }: Wish): HttpAnswer {
  const { trace } = failure;
  if (trace === null) return toErrorAnswer(toNodeError(failure));
  if (!wantsFailureTrace) return toFailedTransactionAnswer(toNodeError(failure));
  return { status: 202, body: `{"transaction_id":"${trace.id}","processed":${renderTrace(trace, failure)}}` };
}

function failedResult(failure: ChainFailure): string {
  const said = failure.frames.map(({ message }) => message).filter((message) => message !== "");
  const error = `${failure.code} ${failure.name}: ${failure.what}\n${said.join("\n")}`;
  return `{"transaction_id":"${noId}","processed":${JSON.stringify({ error })}}`;
}

const noId = "0".repeat(64);

function toNodeError({ code, name, what, frames }: ChainFailure): NodeError {
  return { code, name, what, details: frames };
}

function retryNotEnabled(): RequestRefused {
  const message = "Transaction retry not enabled on node. transaction-retry-max-storage-size-gb is 0";
  const details = [{ message, file: "chain_plugin.cpp", line: 2210, method: "send_transaction_gen" }];
  return new RequestRefused({
    code: 3_080_010,
    name: "unsupported_feature",
    what: "Feature is currently unsupported",
    details,
  });
}

function invalidTransaction(message: string): RequestRefused {
  return invalidRequest([
    { message: "Invalid transaction", file: "chain_api_plugin.cpp", line: 85, method: "parse_params" },
    { message, file: "chain_api_plugin.cpp", line: 78, method: "parse_params" },
  ]);
}
