import { assertion, type ChainFailure } from "../chain/failure.ts";
import { missingObject } from "../chain/missing-object.ts";
import { type Account, type AccountLists, type Authority, noLists } from "../chain/objects.ts";
import type { State } from "../chain/state.ts";
import { isObject, type Json, type JsonObject } from "../codec/json.ts";
import type { OtherOperation } from "../codec/operation.ts";
import { readInstance } from "../codec/read-value.ts";
import { type Evaluation, newObject, nothing } from "./evaluation.ts";

const file = "account_evaluator.cpp";

export function refuseAccountCreate({ body, payer }: OtherOperation, { state }: Evaluation): ChainFailure | null {
  const name = String(body.name);
  if (state.accounts.get(payer)?.membership !== "lifetime") {
    const format = "fee_paying_account->is_lifetime_member(): Only Lifetime members may register an account.";
    return assertion({ file, line: 125, method: "do_evaluate" }, { format }).capture(
      file,
      153,
      "do_evaluate",
      said(body),
    );
  }
  if (state.accountNames.get(name) === undefined) return null;
  const format = "current_account_itr == acnt_indx.indices().get<by_name>().end(): Account '{a}' already exists.";
  return assertion(
    { file, line: 148, method: "do_evaluate" },
    { format, text: format.replace("{a}", name), data: JSON.stringify({ a: name }) },
  ).capture(file, 153, "do_evaluate", said(body));
}

function said(body: JsonObject): string {
  return JSON.stringify({ op: body });
}

export function createAccount({ body, payer }: OtherOperation, evaluation: Evaluation): string {
  const { state } = evaluation;
  const instance = state.nextInstance("account");
  const name = String(body.name);
  const registrar = state.accounts.get(payer)!;
  const account: Account = {
    instance,
    name,
    registrar: payer,
    referrer: readInstance(body.referrer, "1.2."),
    lifetimeReferrer: registrar.lifetimeReferrer,
    referrerPercent: Number(body.referrer_percent),
    membership: "basic",
    owner: readAuthority(body.owner),
    active: readAuthority(body.active),
    options: isObject(body.options) ? body.options : {},
    lists: noLists,
    creationBlock: evaluation.headNumber + 1,
    creationSeconds: evaluation.headSeconds,
  };
  state.accounts.set(instance, account);
  state.accountNames.set(name, instance);
  return newObject(`1.2.${instance}`);
}

export function updateAccount({ body, payer }: OtherOperation, { state }: Evaluation): string {
  const account = state.accounts.get(payer)!;
  state.accounts.set(payer, {
    ...account,
    owner: isObject(body.owner) ? readAuthority(body.owner) : account.owner,
    active: isObject(body.active) ? readAuthority(body.active) : account.active,
    options: isObject(body.new_options) ? body.new_options : account.options,
  });
  return nothing;
}

export function refuseWhitelist({ body, payer }: OtherOperation, { state }: Evaluation): ChainFailure | null {
  const listed = readInstance(body.account_to_list, "1.2.");
  if (state.accounts.get(listed) === undefined) return missingObject(`1.2.${listed}`);
  if (state.accounts.get(payer)?.membership === "lifetime") return null;
  const format = "o.authorizing_account(d).is_lifetime_member(): The authorizing account must be a lifetime member.";
  return assertion({ file, line: 368, method: "do_evaluate" }, { format });
}

export function listAccount({ body, payer }: OtherOperation, { state }: Evaluation): string {
  const listed = readInstance(body.account_to_list, "1.2.");
  const listing = Number(body.new_listing);
  const isWhite = (listing & 1) !== 0;
  const isBlack = (listing & 2) !== 0;
  changeLists(listed, state, (lists) => ({
    ...lists,
    whitelistedBy: changed(lists.whitelistedBy, payer, isWhite),
    blacklistedBy: changed(lists.blacklistedBy, payer, isBlack),
  }));
  changeLists(payer, state, (lists) => ({
    ...lists,
    whitelisted: changed(lists.whitelisted, listed, isWhite),
    blacklisted: changed(lists.blacklisted, listed, isBlack),
  }));
  return nothing;
}

function changeLists(instance: number, state: State, change: (lists: AccountLists) => AccountLists): void {
  const account = state.accounts.get(instance)!;
  state.accounts.set(instance, { ...account, lists: change(account.lists) });
}

/** With the account in it or not, in order of the ids. */
function changed(accounts: readonly number[], account: number, isIn: boolean): readonly number[] {
  if (accounts.includes(account) === isIn) return accounts;
  const others = accounts.filter((other) => other !== account);
  return isIn ? [...others, account].sort((a, b) => a - b) : others;
}

export function refuseUpgrade({ payer }: OtherOperation, { state }: Evaluation): ChainFailure | null {
  if (state.accounts.get(payer)?.membership !== "lifetime") return null;
  return assertion({ file, line: 307, method: "do_evaluate" }, { format: "!account->is_lifetime_member(): " });
}

export function upgradeAccount({ body, payer }: OtherOperation, { state }: Evaluation): string {
  const account = state.accounts.get(payer)!;
  const isLifetime = body.upgrade_to_lifetime_member === true;
  state.accounts.set(payer, {
    ...account,
    membership: isLifetime ? "lifetime" : "annual",
    referrer: isLifetime ? payer : account.referrer,
    lifetimeReferrer: isLifetime ? payer : account.lifetimeReferrer,
  });
  return nothing;
}

function readAuthority(value: Json | undefined): Authority {
  const given = isObject(value) ? value : {};
  return {
    weightThreshold: Number(given.weight_threshold),
    accounts: readPairs(given.account_auths).map(([id, weight]) => [Number(id.slice(4)), weight]),
    keys: readPairs(given.key_auths),
  };
}

function readPairs(value: Json | undefined): (readonly [string, number])[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly (readonly [Json, Json])[]).map(([name, weight]) => [String(name), Number(weight)]);
}
