import type { TemplateNode } from "../../workload/placeholders.ts";

/** What `resolve` finds out and `createPreparer` builds on: this chain's `ResolvedChain.data`. JSON-safe. */
export interface BitsharesData {
  readonly coreAsset: Asset;
  /** Every asset that the workload names, and the core asset. */
  readonly assets: readonly Asset[];
  /** By mix entry. */
  readonly entries: readonly EntryData[];
}

export interface Asset {
  readonly symbol: string;
  /** The last part of the asset's id, as in 1.3.x. */
  readonly instance: number;
  readonly precision: number;
}

/** Amounts are in smallest units. Fees are in the core asset. */
export type EntryData = TransferData | OrderCreateData | OrderCancelData | TemplateData;

export interface TransferData {
  readonly kind: "transfer";
  readonly fee: number;
  readonly asset: Asset;
  readonly minimum: number;
  readonly maximum: number;
}

export interface OrderCreateData {
  readonly kind: "limit_order_create";
  readonly fee: number;
  /** What the amount is in. */
  readonly base: Asset;
  readonly quote: Asset;
  readonly minimum: number;
  readonly maximum: number;
  /** Smallest units of the quote asset for one of the base asset. */
  readonly minimumPrice: number;
  readonly maximumPrice: number;
  readonly side: OrderSide;
  readonly expiresAfterSeconds: number;
  readonly fillOrKill: boolean;
}

/** Whether the base asset is sold, bought or either. */
export type OrderSide = "sell" | "buy" | "both";

export interface OrderCancelData {
  readonly kind: "limit_order_cancel";
  readonly fee: number;
  /** The last part of each order's id, as in 1.7.x, and beside it its owner's position among the accounts. */
  readonly orders: readonly number[];
  readonly owners: readonly number[];
}

export interface TemplateData {
  readonly kind: "template";
  readonly operation: string;
  readonly node: TemplateNode;
  readonly fee: number;
}
