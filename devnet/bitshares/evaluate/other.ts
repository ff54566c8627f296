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
import { refuseAssetSettle, settleAsset } from "./asset-settle.ts";
import {
  publishFeed,
  refuseBitassetUpdate,
  refuseGlobalSettle,
  refuseProducers,
  refusePublishFeed,
  updateBitasset,
  updateProducers,
} from "./bitasset.ts";
import { refuseCallOrderUpdate, updateCallOrder } from "./call-order.ts";
import { bidCollateral, refuseBidCollateral } from "./collateral-bid.ts";
import { type Evaluation, nothing } from "./evaluation.ts";
import { settleGlobally } from "./global-settlement.ts";
import { createHtlc, extendHtlc, redeemHtlc, refuseHtlcCreate, refuseHtlcExtend, refuseHtlcRedeem } from "./htlc.ts";
import { refuseLimitOrderUpdate, updateLimitOrder } from "./limit-order-update.ts";
import {
  createProposal,
  deleteProposal,
  refuseProposalCreate,
  refuseProposalDelete,
  refuseProposalUpdate,
  updateProposal,
} from "./proposal.ts";
import {
  createVestingBalance,
  refuseVestingCreate,
  refuseVestingWithdraw,
  withdrawVesting,
} from "./vesting-balance.ts";

interface Evaluator {
  /** Whether what comes of it depends on the time of the head. */
  readonly isTimed?: true;
  readonly refuse?: (operation: OtherOperation, evaluation: Evaluation) => ChainFailure | null;
  /** `cause`: the position of the operation of the transaction, for what it brings about. */
  readonly apply: (operation: OtherOperation, evaluation: Evaluation, cause: number) => string | ChainFailure;
}

/** Operations beyond transfers and orders that change the state; the rest only pay their fee. */
const evaluators: Readonly<Record<number, Evaluator>> = {
  [operationTypes.accountCreate]: { isTimed: true, refuse: refuseAccountCreate, apply: createAccount },
  [operationTypes.accountUpdate]: { apply: updateAccount },
  [operationTypes.accountWhitelist]: { refuse: refuseWhitelist, apply: listAccount },
  [operationTypes.accountUpgrade]: { refuse: refuseUpgrade, apply: upgradeAccount },
  [operationTypes.assetCreate]: { isTimed: true, refuse: refuseAssetCreate, apply: createAsset },
  [operationTypes.assetUpdate]: { refuse: refuseAssetUpdate, apply: updateAsset },
  [operationTypes.assetIssue]: { refuse: refuseIssue, apply: issueAsset },
  [operationTypes.assetReserve]: { refuse: refuseReserve, apply: reserveAsset },
  [operationTypes.callOrderUpdate]: { refuse: refuseCallOrderUpdate, apply: updateCallOrder },
  [operationTypes.assetUpdateBitasset]: { isTimed: true, refuse: refuseBitassetUpdate, apply: updateBitasset },
  [operationTypes.assetUpdateFeedProducers]: { isTimed: true, refuse: refuseProducers, apply: updateProducers },
  [operationTypes.assetSettle]: { isTimed: true, refuse: refuseAssetSettle, apply: settleAsset },
  [operationTypes.assetGlobalSettle]: { refuse: refuseGlobalSettle, apply: settleGlobally },
  [operationTypes.assetPublishFeed]: { isTimed: true, refuse: refusePublishFeed, apply: publishFeed },
  [operationTypes.bidCollateral]: { refuse: refuseBidCollateral, apply: bidCollateral },
  [operationTypes.proposalCreate]: { isTimed: true, refuse: refuseProposalCreate, apply: createProposal },
  [operationTypes.proposalUpdate]: { isTimed: true, refuse: refuseProposalUpdate, apply: updateProposal },
  [operationTypes.proposalDelete]: { refuse: refuseProposalDelete, apply: deleteProposal },
  [operationTypes.vestingBalanceCreate]: { isTimed: true, refuse: refuseVestingCreate, apply: createVestingBalance },
  [operationTypes.vestingBalanceWithdraw]: { isTimed: true, refuse: refuseVestingWithdraw, apply: withdrawVesting },
  [operationTypes.htlcCreate]: { isTimed: true, refuse: refuseHtlcCreate, apply: createHtlc },
  [operationTypes.htlcRedeem]: { refuse: refuseHtlcRedeem, apply: redeemHtlc },
  [operationTypes.htlcExtend]: { isTimed: true, refuse: refuseHtlcExtend, apply: extendHtlc },
  [operationTypes.limitOrderUpdate]: { isTimed: true, refuse: refuseLimitOrderUpdate, apply: updateLimitOrder },
};

export function evaluateOther(operation: OtherOperation, evaluation: Evaluation): ChainFailure | null {
  return evaluators[operation.type]?.refuse?.(operation, evaluation) ?? null;
}

export function applyOther(operation: OtherOperation, evaluation: Evaluation, cause: number): string | ChainFailure {
  return evaluators[operation.type]?.apply(operation, evaluation, cause) ?? nothing;
}

export function isTimed(type: number): boolean {
  return evaluators[type]?.isTimed === true;
}
