import { Journal } from "../../network/journal.ts";
import { Table } from "../../network/table.ts";
import type { Amount } from "../codec/read-value.ts";
import { ExpiryIndex } from "./expiry-index.ts";
import type { Account, Asset, Order } from "./objects.ts";
import { OrderBook } from "./order-book.ts";

export type Counter = "account" | "asset" | "order";

/** Everything that a chain starts with; nodes copy the maps and share the values. */
export interface GenesisState {
  readonly accounts: ReadonlyMap<number, Account>;
  readonly assets: ReadonlyMap<number, Asset>;
  /** By asset, then by account. */
  readonly balances: readonly ReadonlyMap<number, number>[];
  readonly orders: ReadonlyMap<number, Order>;
  readonly supplies: ReadonlyMap<number, number>;
}

/** One node's view of accounts, balances and orders: at its head plus its pending transactions. */
export class State {
  readonly journal = new Journal();
  readonly accounts: Table<number, Account>;
  readonly accountNames: Table<string, number>;
  readonly assets: Table<number, Asset>;
  readonly assetSymbols: Table<string, number>;
  readonly orders: Table<number, Order>;
  /** What exists of each asset, fees that were burnt excluded. */
  readonly supplies: Table<number, number>;
  /** Collected by the network, in the core asset. */
  readonly fees: Table<"core", number>;
  readonly book: OrderBook;
  readonly #counters: Table<Counter, number>;
  readonly #balances: Table<number, number>[];
  readonly #expiries = new ExpiryIndex();

  constructor(genesis: GenesisState) {
    const { journal } = this;
    this.accounts = new Table(journal, genesis.accounts);
    this.accountNames = new Table(
      journal,
      new Map([...genesis.accounts.values()].map(({ name, instance }) => [name, instance])),
    );
    this.assets = new Table(journal, genesis.assets);
    this.assetSymbols = new Table(
      journal,
      new Map([...genesis.assets.values()].map(({ symbol, instance }) => [symbol, instance])),
    );
    this.supplies = new Table(journal, genesis.supplies);
    this.fees = new Table<"core", number>(journal, new Map([["core", 0]]));
    this.#balances = genesis.balances.map((balances) => new Table(journal, balances));
    this.book = new OrderBook(genesis.orders.values());
    for (const order of genesis.orders.values()) this.#expiries.add(order.expirationSeconds, order.instance);
    this.orders = new Table<number, Order>(journal, genesis.orders, (instance, before, after) => {
      this.book.changed(instance, before, after);
      if (before === undefined && after !== undefined) this.#expiries.add(after.expirationSeconds, instance);
    });
    this.#counters = new Table<Counter, number>(
      journal,
      new Map([
        ["account", genesis.accounts.size],
        ["asset", genesis.assets.size],
        ["order", genesis.orders.size],
      ]),
    );
  }

  nextInstance(counter: Counter): number {
    const instance = this.#counters.get(counter)!;
    this.#counters.set(counter, instance + 1);
    return instance;
  }

  peekInstance(counter: Counter): number {
    return this.#counters.get(counter)!;
  }

  balance(account: number, asset: number): number {
    return this.#balances[asset]?.get(account) ?? 0;
  }

  /** Whether the account ever had the asset: nodes list emptied balances too. */
  hasBalance(account: number, asset: number): boolean {
    return this.#balances[asset]?.get(account) !== undefined;
  }

  adjust(account: number, { amount, asset }: Amount): void {
    if (amount === 0) return;
    let table = this.#balances[asset];
    if (table === undefined) {
      table = new Table<number, number>(this.journal);
      this.#balances[asset] = table;
    }
    table.set(account, (table.get(account) ?? 0) + amount);
  }

  /** Sum over all accounts. */
  totalBalance(asset: number): number {
    let total = 0;
    for (const balance of this.#balances[asset]?.values() ?? []) total += balance;
    return total;
  }

  hasOrdersDue(seconds: number): boolean {
    return this.#expiries.hasDue(seconds);
  }

  expiredOrders(seconds: number): readonly number[] {
    return this.#expiries.due(seconds, (instance) => this.orders.get(instance) !== undefined);
  }
}
