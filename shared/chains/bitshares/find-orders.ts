import type { MixEntry } from "../../scenario/scenario.ts";
import { dealObjects } from "../preparing/deal-objects.ts";
import type { OrderCancelData, PooledData } from "./chain-data.ts";
import { type AccountAnswer, ordersAnswer } from "./node-answers.ts";
import { instanceOf } from "./object-id.ts";
import { parseOrderCancel, parseOrderUpdate } from "./parameters.ts";
import type { RpcClient } from "./rpc-client.ts";

/** `api_limit_get_limit_orders_by_account` is 101 unless the node's operator has changed it. */
const ordersPerCall = 100;

interface OpenOrder {
  readonly instance: number;
  readonly owner: number;
  readonly sells: Side;
  readonly wants: Side;
}

interface Side {
  readonly amount: number;
  /** As in 1.3.x. */
  readonly asset_id: string;
}

interface OrderSetting {
  readonly mix: readonly MixEntry[];
  readonly accounts: readonly AccountAnswer[];
  /** Those that are not there yet have no orders either. */
  readonly assets: { get(symbol: string): { readonly instance: number } | null | undefined };
}

/** The open orders of the accounts, dealt to the entries that cancel or update them; fees are still 0. */
export async function findOrders(
  client: RpcClient,
  { mix, accounts, assets }: OrderSetting,
): Promise<ReadonlyMap<MixEntry, OrderCancelData | PooledData>> {
  const entries = mix.filter(
    ({ template, operation }) =>
      template === null && (operation === "limit_order_cancel" || operation === "limit_order_update"),
  );
  if (entries.length === 0) return new Map();
  const byOwner = await Promise.all(accounts.map(({ id }, owner) => ordersOf(client, id, owner)));
  const dealt = dealObjects(byOwner.flat(), entries, (entry, order) => inMarketOf(entry, order, assets));
  return new Map(
    [...dealt].map(([entry, orders]) => [
      entry,
      entry.operation === "limit_order_cancel" ? toCancelData(orders) : toUpdateData(entry, orders),
    ]),
  );
}

/** `owner` is the account's position. */
export async function ordersOf(client: RpcClient, accountId: string, owner: number): Promise<OpenOrder[]> {
  const orders: OpenOrder[] = [];
  for (let start: string | null = null; ; ) {
    const args: unknown[] = start === null ? [accountId, ordersPerCall] : [accountId, ordersPerCall, start];
    const page = await client.call("database", "get_limit_orders_by_account", args, ordersAnswer);
    for (const { id, sell_price } of page) {
      const instance = instanceOf(id);
      // The page begins with the order that was asked from, which the page before ended with.
      if (orders.length > 0 && instance <= (orders.at(-1) as OpenOrder).instance) continue;
      orders.push({ instance, owner, sells: sell_price.base, wants: sell_price.quote });
    }
    if (page.length < ordersPerCall) return orders;
    start = `1.7.${(orders.at(-1) as OpenOrder).instance}`;
  }
}

function inMarketOf(entry: MixEntry, { sells, wants }: OpenOrder, assets: OrderSetting["assets"]): boolean {
  const parse = entry.operation === "limit_order_cancel" ? parseOrderCancel : parseOrderUpdate;
  const { market } = parse(entry.parameters).value;
  const own = [sells.asset_id, wants.asset_id];
  return market === null || market.every((symbol) => own.includes(`1.3.${assets.get(symbol)?.instance}`));
}

function toCancelData(orders: readonly OpenOrder[]): OrderCancelData {
  return {
    kind: "limit_order_cancel",
    fee: 0,
    orders: orders.map((order) => order.instance),
    owners: orders.map((order) => order.owner),
  };
}

function toUpdateData(entry: MixEntry, orders: readonly OpenOrder[]): PooledData {
  const { price, expiresAfterSeconds } = parseOrderUpdate(entry.parameters).value;
  return {
    kind: "pooled",
    operation: "limit_order_update",
    fee: 0,
    ids: orders.map((order) => order.instance),
    owners: orders.map((order) => order.owner),
    columns: {
      sells: orders.map(({ sells }) => sells.amount),
      sold: orders.map(({ sells }) => instanceOf(sells.asset_id)),
      wants: orders.map(({ wants }) => wants.amount),
      wanted: orders.map(({ wants }) => instanceOf(wants.asset_id)),
    },
    settings: { leastPrice: Number(price.minimum), mostPrice: Number(price.maximum), expiresAfterSeconds },
  };
}
