import type { ChainFailure } from "../chain/failure.ts";
import { type OtherOperation, operationTypes } from "../codec/operation.ts";
import {
  createAccount,
  listAccount,
  refuseAccountCreate,
  refuseUpgrade,
  refuseWhitelist,
  updateAccount,
  upgradeAccount,
} from "./account.ts";
import {
  createAsset,
  issueAsset,
  refuseAssetCreate,
  refuseAssetUpdate,
  refuseIssue,
  refuseReserve,
  reserveAsset,
  updateAsset,
} from "./asset.ts";
import { type Evaluation, nothing } from "./evaluation.ts";

interface Evaluator {
  readonly refuse?: (operation: OtherOperation, evaluation: Evaluation) => ChainFailure | null;
  readonly apply: (operation: OtherOperation, evaluation: Evaluation) => string;
}

/** Operations beyond transfers and orders that change the state; the rest only pay their fee. */
const evaluators: Readonly<Record<number, Evaluator>> = {
  [operationTypes.accountCreate]: { refuse: refuseAccountCreate, apply: createAccount },
  [operationTypes.accountUpdate]: { apply: updateAccount },
  [operationTypes.accountWhitelist]: { refuse: refuseWhitelist, apply: listAccount },
  [operationTypes.accountUpgrade]: { refuse: refuseUpgrade, apply: upgradeAccount },
  [operationTypes.assetCreate]: { refuse: refuseAssetCreate, apply: createAsset },
  [operationTypes.assetUpdate]: { refuse: refuseAssetUpdate, apply: updateAsset },
  [operationTypes.assetIssue]: { refuse: refuseIssue, apply: issueAsset },
  [operationTypes.assetReserve]: { refuse: refuseReserve, apply: reserveAsset },
};

export function evaluateOther(operation: OtherOperation, evaluation: Evaluation): ChainFailure | null {
  return evaluators[operation.type]?.refuse?.(operation, evaluation) ?? null;
}

export function applyOther(operation: OtherOperation, evaluation: Evaluation): string {
  return evaluators[operation.type]?.apply(operation, evaluation) ?? nothing;
}
