import type { SignedTransaction } from "../codec/signed-transaction.ts";
import type { PermissionLevel } from "../codec/transaction.ts";
import { type ChainFailure, fail, kinds } from "./failure.ts";
import { type Account, activePermission, ownerPermission, systemAccount } from "./objects.ts";
import type { State } from "./state.ts";

const source = { file: "authorization_manager.cpp", line: 548, method: "check_authorization" };
/** `max_authority_depth` */
const maximumDepth = 6;
const delayLimitMillis = 3_888_000_000;

/** `null` when the keys satisfy every authorization that the actions declare, and none is superfluous. */
export function checkAuthorization(transaction: SignedTransaction, state: State): ChainFailure | null {
  const { keys, actions } = transaction;
  const used = new Set<string>();
  const checked = new Set<string>();
  for (const { account: contract, name, authorization } of actions) {
    for (const level of authorization) {
      const refusal = checkLink(level, contract, name, state);
      if (refusal !== null) return refusal;
      const key = `${level.actor} ${level.permission}`;
      if (checked.has(key)) continue;
      checked.add(key);
      const seen: Verdicts = new Map();
      if (!isSatisfied(level, { keys, used, state, seen }, 0)) return unsatisfied(level, keys);
    }
  }
  const irrelevant = keys.filter((key) => !used.has(key));
  return irrelevant.length === 0 ? null : irrelevantSignatures(irrelevant);
}

/** By actor and permission: what was found, and no as long as it is being looked for. */
type Verdicts = Map<string, boolean>;

interface Check {
  readonly keys: readonly string[];
  readonly used: Set<string>;
  readonly state: State;
  /** As in nodes, each permission is looked at once: those that name each other many times would take for ever. */
  readonly seen: Verdicts;
}

function isSatisfied(level: PermissionLevel, check: Check, depth: number): boolean {
  const name = `${level.actor} ${level.permission}`;
  const known = check.seen.get(name);
  if (known !== undefined) return known;
  check.seen.set(name, false);
  const found = findSatisfied(level, check, depth);
  check.seen.set(name, found);
  return found;
}

function findSatisfied({ actor, permission }: PermissionLevel, check: Check, depth: number): boolean {
  const { keys, used, state } = check;
  const authority = findPermission(state.accounts.get(actor), permission)?.authority;
  if (authority === undefined) return false;
  let weight = 0;
  const counted: string[] = [];
  for (const { key, weight: keyWeight } of authority.keys) {
    if (weight >= authority.threshold) break;
    if (!keys.includes(key)) continue;
    counted.push(key);
    weight += keyWeight;
  }
  for (const { permission: level, weight: accountWeight } of authority.accounts) {
    if (weight >= authority.threshold || depth >= maximumDepth) break;
    if (isSatisfied(level, check, depth + 1)) weight += accountWeight;
  }
  if (weight < authority.threshold) return false;
  for (const key of counted) used.add(key);
  return true;
}

export function findPermission(account: Account | undefined, name: string) {
  return account?.permissions.find((permission) => permission.name === name);
}

/** An action wants the permission that is linked to it, or active, or one that stands above that. */
function checkLink(level: PermissionLevel, contract: string, action: string, state: State): ChainFailure | null {
  const { actor, permission } = level;
  if (permission === activePermission || permission === ownerPermission) return null;
  const account = state.accounts.get(actor);
  const minimum = linkedPermission(account, contract, action);
  for (let name: string | undefined = minimum; name !== undefined && name !== ""; ) {
    if (name === permission) return null;
    name = findPermission(account, name)?.parent;
  }
  return fail(
    kinds.irrelevantAuthority,
    { ...source, line: 513 },
    "action declares irrelevant authority '{auth}'; minimum authority is {min}",
    { auth: { actor, permission }, min: { actor, permission: minimum } },
  );
}

function linkedPermission(account: Account | undefined, contract: string, action: string): string {
  // Permissions themselves are only changed with what every account has.
  if (account === undefined || contract === systemAccount) return activePermission;
  const links = account.links.filter((link) => link.contract === contract);
  const exact = links.find((link) => link.action === action);
  const whole = links.find((link) => link.action === "");
  return (exact ?? whole)?.permission ?? activePermission;
}

function unsatisfied({ actor, permission }: PermissionLevel, keys: readonly string[]): ChainFailure {
  return fail(
    kinds.unsatisfied,
    source,
    "transaction declares authority '{auth}', but does not have signatures for it under a provided delay of {provided_delay} ms, provided permissions {provided_permissions}, provided keys {provided_keys}, and a delay max limit of {delay_max_limit_ms} ms",
    {
      auth: { actor, permission },
      provided_delay: 0,
      provided_permissions: [],
      provided_keys: [...keys],
      delay_max_limit_ms: delayLimitMillis,
    },
  );
}

function irrelevantSignatures(keys: readonly string[]): ChainFailure {
  return fail(
    kinds.irrelevantSignature,
    { ...source, line: 563 },
    "transaction bears irrelevant signatures from these keys: {keys}",
    { keys: [...keys] },
  );
}
