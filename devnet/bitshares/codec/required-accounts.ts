import type { Json, JsonObject } from "./json.ts";
import { operationTypes } from "./operation.ts";

export interface RequiredAccounts {
  readonly payer: number;
  readonly active: readonly number[];
  readonly owner: readonly number[];
  /** Public keys that must sign themselves. */
  readonly keys: readonly string[];
}

/**
 * Whose fields pay and sign, in the order in which they are looked for. Graphene names the fee's payer differently in
 * nearly every operation; these are all the names in use.
 */
const payerFields = [
  "fee_paying_account",
  "registrar",
  "account_to_upgrade",
  "account",
  "account_id",
  "authorizing_account",
  "issuer",
  "from",
  "seller",
  "funding_account",
  "bidder",
  "payer",
  "publisher",
  "witness_account",
  "committee_member_account",
  "withdraw_from_account",
  "withdraw_to_account",
  "creator",
  "owner",
  "owner_account",
  "deposit_to_account",
  "redeemer",
  "update_issuer",
  "borrower",
  "from_account",
] as const;

export function requiredAccountsOf(type: number, body: JsonObject): RequiredAccounts {
  const payer = payerOf(type, body);
  const extra = extraActive(type, body);
  if (type === operationTypes.accountUpdate && changesOwner(body)) {
    return { payer, active: extra, owner: [payer], keys: [] };
  }
  const active = [...new Set([payer, ...extra])];
  if (type !== operationTypes.proposalUpdate) return { payer, active, owner: [], keys: [] };
  const owner = listed(body, ["owner_approvals_to_add", "owner_approvals_to_remove"]).map(accountInstance);
  const keys = listed(body, ["key_approvals_to_add", "key_approvals_to_remove"]).map(String);
  return { payer, active, owner: owner.filter((instance) => instance !== null), keys };
}

function payerOf(type: number, body: JsonObject): number {
  // A claim names both sides; the one that receives pays.
  const withdrawPermissionClaim = 27;
  if (type === withdrawPermissionClaim) return accountInstance(body.withdraw_to_account) ?? 0;
  for (const field of payerFields) {
    const instance = accountInstance(body[field]);
    if (instance !== null) return instance;
  }
  return 0;
}

function extraActive(type: number, body: JsonObject): number[] {
  const custom = 35;
  const assertOperation = 36;
  const approvals = ["active_approvals_to_add", "active_approvals_to_remove"];
  const isAuthorised = type === custom || type === assertOperation;
  const fields = isAuthorised ? ["required_auths"] : type === operationTypes.proposalUpdate ? approvals : [];
  return listed(body, fields)
    .map(accountInstance)
    .filter((instance) => instance !== null);
}

function listed(body: JsonObject, fields: readonly string[]): Json[] {
  return fields.flatMap((field) => (Array.isArray(body[field]) ? (body[field] as Json[]) : []));
}

function changesOwner(body: JsonObject): boolean {
  const extensions = body.extensions;
  const special = typeof extensions === "object" && extensions !== null && "owner_special_authority" in extensions;
  return (body.owner !== undefined && body.owner !== null) || special;
}

function accountInstance(value: Json | undefined): number | null {
  return typeof value === "string" && /^1\.2\.\d+$/.test(value) ? Number(value.slice(4)) : null;
}
