import type { CallOrder, ForceSettlement } from "../../chain/bitasset.ts";
import { assertion } from "../../chain/failure.ts";
import type { Asset } from "../../chain/objects.ts";
import type { State } from "../../chain/state.ts";
import type { Json } from "../../codec/json.ts";
import { readInstance, Unreadable } from "../../codec/read-value.ts";
import { bidsOf, positionsOf } from "../../evaluate/global-settlement.ts";
import { findAsset, readUnsigned } from "../arguments.ts";
import type { Call, Method } from "../method.ts";
import { renderBid, renderCall, renderSettlement } from "../render-bitassets.ts";
import { accountOf, readLimit } from "./held-methods.ts";

/** `api_limit_get_call_orders`, `api_limit_get_settle_orders` and `api_limit_get_collateral_bids`. */
const most = { calls: 300, settlements: 300, bids: 100 } as const;

function assetOf(given: Json | undefined, { node }: Call): Asset {
  const asset = findAsset(node.chain.state, given);
  if (asset !== undefined) return asset;
  const source = { file: "database_api.cpp", line: 78, method: "get_asset_from_string" };
  throw new Unreadable(assertion(source, { format: `asset_ptr: Invalid asset symbol or ID: ${String(given)}` }));
}

function bitassetOf(given: Json | undefined, call: Call): number {
  const { instance } = assetOf(given, call);
  if (call.node.chain.state.bitassets.get(instance) !== undefined) return instance;
  const source = { file: "database_api.cpp", line: 1150, method: "get_collateral_bids" };
  throw new Unreadable(assertion(source, { format: "swan.is_market_issued(): Asset is not a MPA" }));
}

/** In the order of the assets, as nodes index them. */
export function callsOf(borrower: number, state: State): CallOrder[] {
  return [...state.calls.values()]
    .filter((call) => call.borrower === borrower)
    .sort((a, b) => a.debt.asset - b.debt.asset);
}

export function settlementsOf(owner: number, state: State): ForceSettlement[] {
  return [...state.settlements.values()]
    .filter((settlement) => settlement.owner === owner)
    .sort((a, b) => a.instance - b.instance);
}

function instanceFrom(value: Json | undefined, prefix: string): number {
  return value === undefined || value === null ? 0 : readInstance(value, prefix);
}

export const bitassetMethods: Readonly<Record<string, Method>> = {
  get_call_orders: {
    required: 2,
    run: ([asset, limit], call) => {
      const positions = positionsOf(bitassetOf(asset, call), call.node.chain.state);
      return JSON.stringify(positions.slice(0, readLimit(limit, most.calls, "get_call_orders")).map(renderCall));
    },
  },
  get_call_orders_by_account: {
    required: 1,
    run: ([account, start, limit], call) => {
      const from = instanceFrom(start, "1.3.");
      const calls = callsOf(accountOf(account, call), call.node.chain.state);
      const count = readLimit(limit, most.calls, "get_call_orders_by_account");
      return JSON.stringify(
        calls
          .filter(({ debt }) => debt.asset >= from)
          .slice(0, count)
          .map(renderCall),
      );
    },
  },
  get_margin_positions: {
    required: 1,
    run: ([account], call) => JSON.stringify(callsOf(accountOf(account, call), call.node.chain.state).map(renderCall)),
  },
  get_settle_orders: {
    required: 2,
    run: ([asset, limit], call) => {
      const { instance } = assetOf(asset, call);
      const own = [...call.node.chain.state.settlements.values()].filter(({ balance }) => balance.asset === instance);
      own.sort((a, b) => a.settlementSeconds - b.settlementSeconds || a.instance - b.instance);
      return JSON.stringify(
        own.slice(0, readLimit(limit, most.settlements, "get_settle_orders")).map(renderSettlement),
      );
    },
  },
  get_settle_orders_by_account: {
    required: 1,
    run: ([account, start, limit], call) => {
      const from = instanceFrom(start, "1.4.");
      const own = settlementsOf(accountOf(account, call), call.node.chain.state);
      const count = readLimit(limit, most.settlements, "get_settle_orders_by_account");
      return JSON.stringify(
        own
          .filter(({ instance }) => instance >= from)
          .slice(0, count)
          .map(renderSettlement),
      );
    },
  },
  get_collateral_bids: {
    required: 3,
    run: ([asset, limit, skip], call) => {
      const bids = bidsOf(bitassetOf(asset, call), call.node.chain.state);
      const count = readLimit(limit, most.bids, "get_collateral_bids");
      const from = readUnsigned(skip);
      return JSON.stringify(bids.slice(from, from + count).map(renderBid));
    },
  },
};
