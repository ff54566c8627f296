import type { JsonObject } from "./json.ts";
import type { Amount } from "./read-value.ts";

interface OperationCommon {
  readonly type: number;
  readonly fee: Amount;
  /** Instance of the account that pays the fee. */
  readonly payer: number;
  /** What the fee schedule asks, in the core asset. */
  readonly requiredFee: number;
  readonly requiredActive: readonly number[];
  readonly requiredOwner: readonly number[];
}

export interface Transfer extends OperationCommon {
  readonly kind: "transfer";
  readonly from: number;
  readonly to: number;
  readonly amount: Amount;
}

export interface LimitOrderCreate extends OperationCommon {
  readonly kind: "limit-order-create";
  readonly sell: Amount;
  readonly receive: Amount;
  readonly expirationSeconds: number;
  readonly fillOrKill: boolean;
}

export interface LimitOrderCancel extends OperationCommon {
  readonly kind: "limit-order-cancel";
  readonly order: number;
}

export interface OtherOperation extends OperationCommon {
  readonly kind: "other";
  readonly body: JsonObject;
  /** Public keys that must sign besides the accounts'. */
  readonly requiredKeys: readonly string[];
  /** Operations that a proposal holds. */
  readonly proposed: readonly Operation[];
}

/** An operation together with how the node renders it: integers beyond 32 bits as strings, defaults filled in. */
export interface CompiledOperation {
  readonly operation: Operation;
  readonly json: string;
}

export type Operation = Transfer | LimitOrderCreate | LimitOrderCancel | OtherOperation;

/** Operation types by number, as far as they are applied to the state. */
export const operationTypes = {
  transfer: 0,
  limitOrderCreate: 1,
  limitOrderCancel: 2,
  callOrderUpdate: 3,
  fillOrder: 4,
  accountCreate: 5,
  accountUpdate: 6,
  accountWhitelist: 7,
  accountUpgrade: 8,
  assetCreate: 10,
  assetUpdate: 11,
  assetUpdateBitasset: 12,
  assetUpdateFeedProducers: 13,
  assetIssue: 14,
  assetReserve: 15,
  assetSettle: 17,
  assetGlobalSettle: 18,
  assetPublishFeed: 19,
  proposalCreate: 22,
  proposalUpdate: 23,
  proposalDelete: 24,
  vestingBalanceCreate: 32,
  vestingBalanceWithdraw: 33,
  bidCollateral: 45,
  executeBid: 46,
  htlcCreate: 49,
  htlcRedeem: 50,
  htlcRedeemed: 51,
  htlcExtend: 52,
  htlcRefund: 53,
  limitOrderUpdate: 77,
} as const;

export const operationCount = 78;
