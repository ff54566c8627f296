import { checkAuthority } from "../chain/authority.ts";
import { assertion, ChainFailure, toFrame, unexpected } from "../chain/failure.ts";
import type { State } from "../chain/state.ts";
import { toTimeText } from "../codec/json.ts";
import type { Operation } from "../codec/operation.ts";
import type { SignedTransaction } from "../codec/signed-transaction.ts";
import { type Evaluation, nothing, type VirtualOperation } from "./evaluation.ts";
import { applyLimitOrderCancel, evaluateLimitOrderCancel } from "./limit-order-cancel.ts";
import { applyLimitOrderCreate, evaluateLimitOrderCreate } from "./limit-order-create.ts";
import { applyOther, evaluateOther } from "./other.ts";
import { payFee } from "./pay-fee.ts";
import { applyTransfer, evaluateTransfer } from "./transfer.ts";

const file = "db_block.cpp";

export interface AppliedTransaction {
  readonly transaction: SignedTransaction;
  /** JSON of each operation's result. */
  readonly results: readonly string[];
  readonly virtual: readonly VirtualOperation[] | null;
}

/** What a transaction is checked against besides the state itself. */
export interface ChainView {
  readonly state: State;
  readonly headNumber: number;
  readonly headSeconds: number;
  readonly maximumTransactionBytes: number;
  readonly maximumLifetimeSeconds: number;
  /** Whether the transaction is pending or in a block of this chain already. */
  isKnown(transaction: SignedTransaction): boolean;
  /** Bytes four to eight of the id of the latest block whose number ends in these 16 bits. */
  blockPrefix(refBlockNumber: number): number;
}

const oneNothing: readonly string[] = [nothing];

/** Applies all or nothing. `trusted` leaves out what every block's transactions have been through before. */
export function applyTransaction(
  transaction: SignedTransaction,
  view: ChainView,
  { trusted }: { readonly trusted: boolean },
): AppliedTransaction | ChainFailure {
  if (!trusted) {
    const refusal = checkAdmission(transaction, view);
    if (refusal !== null) return captured(refusal, transaction);
  }
  const mark = view.state.journal.length;
  const { operations } = transaction;
  const evaluation: Evaluation = {
    state: view.state,
    headSeconds: view.headSeconds,
    headNumber: view.headNumber,
    virtual: [],
  };
  const results: string[] = [];
  for (let index = 0; index < operations.length; index += 1) {
    const result = tryOperation(operations[index]!, index, evaluation, transaction);
    if (typeof result !== "string") {
      view.state.journal.rollBack(mark);
      return captured(result, transaction);
    }
    results.push(result);
  }
  return {
    transaction,
    results: results.length === 1 && results[0] === nothing ? oneNothing : results,
    virtual: evaluation.virtual.length === 0 ? null : evaluation.virtual,
  };
}

/** An operation that breaks an evaluator is refused, and what it did until then is taken back. */
function tryOperation(
  operation: Operation,
  index: number,
  evaluation: Evaluation,
  transaction: SignedTransaction,
): string | ChainFailure {
  try {
    return applyOperation(operation, index, evaluation, transaction);
  } catch (error) {
    return unexpected(error);
  }
}

function captured(failure: ChainFailure, { json }: SignedTransaction): ChainFailure {
  return failure.capture(file, 782, "_apply_transaction", `{"trx":${json}}}`);
}

function checkAdmission(transaction: SignedTransaction, view: ChainView): ChainFailure | null {
  const method = "_apply_transaction";
  if (view.isKnown(transaction)) return duplicate(transaction.id);
  const missing = checkAuthority(transaction, view.state);
  if (missing !== null) return missing;
  if (transaction.packedBytes > view.maximumTransactionBytes) {
    return assertion(
      { file, line: 727, method },
      {
        format:
          "trx.get_packed_size() <= chain_parameters.maximum_transaction_size: Transaction exceeds maximum transaction size.",
      },
    );
  }
  if (view.headNumber === 0) return null;
  if (transaction.refBlockPrefix !== view.blockPrefix(transaction.refBlockNumber)) {
    return assertion(
      { file, line: 740, method },
      { format: "trx.ref_block_prefix == tapos_block_summary.block_id._hash[1].value(): " },
    );
  }
  const now = view.headSeconds;
  if (transaction.expirationSeconds > now + view.maximumLifetimeSeconds) {
    return assertion(
      { file, line: 745, method },
      {
        format: "trx.expiration <= now + chain_parameters.maximum_time_until_expiration: ",
        data: JSON.stringify({
          "trx.expiration": toTimeText(transaction.expirationSeconds),
          now: toTimeText(now),
          max_til_exp: view.maximumLifetimeSeconds,
        }),
      },
    );
  }
  if (now > transaction.expirationSeconds) {
    return assertion(
      { file, line: 747, method },
      {
        format: "now <= trx.expiration: ",
        data: JSON.stringify({ now: toTimeText(now), "trx.exp": toTimeText(transaction.expirationSeconds) }),
      },
    );
  }
  return null;
}

function duplicate(txid: string): ChainFailure {
  const frame = toFrame(
    { file, line: 708, method: "_apply_transaction" },
    {
      format: "Transaction '{txid}' is already in the database",
      text: `Transaction '${txid}' is already in the database`,
      data: JSON.stringify({ txid }),
    },
  );
  return new ChainFailure(3030001, "duplicate_transaction", "duplicate transaction", [frame]);
}

function applyOperation(
  operation: Operation,
  index: number,
  evaluation: Evaluation,
  transaction: SignedTransaction,
): string | ChainFailure {
  const refusal = refuseFee(operation, evaluation) ?? evaluate(operation, index, evaluation, transaction);
  const result = refusal ?? payFee(operation, evaluation) ?? apply(operation, index, evaluation, transaction);
  if (typeof result === "string") return result;
  return result
    .capture("evaluator.cpp", 49, "start_evaluate")
    .capture(file, 797, "apply_operation", `{"op":${JSON.stringify(operationOf(transaction, index))}}`);
}

function refuseFee({ fee, requiredFee }: Operation, { state }: Evaluation): ChainFailure | null {
  // Only the core asset has a pool to pay fees from here: another asset counts as nothing paid.
  const paid = fee.asset === 0 ? fee.amount : 0;
  if (fee.asset !== 0 && state.assets.get(fee.asset) === undefined) {
    return assertion(
      { file: "evaluator.cpp", line: 70, method: "prepare_fee" },
      { format: "maybe_found != nullptr: Unable to find Object" },
    );
  }
  if (paid >= requiredFee) return null;
  const frame = toFrame(
    { file: "evaluator.hpp", line: 156, method: "evaluate" },
    { format: "Insufficient Fee Paid", data: JSON.stringify({ core_fee_paid: paid, required: requiredFee }) },
  );
  return new ChainFailure(4010007, "insufficient_fee", "insufficient fee", [frame]);
}

function evaluate(
  operation: Operation,
  index: number,
  evaluation: Evaluation,
  transaction: SignedTransaction,
): ChainFailure | null {
  switch (operation.kind) {
    case "transfer":
      return withBody(
        evaluateTransfer(operation, evaluation),
        ["transfer_evaluator.cpp", 75, "op"],
        transaction,
        index,
      );
    case "limit-order-create":
      return withBody(
        evaluateLimitOrderCreate(operation, evaluation),
        ["market_evaluator.cpp", 88, "op"],
        transaction,
        index,
      );
    case "limit-order-cancel":
      return withBody(
        evaluateLimitOrderCancel(operation, evaluation),
        ["market_evaluator.cpp", 483, "o"],
        transaction,
        index,
      );
    case "other":
      return evaluateOther(operation, evaluation);
  }
}

function withBody(
  failure: ChainFailure | null,
  [evaluator, line, name]: readonly [string, number, string],
  transaction: SignedTransaction,
  index: number,
): ChainFailure | null {
  if (failure === null) return null;
  return failure.capture(
    evaluator,
    line,
    "do_evaluate",
    JSON.stringify({ [name]: operationOf(transaction, index)[1] }),
  );
}

function apply(
  operation: Operation,
  index: number,
  evaluation: Evaluation,
  transaction: SignedTransaction,
): string | ChainFailure {
  switch (operation.kind) {
    case "transfer":
      return applyTransfer(operation, evaluation);
    case "limit-order-create":
      return applyLimitOrderCreate(operation, evaluation, index, () =>
        JSON.stringify(operationOf(transaction, index)[1]),
      );
    case "limit-order-cancel":
      return applyLimitOrderCancel(operation, evaluation);
    case "other":
      return applyOther(operation, evaluation);
  }
}

/** Only refusals echo operations, so their JSON is read again instead of being kept. */
function operationOf({ json }: SignedTransaction, index: number): readonly [number, unknown] {
  return (JSON.parse(`${json}}`) as { readonly operations: readonly (readonly [number, unknown])[] }).operations[
    index
  ]!;
}
