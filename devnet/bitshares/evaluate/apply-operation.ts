import { assertion, ChainFailure, toFrame, unexpected } from "../chain/failure.ts";
import type { State } from "../chain/state.ts";
import type { Operation } from "../codec/operation.ts";
import type { Evaluation, OperationText } from "./evaluation.ts";
import { applyLimitOrderCancel, evaluateLimitOrderCancel } from "./limit-order-cancel.ts";
import { applyLimitOrderCreate, evaluateLimitOrderCreate } from "./limit-order-create.ts";
import { applyOther, evaluateOther } from "./other.ts";
import { payFee } from "./pay-fee.ts";
import { applyTransfer, evaluateTransfer } from "./transfer.ts";

/** Where an operation is carried out: upon which head, and how deep proposals may go. */
export type EvaluationPlace = Pick<Evaluation, "headSeconds" | "headNumber" | "nestingLeft">;

export function createEvaluation(state: State, place: EvaluationPlace): Evaluation {
  return { state, ...place, virtual: [], carryOut: tryOperation };
}

/** An operation that breaks an evaluator is refused, and what it did until then is taken back by the caller. */
export function tryOperation(
  operation: Operation,
  cause: number,
  evaluation: Evaluation,
  text: OperationText,
): string | ChainFailure {
  try {
    return applyOperation(operation, cause, evaluation, text);
  } catch (error) {
    return unexpected(error);
  }
}

function applyOperation(
  operation: Operation,
  cause: number,
  evaluation: Evaluation,
  text: OperationText,
): string | ChainFailure {
  const refusal = refuseFee(operation, evaluation) ?? evaluate(operation, evaluation, text);
  const result = refusal ?? applyAndPay(operation, cause, evaluation, text);
  if (typeof result === "string") return result;
  return result
    .capture("evaluator.cpp", 49, "start_evaluate")
    .capture("db_block.cpp", 797, "apply_operation", `{"op":${JSON.stringify(text())}}`);
}

function applyAndPay(
  operation: Operation,
  cause: number,
  evaluation: Evaluation,
  text: OperationText,
): string | ChainFailure {
  if (operation.kind !== "other") return payFee(operation, evaluation) ?? apply(operation, cause, evaluation, text);
  // As in a node: what an operation pays out can pay for it.
  const result = apply(operation, cause, evaluation, text);
  return typeof result === "string" ? (payFee(operation, evaluation) ?? result) : result;
}

/** Other assets could pay out of their fee pools, which are all empty here. */
function refuseFee({ fee, requiredFee }: Operation, { state }: Evaluation): ChainFailure | null {
  const source = { file: "evaluator.cpp", method: "prepare_fee" };
  const paid = fee.asset === 0 ? fee.amount : 0;
  if (fee.asset !== 0 && state.assets.get(fee.asset) === undefined) {
    return assertion({ ...source, line: 70 }, { format: "maybe_found != nullptr: Unable to find Object" });
  }
  if (fee.asset !== 0 && fee.amount > 0) {
    return assertion(
      { ...source, line: 76 },
      {
        format:
          "core_fee_paid <= fee_asset_dyn_data->fee_pool: Fee pool balance is less than what is required to convert the fee",
      },
    );
  }
  if (paid >= requiredFee) return null;
  const frame = toFrame(
    { file: "evaluator.hpp", line: 156, method: "evaluate" },
    { format: "Insufficient Fee Paid", data: JSON.stringify({ core_fee_paid: paid, required: requiredFee }) },
  );
  return new ChainFailure(4010007, "insufficient_fee", "insufficient fee", [frame]);
}

function evaluate(operation: Operation, evaluation: Evaluation, text: OperationText): ChainFailure | null {
  switch (operation.kind) {
    case "transfer":
      return withBody(evaluateTransfer(operation, evaluation), ["transfer_evaluator.cpp", 75, "op"], text);
    case "limit-order-create":
      return withBody(evaluateLimitOrderCreate(operation, evaluation), ["market_evaluator.cpp", 88, "op"], text);
    case "limit-order-cancel":
      return withBody(evaluateLimitOrderCancel(operation, evaluation), ["market_evaluator.cpp", 483, "o"], text);
    case "other":
      return evaluateOther(operation, evaluation);
  }
}

function withBody(
  failure: ChainFailure | null,
  [evaluator, line, name]: readonly [string, number, string],
  text: OperationText,
): ChainFailure | null {
  if (failure === null) return null;
  return failure.capture(evaluator, line, "do_evaluate", JSON.stringify({ [name]: text()[1] }));
}

function apply(
  operation: Operation,
  cause: number,
  evaluation: Evaluation,
  text: OperationText,
): string | ChainFailure {
  switch (operation.kind) {
    case "transfer":
      return applyTransfer(operation, evaluation);
    case "limit-order-create":
      return applyLimitOrderCreate(operation, evaluation, cause, () => JSON.stringify(text()[1]));
    case "limit-order-cancel":
      return applyLimitOrderCancel(operation, evaluation);
    case "other":
      return applyOther(operation, evaluation, cause);
  }
}
