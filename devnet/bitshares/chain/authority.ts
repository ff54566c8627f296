import type { SignedTransaction } from "../codec/signed-transaction.ts";
import { ChainFailure, toFrame } from "./failure.ts";
import { missingObject } from "./missing-object.ts";
import type { Authority } from "./objects.ts";
import type { State } from "./state.ts";

const file = "transaction.cpp";
/** How many accounts deep an authority may delegate. */
const maximumDepth = 2;

/** `null` when the keys satisfy every account that must agree, and none is superfluous. */
export function checkAuthority(transaction: SignedTransaction, state: State): ChainFailure | null {
  const { keys, operations } = transaction;
  const only = operations[0]!;
  if (
    operations.length === 1 &&
    keys.length === 1 &&
    only.requiredActive.length === 1 &&
    only.requiredOwner.length === 0 &&
    (only.kind !== "other" || only.requiredKeys.length === 0)
  ) {
    const authority = state.accounts.get(only.requiredActive[0]!)?.active;
    const key = authority?.keys[0];
    if (key !== undefined && key[0] === keys[0] && key[1] >= authority!.weightThreshold) return null;
  }
  const failure = checkAll(transaction, state);
  if (failure === null || failure.frames[0]?.file === "index.hpp") return failure;
  return failure
    .capture(
      file,
      347,
      "verify_authority",
      `{"rejected_custom_auths":[],"ops":${operationsJson(transaction)},"sigs":${JSON.stringify(keys)}}`,
    )
    .capture(file, 475, "verify_authority", `{"*this":${transaction.json}}}`);
}

function operationsJson({ json }: SignedTransaction): string {
  return JSON.stringify((JSON.parse(`${json}}`) as { readonly operations: unknown }).operations);
}

function checkAll({ keys, operations }: SignedTransaction, state: State): ChainFailure | null {
  const used = new Set<string>();
  if (new Set(keys).size !== keys.length) return duplicateSignature();
  for (const operation of operations) {
    if (operation.kind === "other") {
      for (const key of operation.requiredKeys) {
        if (!keys.includes(key)) return missingKeys(operation.requiredKeys);
        used.add(key);
      }
    }
    for (const account of operation.requiredOwner) {
      const failure = checkAccount(account, "owner", keys, used, state);
      if (failure !== null) return failure;
    }
    for (const account of operation.requiredActive) {
      const failure = checkAccount(account, "active", keys, used, state);
      if (failure !== null) return failure;
    }
  }
  return used.size === keys.length ? null : irrelevantSignature();
}

function checkAccount(
  account: number,
  role: "active" | "owner",
  keys: readonly string[],
  used: Set<string>,
  state: State,
): ChainFailure | null {
  const found = state.accounts.get(account);
  if (found === undefined) return missingObject(`1.2.${account}`);
  // The owner may do whatever the active authority may.
  if (role === "active" && isSatisfied(found.active, keys, used, state, 0)) return null;
  if (isSatisfied(found.owner, keys, used, state, 0)) return null;
  const title = role === "active" ? "Active" : "Owner";
  const id = `1.2.${account}`;
  const frame = toFrame(
    { file, line: role === "active" ? 336 : 326, method: "verify_authority" },
    {
      format: `Missing ${title} Authority {id}`,
      text: `Missing ${title} Authority ${id}`,
      data: JSON.stringify({ id, auth: toAuthorityJson(found.active), owner: toAuthorityJson(found.owner) }),
    },
  );
  return new ChainFailure(
    role === "active" ? 4010001 : 4010002,
    `tx_missing_${role}_auth`,
    `missing required ${role} authority`,
    [frame],
  );
}

const nobody: ReadonlySet<number> = new Set();

/** `approved`: accounts that need no keys because they have agreed already. */
export function isSatisfied(
  authority: Authority,
  keys: readonly string[],
  used: Set<string>,
  state: State,
  depth: number,
  approved: ReadonlySet<number> = nobody,
): boolean {
  let weight = 0;
  for (const [key, keyWeight] of authority.keys) {
    if (!keys.includes(key)) continue;
    used.add(key);
    weight += keyWeight;
    if (weight >= authority.weightThreshold) return true;
  }
  if (depth >= maximumDepth) return false;
  for (const [account, accountWeight] of authority.accounts) {
    const delegate = state.accounts.get(account)?.active;
    const agrees =
      approved.has(account) ||
      (delegate !== undefined && isSatisfied(delegate, keys, used, state, depth + 1, approved));
    if (!agrees) continue;
    weight += accountWeight;
    if (weight >= authority.weightThreshold) return true;
  }
  return false;
}

function missingKeys(keys: readonly string[]): ChainFailure {
  const auth = { weight_threshold: keys.length, account_auths: [], key_auths: keys.map((key) => [key, 1]) };
  const frame = toFrame(
    { file, line: 320, method: "verify_authority" },
    { format: "Missing Authority", data: JSON.stringify({ auth: { ...auth, address_auths: [] } }) },
  );
  return new ChainFailure(4010003, "tx_missing_other_auth", "missing required other authority", [frame]);
}

function irrelevantSignature(): ChainFailure {
  const frame = toFrame(
    { file, line: 342, method: "verify_authority" },
    { format: "Unnecessary signature(s) detected" },
  );
  return new ChainFailure(4010004, "tx_irrelevant_sig", "irrelevant signature included", [frame]);
}

function duplicateSignature(): ChainFailure {
  const frame = toFrame({ file, line: 360, method: "get_signature_keys" }, { format: "Duplicate Signature detected" });
  return new ChainFailure(4010005, "tx_duplicate_sig", "duplicate signature included", [frame]);
}

export function toAuthorityJson({ weightThreshold, accounts, keys }: Authority) {
  return {
    weight_threshold: weightThreshold,
    account_auths: accounts.map(([account, weight]) => [`1.2.${account}`, weight]),
    key_auths: keys.map(([key, weight]) => [key, weight]),
    address_auths: [],
  };
}
