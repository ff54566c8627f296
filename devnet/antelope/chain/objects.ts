import type { PermissionLevel } from "../codec/transaction.ts";

export interface Authority {
  readonly threshold: number;
  /** Keys as `EOS…`. */
  readonly keys: readonly { readonly key: string; readonly weight: number }[];
  readonly accounts: readonly { readonly permission: PermissionLevel; readonly weight: number }[];
  readonly waits: readonly { readonly waitSeconds: number; readonly weight: number }[];
}

export interface Permission {
  readonly name: string;
  /** Empty for `owner`. */
  readonly parent: string;
  readonly authority: Authority;
}

/** Which permission is enough for an action; an empty action means every action of the contract. */
export interface PermissionLink {
  readonly contract: string;
  readonly action: string;
  readonly permission: string;
}

export interface Account {
  readonly name: string;
  readonly createdMillis: number;
  readonly isPrivileged: boolean;
  readonly permissions: readonly Permission[];
  readonly links: readonly PermissionLink[];
  /** Within 24 hours; null: no limit. */
  readonly cpuMicrosPerDay: number | null;
  readonly netBytesPerDay: number | null;
  readonly ramBytes: number | null;
}

/** A row of `stat`. */
export interface Token {
  readonly symbol: string;
  readonly precision: number;
  readonly supply: bigint;
  readonly maxSupply: bigint;
  readonly issuer: string;
}

/** A row of `accounts`. */
export interface Balance {
  readonly amount: bigint;
  readonly ramPayer: string;
}

/** What one account has staked for another, in the core token. */
export interface Stake {
  readonly cpu: bigint;
  readonly net: bigint;
}

export interface Vote {
  readonly producers: readonly string[];
  readonly proxy: string;
}

export const systemAccount = "eosio";
export const tokenAccount = "eosio.token";
export const ownerPermission = "owner";
export const activePermission = "active";
