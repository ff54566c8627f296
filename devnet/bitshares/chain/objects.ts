import type { Json, JsonObject } from "../codec/json.ts";
import type { Operation } from "../codec/operation.ts";
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

/** Funds that are held until somebody shows what was hashed, or until the time is over. */
export interface Htlc {
  readonly instance: number;
  readonly from: number;
  readonly to: number;
  readonly held: Amount;
  /** As in the protocol: 0 RIPEMD-160, 1 SHA-1, 2 SHA-256, 3 RIPEMD-160 of SHA-256. */
  readonly algorithm: number;
  /** In hex. */
  readonly hash: string;
  /** Of the preimage, in bytes; 0 where it may have any. */
  readonly preimageSize: number;
  readonly expirationSeconds: number;
  readonly memo: Json | null;
}

export interface VestingBalance {
  readonly instance: number;
  readonly owner: number;
  readonly balance: Amount;
  readonly policy: VestingPolicy;
}

export type VestingPolicy =
  | {
      readonly kind: "linear";
      readonly beginSeconds: number;
      readonly cliffSeconds: number;
      readonly durationSeconds: number;
      readonly beginBalance: number;
    }
  | {
      readonly kind: "coin-days";
      readonly vestingSeconds: number;
      readonly startClaimSeconds: number;
      /** Up to the last update. */
      readonly earned: bigint;
      readonly updatedSeconds: number;
    }
  | { readonly kind: "instant" };

/** A transaction that is carried out once those who have to have approved it. Accounts and keys in their order. */
export interface Proposal {
  readonly instance: number;
  readonly proposer: number;
  readonly expirationSeconds: number;
  /** From here on no approval is added any more, and it is carried out when it expires. */
  readonly reviewSeconds: number | null;
  readonly operations: readonly Operation[];
  /** JSON of the operations. */
  readonly operationsJson: string;
  readonly requiredActive: readonly number[];
  readonly requiredOwner: readonly number[];
  readonly availableActive: readonly number[];
  readonly availableOwner: readonly number[];
  readonly availableKeys: readonly string[];
  readonly failReason: string;
}

export const specialAccounts = {
  committee: 0,
  witness: 1,
  relaxedCommittee: 2,
  null: 3,
  temporary: 4,
  proxyToSelf: 5,
} as const;
