import { assertion } from "../../chain/failure.ts";
import type { MarketFill } from "../../chain/history.ts";
import type { Asset, Order } from "../../chain/objects.ts";
import { maximumSupply } from "../../chain/supply.ts";
import { type Json, toTimeText } from "../../codec/json.ts";
import { amountForJson, readInstance, Unreadable } from "../../codec/read-value.ts";
import { findAccount, findAsset, readUnsigned } from "../arguments.ts";
import type { Call, Method } from "../method.ts";
import { renderOrder } from "../render-objects.ts";

interface Market {
  readonly base: Asset;
  readonly quote: Asset;
}

function findMarket(args: readonly Json[], { node }: Call): Market {
  const [base, quote] = [args[0], args[1]].map((given) => {
    const asset = findAsset(node.chain.state, given);
    if (asset !== undefined) return asset;
    const text = `asset_ptr: Invalid asset symbol or ID: ${String(given)}`;
    const source = { file: "database_api.cpp", line: 78, method: "get_asset_from_string" };
    throw new Unreadable(assertion(source, { format: text }));
  });
  return { base: base!, quote: quote! };
}

/** Prices need two assets; nodes find out while dividing one amount by the other. */
function refuseSameAsset({ base, quote }: Market): void {
  if (base !== quote) return;
  const amounts = {
    base: amountForJson({ amount: maximumSupply, asset: base.instance }),
    quote: amountForJson({ amount: 1, asset: quote.instance }),
  };
  throw new Unreadable(
    assertion(
      { file: "asset.cpp", line: 102, method: "operator/" },
      { format: "base.asset_id != quote.asset_id: " },
    ).capture("asset.cpp", 104, "operator/", JSON.stringify(amounts)),
  );
}

function ordersSelling(sold: Asset, wanted: Asset, limit: number, { node }: Call): readonly Order[] {
  const { state } = node.chain;
  const orders: Order[] = [];
  for (const instance of state.book.instances(sold.instance, wanted.instance)) {
    if (orders.length >= limit) break;
    orders.push(state.orders.get(instance)!);
  }
  return orders;
}

function limitOrders(args: readonly Json[], call: Call): string {
  const market = findMarket(args, call);
  refuseSameAsset(market);
  const limit = readUnsigned(args[2], 300);
  const both = [
    ...ordersSelling(market.base, market.quote, limit, call),
    ...ordersSelling(market.quote, market.base, limit, call),
  ];
  return JSON.stringify(both.map(renderOrder));
}

function ownOrders(account: Json | undefined, { node }: Call): readonly Order[] {
  const { state } = node.chain;
  const found = findAccount(state, account);
  return found === undefined ? [] : state.book.ofAccount(found.instance).map((instance) => state.orders.get(instance)!);
}

function ordersByAccount([account, limit, start]: readonly Json[], call: Call): string {
  const from = start === undefined || start === null ? 0 : readInstance(start, "1.7.");
  const orders = ownOrders(account, call).filter(({ instance }) => instance >= from);
  return JSON.stringify(orders.slice(0, readUnsigned(limit, 101)).map(renderOrder));
}

function accountLimitOrders([account, base, quote, limit]: readonly Json[], call: Call): string {
  const market = findMarket([base!, quote!], call);
  const orders = ownOrders(account, call).filter(
    ({ sell, receive }) => sell.asset === market.base.instance && receive.asset === market.quote.instance,
  );
  return JSON.stringify(orders.slice(0, readUnsigned(limit, 101)).map(renderOrder));
}

/** As many digits as matter, no zeros behind. */
function decimal(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return "0";
  const text = value.toFixed(20);
  return value >= 1e15
    ? String(Math.round(value))
    : Number(text)
        .toPrecision(15)
        .replace(/(\.\d*?)0+$/, "$1")
        .replace(/\.$/, "");
}

function amountText(amount: number, { precision }: Asset): string {
  const digits = String(amount).padStart(precision + 1, "0");
  const fraction = precision === 0 ? "" : digits.slice(-precision).replace(/0+$/, "");
  const whole = digits.slice(0, digits.length - precision);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

function scaled(amount: number, { precision }: Asset): number {
  return amount / 10 ** precision;
}

function orderBook(args: readonly Json[], call: Call): string {
  const market = findMarket(args, call);
  const limit = readUnsigned(args[2], 50);
  const row = (order: Order, soldIsBase: boolean) => {
    const other = Number((BigInt(order.forSale) * BigInt(order.receive.amount)) / BigInt(order.sell.amount));
    const base = soldIsBase ? order.forSale : other;
    const quote = soldIsBase ? other : order.forSale;
    const [priceBase, priceQuote] = soldIsBase ? [order.sell, order.receive] : [order.receive, order.sell];
    return {
      price: decimal(scaled(priceBase.amount, market.base) / scaled(priceQuote.amount, market.quote)),
      quote: amountText(quote, market.quote),
      base: amountText(base, market.base),
      id: `1.7.${order.instance}`,
      owner_id: `1.2.${order.seller}`,
      owner_name: call.node.chain.state.accounts.get(order.seller)!.name,
      expiration: toTimeText(order.expirationSeconds),
    };
  };
  return JSON.stringify({
    base: String(args[0]),
    quote: String(args[1]),
    bids: ordersSelling(market.base, market.quote, limit, call).map((order) => row(order, true)),
    asks: ordersSelling(market.quote, market.base, limit, call).map((order) => row(order, false)),
  });
}

interface Trade {
  readonly price: number;
  readonly base: number;
  readonly quote: number;
}

function tradeOf({ fill }: MarketFill, { base, quote }: Market): Trade {
  const paidInBase = fill.pays.asset === base.instance;
  const inBase = paidInBase ? fill.pays.amount : fill.receives.amount;
  const inQuote = paidInBase ? fill.receives.amount : fill.pays.amount;
  return { base: inBase, quote: inQuote, price: scaled(inBase, base) / scaled(inQuote, quote) };
}

function fillsOf(market: Market, { network, node }: Call): readonly MarketFill[] {
  return network.store.history.fills(market.base.instance, market.quote.instance, (block) => node.chain.has(block));
}

const daySeconds = 86_400;

function ticker(args: readonly Json[], call: Call): string {
  const market = findMarket(args, call);
  const { head } = call.node.chain;
  const takers = fillsOf(market, call).filter(({ fill }) => !fill.isMaker);
  const today = takers.filter(({ block }) => block.timestampSeconds > head.timestampSeconds - daySeconds);
  const trades = today.map((taken) => tradeOf(taken, market));
  const book = JSON.parse(orderBook([args[0]!, args[1]!, 1], call)) as Readonly<
    Record<"bids" | "asks", readonly Row[]>
  >;
  const [bid, ask] = [book.bids[0], book.asks[0]];
  const first = trades[0]?.price ?? 0;
  const latest = takers.length === 0 ? 0 : tradeOf(takers.at(-1)!, market).price;
  const sum = (side: "base" | "quote") => trades.reduce((total, trade) => total + trade[side], 0);
  return JSON.stringify({
    time: toTimeText(head.timestampSeconds),
    base: market.base.symbol,
    quote: market.quote.symbol,
    latest: decimal(latest),
    lowest_ask: ask?.price ?? "0",
    lowest_ask_base_size: ask?.base ?? "0",
    lowest_ask_quote_size: ask?.quote ?? "0",
    highest_bid: bid?.price ?? "0",
    highest_bid_base_size: bid?.base ?? "0",
    highest_bid_quote_size: bid?.quote ?? "0",
    percent_change: first === 0 ? "0" : decimal(Math.round((latest / first - 1) * 10_000) / 100),
    base_volume: amountText(sum("base"), market.base),
    quote_volume: amountText(sum("quote"), market.quote),
    mto_id: takers.length === 0 ? null : "5.2.0",
  });
}

interface Row {
  readonly price: string;
  readonly base: string;
  readonly quote: string;
}

function tradeHistory(args: readonly Json[], call: Call): string {
  const market = findMarket(args, call);
  const limit = readUnsigned(args[4], 100);
  const fills = fillsOf(market, call);
  const takers = fills
    .filter(({ fill }) => !fill.isMaker)
    .slice(-limit)
    .reverse();
  return JSON.stringify(
    takers.map((taken) => {
      const trade = tradeOf(taken, market);
      const maker = fills[fills.indexOf(taken) + 1];
      return {
        sequence: -taken.number,
        date: toTimeText(taken.block.timestampSeconds),
        price: decimal(trade.price),
        amount: amountText(trade.quote, market.quote),
        value: amountText(trade.base, market.base),
        type: taken.fill.pays.asset === market.base.instance ? "buy" : "sell",
        side1_account_id: `1.2.${maker?.fill.account ?? 0}`,
        side2_account_id: `1.2.${taken.fill.account}`,
      };
    }),
  );
}

export const marketMethods: Readonly<Record<string, Method>> = {
  get_limit_orders: { required: 3, run: limitOrders },
  get_limit_orders_by_account: { required: 1, run: ordersByAccount },
  get_account_limit_orders: { required: 3, run: accountLimitOrders },
  get_order_book: { required: 2, run: orderBook },
  get_ticker: { required: 2, run: ticker },
  get_24_volume: {
    required: 2,
    run: (args, call) => {
      const { time, base, quote, base_volume, quote_volume } = JSON.parse(ticker(args, call)) as Readonly<
        Record<string, string>
      >;
      return JSON.stringify({ time, base, quote, base_volume, quote_volume });
    },
  },
  get_trade_history: { required: 4, run: tradeHistory },
  subscribe_to_market: { required: 3, run: () => "null" },
  unsubscribe_from_market: { required: 2, run: () => "null" },
};
