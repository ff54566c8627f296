import type { JsonObject } from "../codec/json.ts";
import type { Amount } from "../codec/read-value.ts";

export interface Authority {
  readonly weightThreshold: number;
  readonly accounts: readonly (readonly [number, number])[];
  readonly keys: readonly (readonly [string, number])[];
}

export interface Account {
  readonly instance: number;
  readonly name: string;
  readonly registrar: number;
  readonly referrer: number;
  readonly lifetimeReferrer: number;
  readonly referrerPercent: number;
  readonly membership: "basic" | "annual" | "lifetime";
  readonly owner: Authority;
  readonly active: Authority;
  readonly options: JsonObject;
  /** Accounts whose lists this one is on, and those on its own. */
  readonly lists: AccountLists;
  readonly creationBlock: number;
  readonly creationSeconds: number;
}

export interface AccountLists {
  readonly whitelistedBy: readonly number[];
  readonly blacklistedBy: readonly number[];
  readonly whitelisted: readonly number[];
  readonly blacklisted: readonly number[];
}

export const noLists: AccountLists = { whitelistedBy: [], blacklistedBy: [], whitelisted: [], blacklisted: [] };

export interface Asset {
  readonly instance: number;
  readonly symbol: string;
  readonly precision: number;
  readonly issuer: number;
  readonly maxSupply: number;
  readonly options: JsonObject;
  readonly creationBlock: number;
  readonly creationSeconds: number;
}

export interface Order {
  readonly instance: number;
  readonly seller: number;
  readonly expirationSeconds: number;
  readonly forSale: number;
  /** The price as it was offered: `sell` for at least `receive`. */
  readonly sell: Amount;
  readonly receive: Amount;
  /** Given back when the order is cancelled before its first fill. */
  readonly deferredFee: number;
  readonly filled: number;
}

export const specialAccounts = {
  committee: 0,
  witness: 1,
  relaxedCommittee: 2,
  null: 3,
  temporary: 4,
  proxyToSelf: 5,
} as const;
