import { Journal } from "../../network/journal.ts";
import { Table } from "../../network/table.ts";
import type { Amount } from "../codec/read-value.ts";
import { type Bitasset, type CallOrder, type CollateralBid, type ForceSettlement, feedExpiration } from "./bitasset.ts";
import { ExpiryIndex } from "./expiry-index.ts";
import type { Account, Asset, Htlc, Order, Proposal, VestingBalance } from "./objects.ts";
import { OrderBook } from "./order-book.ts";

export type Counter =
  | "account"
  | "asset"
  | "bitasset"
  | "order"
  | "call"
  | "bid"
  | "settlement"
  | "htlc"
  | "vesting"
  | "proposal";

/** Everything that a chain starts with; nodes copy the maps and share the values. */
export interface GenesisState {
  readonly accounts: ReadonlyMap<number, Account>;
  readonly assets: ReadonlyMap<number, Asset>;
  /** By asset, then by account. */
  readonly balances: readonly ReadonlyMap<number, number>[];
  readonly orders: ReadonlyMap<number, Order>;
  readonly supplies: ReadonlyMap<number, number>;
  readonly htlcs: ReadonlyMap<number, Htlc>;
  readonly vestings: ReadonlyMap<number, VestingBalance>;
  readonly proposals: ReadonlyMap<number, Proposal>;
  /** By asset. */
  readonly bitassets: ReadonlyMap<number, Bitasset>;
  readonly calls: ReadonlyMap<number, CallOrder>;
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
  readonly htlcs: Table<number, Htlc>;
  readonly vestings: Table<number, VestingBalance>;
  readonly proposals: Table<number, Proposal>;
  /** By asset. */
  readonly bitassets: Table<number, Bitasset>;
  readonly calls: Table<number, CallOrder>;
  readonly bids: Table<number, CollateralBid>;
  readonly settlements: Table<number, ForceSettlement>;
  /** Instances of positions, by borrower and asset. */
  readonly #callOf = new Map<string, number>();
  readonly #counters: Table<Counter, number>;
  readonly #balances: Table<number, number>[];
  readonly #expiries = {
    orders: new ExpiryIndex(),
    htlcs: new ExpiryIndex(),
    proposals: new ExpiryIndex(),
    feeds: new ExpiryIndex(),
  };

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
    const { orders, htlcs, proposals, feeds } = this.#expiries;
    this.orders = expiringTable(journal, genesis.orders, orders, expirationOf, (instance, before, after) => {
      this.book.changed(instance, before, after);
    });
    this.htlcs = expiringTable(journal, genesis.htlcs, htlcs, expirationOf);
    this.proposals = expiringTable(journal, genesis.proposals, proposals, expirationOf);
    this.vestings = new Table(journal, genesis.vestings);
    this.bitassets = expiringTable(journal, genesis.bitassets, feeds, feedExpiration);
    for (const call of genesis.calls.values()) this.#callOf.set(ownerKey(call), call.instance);
    this.calls = new Table<number, CallOrder>(journal, genesis.calls, (instance, before, after) => {
      if (before !== undefined && after === undefined) this.#callOf.delete(ownerKey(before));
      if (after !== undefined) this.#callOf.set(ownerKey(after), instance);
    });
    this.bids = new Table<number, CollateralBid>(journal);
    this.settlements = new Table<number, ForceSettlement>(journal);
    this.#counters = new Table<Counter, number>(
      journal,
      new Map([
        ["account", genesis.accounts.size],
        ["asset", genesis.assets.size],
        ["order", genesis.orders.size],
        ["htlc", genesis.htlcs.size],
        ["vesting", genesis.vestings.size],
        ["proposal", genesis.proposals.size],
        ["bitasset", genesis.bitassets.size],
        ["call", genesis.calls.size],
        ["bid", 0],
        ["settlement", 0],
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

  /** What an account owes of an asset, and its collateral. */
  callOf(borrower: number, asset: number): CallOrder | undefined {
    const instance = this.#callOf.get(`${borrower} ${asset}`);
    return instance === undefined ? undefined : this.calls.get(instance);
  }

  /** Sum over all accounts. */
  totalBalance(asset: number): number {
    let total = 0;
    for (const balance of this.#balances[asset]?.values() ?? []) total += balance;
    return total;
  }

  /** Whether anything expires at that time or before, or would without the transactions that wait for their block. */
  hasExpired(seconds: number): boolean {
    const { orders, htlcs, proposals, feeds } = this.#expiries;
    return orders.hasDue(seconds) || htlcs.hasDue(seconds) || proposals.hasDue(seconds) || feeds.hasDue(seconds);
  }

  /** Once a block of that time has dealt with all of it, and nothing is applied behind it. */
  forgetExpired(seconds: number): void {
    for (const index of Object.values(this.#expiries)) index.forget(seconds);
  }

  /** Assets whose median has to be taken again. */
  expiredFeeds(seconds: number): readonly number[] {
    return this.#expiries.feeds.due(seconds);
  }

  expiredOrders(seconds: number): readonly number[] {
    return this.#expiries.orders.due(seconds);
  }

  expiredHtlcs(seconds: number): readonly number[] {
    return this.#expiries.htlcs.due(seconds);
  }

  expiredProposals(seconds: number): readonly number[] {
    return this.#expiries.proposals.due(seconds);
  }
}

function ownerKey({ borrower, debt }: CallOrder): string {
  return `${borrower} ${debt.asset}`;
}

/** In seconds since 1970; `null` while nothing of it expires. */
type ExpirationOf<T> = (row: T) => number | null;

function expirationOf({ expirationSeconds }: { readonly expirationSeconds: number }): number {
  return expirationSeconds;
}

/** Objects whose expiration may change: each time it does, going back included, the index is told. */
function expiringTable<T>(
  journal: Journal,
  rows: ReadonlyMap<number, T>,
  expiries: ExpiryIndex,
  expiration: ExpirationOf<T>,
  onChange: ((instance: number, before: T | undefined, after: T | undefined) => void) | null = null,
): Table<number, T> {
  const secondsOf = (row: T | undefined): number | null => (row === undefined ? null : expiration(row));
  for (const [instance, row] of rows) expiries.move(instance, null, secondsOf(row));
  return new Table<number, T>(journal, rows, (instance, before, after) => {
    onChange?.(instance, before, after);
    expiries.move(instance, secondsOf(before), secondsOf(after));
  });
}
