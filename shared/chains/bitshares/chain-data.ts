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
export type EntryData =
  | TransferData
  | OrderCreateData
  | OrderCancelData
  | AccountUpgradeData
  | HtlcCreateData
  | CallOrderData
  | PublishFeedData
  | PooledData
  | TemplateData;

/** How many objects an entry can use up; null where it needs none. */
export function poolOf(entry: EntryData): number | null {
  switch (entry.kind) {
    case "account_upgrade":
      return entry.basic.length;
    case "limit_order_cancel":
      return entry.orders.length;
    case "pooled":
      return entry.ids.length;
    default:
      return null;
  }
}

export interface HtlcCreateData {
  readonly kind: "htlc_create";
  readonly fee: number;
  readonly asset: Asset;
  readonly minimum: number;
  readonly maximum: number;
  readonly claimSeconds: number;
  /** Of the accounts: preimages follow from them. */
  readonly names: readonly string[];
}

export interface CallOrderData {
  readonly kind: "call_order_update";
  readonly fee: number;
  readonly debt: Asset;
  readonly backing: Asset;
  readonly minimum: number;
  readonly maximum: number;
  /** Smallest units of the backing asset for one of the debt. */
  readonly worth: number;
  /** Collateral for what the debt is worth. */
  readonly leastRatio: number;
  readonly mostRatio: number;
}

export interface PublishFeedData {
  readonly kind: "asset_publish_feed";
  readonly fee: number;
  /** Position of the account that publishes. */
  readonly publisher: number;
  /** The last parts of the assets' ids. */
  readonly asset: number;
  readonly backing: number;
  /** So much of the asset for so much of the backing asset, and of the core asset. */
  readonly price: readonly [number, number];
  readonly coreRate: readonly [number, number];
  /** In thousandths. */
  readonly maintenanceRatio: number;
  readonly squeezeRatio: number;
}

/** Operations on objects that are there already, each of which is used once. */
export type PooledOperation =
  | "limit_order_update"
  | "proposal_update"
  | "proposal_delete"
  | "vesting_balance_withdraw"
  | "htlc_redeem"
  | "htlc_extend";

export interface PooledData {
  readonly kind: "pooled";
  readonly operation: PooledOperation;
  readonly fee: number;
  /** The last part of each object's id, and beside it the position of the account that sends the operation. */
  readonly ids: readonly number[];
  readonly owners: readonly number[];
  /** Beside them what else the operation says of each object, by name; numbers in smallest units. */
  readonly columns: Readonly<Record<string, readonly (number | string)[]>>;
  /** What each takes from its owner besides the fee, in the core asset; absent where it takes nothing. */
  readonly costs?: readonly number[];
  /** The same for all. */
  readonly settings: Readonly<Record<string, number>>;
}

export interface TransferData {
  readonly kind: "transfer";
  readonly fee: number;
  readonly asset: Asset;
  readonly minimum: number;
  readonly maximum: number;
  readonly memo?: MemoData;
}

export interface MemoData {
  /** Characters of the message before it is encrypted. */
  readonly minimumLength: number;
  readonly maximumLength: number;
  /** What the memos of each account are encrypted for, as text with the network's prefix. */
  readonly keys: readonly string[];
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

export interface AccountUpgradeData {
  readonly kind: "account_upgrade";
  readonly fee: number;
  /** The last part of the id of each account that is no member yet and pays for itself. */
  readonly basic: readonly number[];
  /** Beside it the position of the account that has its key. */
  readonly holders: readonly number[];
}

export interface TemplateData {
  readonly kind: "template";
  readonly operation: string;
  readonly node: TemplateNode;
  readonly fee: number;
  /** Of named operations. */
  readonly use?: TemplateUse;
}

export interface TemplateUse {
  /**
   * At most so much is paid beyond the fee, each time another amount, because nothing else would make two of the
   * operation different; 0 where it has a number of its own.
   */
  readonly extraFee: number;
  /** Position of the account that sends all of them, such as the issuer of an asset; null: whoever is drawn. */
  readonly sender: number | null;
  /** By account, where the operation would replace the sender's. */
  readonly memoKeys: readonly string[] | null;
  /** What each takes from the sender for good besides the fee. */
  readonly spends: { readonly asset: Asset; readonly minimum: number; readonly maximum: number } | null;
  /** What is held of the sender's once, however often it is sent, because each replaces the last one. */
  readonly holds?: { readonly asset: Asset; readonly maximum: number };
}
