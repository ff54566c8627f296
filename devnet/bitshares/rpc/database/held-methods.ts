import { assertion } from "../../chain/failure.ts";
import type { Htlc, Proposal, VestingBalance } from "../../chain/objects.ts";
import type { State } from "../../chain/state.ts";
import type { Json } from "../../codec/json.ts";
import { readInstance, Unreadable } from "../../codec/read-value.ts";
import { findAccount, readText, readUnsigned } from "../arguments.ts";
import type { Call, Method } from "../method.ts";
import { renderHtlc, renderProposal, renderVestingBalance } from "../render-held.ts";

/** `api_limit_list_htlcs` and `api_limit_get_htlc_by`. */
const mostHtlcs = 100;

function inOrder<T extends { readonly instance: number }>(objects: Iterable<T>, wanted: (one: T) => boolean): T[] {
  return [...objects].filter(wanted).sort((a, b) => a.instance - b.instance);
}

export function vestingBalancesOf(account: number, state: State): VestingBalance[] {
  return inOrder(state.vestings.values(), ({ owner }) => owner === account);
}

/** Those that wait for the account's approval, and those that it has approved. */
export function proposalsOf(account: number, state: State): Proposal[] {
  return inOrder(state.proposals.values(), (proposal) =>
    [proposal.requiredActive, proposal.requiredOwner, proposal.availableActive, proposal.availableOwner].some(
      (accounts) => accounts.includes(account),
    ),
  );
}

export function htlcsOf(account: number, side: "from" | "to", state: State): Htlc[] {
  return inOrder(state.htlcs.values(), (htlc) => htlc[side] === account);
}

export function accountOf(value: Json | undefined, { node }: Call): number {
  const account = findAccount(node.chain.state, value);
  if (account !== undefined) return account.instance;
  const source = { file: "database_api.cpp", line: 3064, method: "get_account_from_string" };
  throw new Unreadable(assertion(source, { format: "account_ptr: no such account" }));
}

/** Refuses what asks for more than the node gives at a time. */
export function readLimit(value: Json | undefined, most: number, method: string): number {
  const limit = readUnsigned(value, most);
  if (limit <= most) return limit;
  const format = "limit <= configured_limit: limit can not be greater than {configured_limit}";
  throw new Unreadable(
    assertion(
      { file: "database_api.cpp", line: 2933, method },
      {
        format,
        text: format.replace("{configured_limit}", String(most)),
        data: JSON.stringify({ configured_limit: most }),
      },
    ),
  );
}

function page(htlcs: readonly Htlc[], start: Json | undefined, limit: Json | undefined, method: string): string {
  const count = readLimit(limit, mostHtlcs, method);
  const from = start === undefined || start === null ? 0 : readInstance(start, "1.16.");
  return JSON.stringify(
    htlcs
      .filter(({ instance }) => instance >= from)
      .slice(0, count)
      .map(renderHtlc),
  );
}

export const heldMethods: Readonly<Record<string, Method>> = {
  get_vesting_balances: {
    required: 1,
    run: ([account], call) =>
      JSON.stringify(vestingBalancesOf(accountOf(account, call), call.node.chain.state).map(renderVestingBalance)),
  },
  get_proposed_transactions: {
    required: 1,
    run: ([account], call) =>
      JSON.stringify(proposalsOf(accountOf(account, call), call.node.chain.state).map(renderProposal)),
  },
  get_htlc: {
    required: 1,
    run: ([id], { node }) => {
      const htlc = node.chain.state.htlcs.get(readInstance(readText(id), "1.16."));
      return htlc === undefined ? "null" : JSON.stringify(renderHtlc(htlc));
    },
  },
  get_htlc_by_from: {
    required: 3,
    run: ([account, start, limit], call) =>
      page(htlcsOf(accountOf(account, call), "from", call.node.chain.state), start, limit, "get_htlc_by_from"),
  },
  get_htlc_by_to: {
    required: 3,
    run: ([account, start, limit], call) =>
      page(htlcsOf(accountOf(account, call), "to", call.node.chain.state), start, limit, "get_htlc_by_to"),
  },
  list_htlcs: {
    required: 2,
    run: ([start, limit], { node }) =>
      page(
        inOrder(node.chain.state.htlcs.values(), () => true),
        start,
        limit,
        "list_htlcs",
      ),
  },
};
