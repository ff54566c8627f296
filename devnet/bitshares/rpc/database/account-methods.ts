import type { Account } from "../../chain/objects.ts";
import type { State } from "../../chain/state.ts";
import type { Json } from "../../codec/json.ts";
import { amountForJson } from "../../codec/read-value.ts";
import { findAccount, findAsset, readList, readText, readUnsigned } from "../arguments.ts";
import type { Call, Method } from "../method.ts";
import { renderCall, renderSettlement } from "../render-bitassets.ts";
import { renderHtlc, renderProposal, renderVestingBalance } from "../render-held.ts";
import { renderAccount, renderBalance, renderOrder, renderStatistics } from "../render-objects.ts";
import { callsOf, settlementsOf } from "./bitasset-methods.ts";
import { htlcsOf, proposalsOf, vestingBalancesOf } from "./held-methods.ts";

function renderOrNull(account: Account | undefined) {
  return account === undefined ? null : renderAccount(account);
}

function balancesOf(account: Account | undefined, assets: readonly Json[], state: State): string {
  if (account === undefined) return "[]";
  const wanted =
    assets.length > 0
      ? assets.map((asset) => findAsset(state, asset)?.instance).filter((instance) => instance !== undefined)
      : [...state.assets.keys()].filter((instance) => state.hasBalance(account.instance, instance));
  return JSON.stringify(
    wanted.map((asset) => amountForJson({ amount: state.balance(account.instance, asset), asset })),
  );
}

function fullAccount(account: Account, { node, network }: Call) {
  const { state } = node.chain;
  const { instance } = account;
  const assets = [...state.assets.values()];
  const orders = state.book.ofAccount(instance).map((order) => renderOrder(state.orders.get(order)!));
  return {
    account: renderAccount(account),
    statistics: renderStatistics(account, network.store.history.countOf(instance)),
    registrar_name: state.accounts.get(account.registrar)?.name,
    referrer_name: state.accounts.get(account.referrer)?.name,
    lifetime_referrer_name: state.accounts.get(account.lifetimeReferrer)?.name,
    votes: [],
    balances: assets
      .filter((asset) => state.hasBalance(instance, asset.instance))
      .map((asset) => renderBalance(state, instance, asset.instance)),
    vesting_balances: vestingBalancesOf(instance, state).map(renderVestingBalance),
    limit_orders: orders,
    call_orders: callsOf(instance, state).map(renderCall),
    settle_orders: settlementsOf(instance, state).map(renderSettlement),
    proposals: proposalsOf(instance, state).map(renderProposal),
    assets: assets.filter(({ issuer }) => issuer === instance).map((asset) => `1.3.${asset.instance}`),
    withdraws_from: [],
    withdraws_to: [],
    htlcs_from: htlcsOf(instance, "from", state).map(renderHtlc),
    htlcs_to: htlcsOf(instance, "to", state).map(renderHtlc),
    more_data_available: {
      balances: false,
      vesting_balances: false,
      limit_orders: false,
      call_orders: false,
      settle_orders: false,
      proposals: false,
      assets: false,
      withdraws_from: false,
      withdraws_to: false,
      htlcs_from: false,
      htlcs_to: false,
    },
  };
}

function keyReferences(state: State, keys: readonly string[]): string {
  const found = new Map<string, string[]>(keys.map((key) => [key, []]));
  for (const { instance, owner, active, options } of state.accounts.values()) {
    const own = new Set([...owner.keys, ...active.keys].map(([key]) => key));
    if (typeof options.memo_key === "string") own.add(options.memo_key);
    for (const key of own) found.get(key)?.push(`1.2.${instance}`);
  }
  return JSON.stringify(keys.map((key) => found.get(key)));
}

export const accountMethods: Readonly<Record<string, Method>> = {
  get_accounts: {
    required: 1,
    run: ([ids], { node }) =>
      JSON.stringify(readList(ids).map((id) => renderOrNull(findAccount(node.chain.state, id)))),
  },
  lookup_account_names: {
    required: 1,
    run: ([names], { node }) =>
      JSON.stringify(readList(names).map((name) => renderOrNull(findAccount(node.chain.state, name)))),
  },
  get_account_by_name: {
    required: 1,
    run: ([name], { node }) => JSON.stringify(renderOrNull(findAccount(node.chain.state, readText(name)))),
  },
  get_account_id_from_string: {
    required: 1,
    run: ([name], { node }) => `"1.2.${findAccount(node.chain.state, name)?.instance ?? 0}"`,
  },
  get_account_count: { required: 0, run: (_args, { node }) => String(node.chain.state.accounts.size) },
  lookup_accounts: {
    required: 2,
    run: ([lowerBound, limit], { node }) => {
      const from = readText(lowerBound);
      const names = [...node.chain.state.accountNames.entries()].filter(([name]) => name >= from);
      names.sort(([a], [b]) => (a < b ? -1 : 1));
      return JSON.stringify(names.slice(0, readUnsigned(limit)).map(([name, instance]) => [name, `1.2.${instance}`]));
    },
  },
  get_full_accounts: {
    required: 1,
    run: ([given, subscribe], call) => {
      const found = readList(given).flatMap((name) => {
        const account = findAccount(call.node.chain.state, name);
        return account === undefined ? [] : [[name, fullAccount(account, call)] as const];
      });
      if (subscribe === true && call.session.subscribeCallback !== null) {
        for (const [, { account }] of found) call.session.watched.add(account.id);
      }
      return JSON.stringify(found);
    },
  },
  get_account_balances: {
    required: 2,
    run: ([account, assets], { node: { chain } }) =>
      balancesOf(findAccount(chain.state, account), readList(assets), chain.state),
  },
  get_named_account_balances: {
    required: 2,
    run: ([account, assets], { node: { chain } }) =>
      balancesOf(findAccount(chain.state, account), readList(assets), chain.state),
  },
  get_key_references: {
    required: 1,
    run: ([keys], { node }) => keyReferences(node.chain.state, readList(keys).map(readText)),
  },
  is_public_key_registered: {
    required: 1,
    run: ([key], { node }) => String(keyReferences(node.chain.state, [readText(key)]) !== "[[]]"),
  },
  get_account_references: {
    required: 1,
    run: ([given], { node: { chain } }) => {
      const account = findAccount(chain.state, given);
      const referring = [...chain.state.accounts.values()].filter(({ owner, active }) =>
        [...owner.accounts, ...active.accounts].some(([instance]) => instance === account?.instance),
      );
      return JSON.stringify(referring.map(({ instance }) => `1.2.${instance}`));
    },
  },
};
