import type { ChainFailure } from "../chain/failure.ts";
import type { OtherOperation } from "../codec/operation.ts";
import { type Evaluation, nothing } from "./evaluation.ts";

export function evaluateOther(_operation: OtherOperation, _evaluation: Evaluation): ChainFailure | null {
  return null;
}

export function applyOther(_operation: OtherOperation, _evaluation: Evaluation): string | ChainFailure {
  return nothing;
}
