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
}

export type Operation = Transfer | LimitOrderCreate | LimitOrderCancel | OtherOperation;

/** Operation types by number, as far as they are applied to the state. */
export const operationTypes = {
  transfer: 0,
  limitOrderCreate: 1,
  limitOrderCancel: 2,
  fillOrder: 4,
  accountCreate: 5,
  accountUpdate: 6,
  accountWhitelist: 7,
  accountUpgrade: 8,
  assetCreate: 10,
  assetUpdate: 11,
  assetIssue: 14,
  assetReserve: 15,
} as const;

export const operationCount = 78;
