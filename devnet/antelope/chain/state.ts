import { Journal } from "../../network/journal.ts";
import { Table } from "../../network/table.ts";
import type { Account, Balance, Stake, Token, Vote } from "./objects.ts";
import { toUsageLimit, type Usage, type UsageLimit } from "./usage.ts";

/** Everything that a chain starts with; nodes copy the maps and share the values. */
export interface GenesisState {
  readonly accounts: ReadonlyMap<string, Account>;
  readonly ramUsage: ReadonlyMap<string, number>;
  readonly tokens: ReadonlyMap<string, Token>;
  /** By symbol, then by owner. */
  readonly balances: ReadonlyMap<string, ReadonlyMap<string, Balance>>;
  /** By `from`, a space, `receiver`. */
  readonly stakes: ReadonlyMap<string, Stake>;
}

export type Limited = "cpu" | "net";

/** One node's view of accounts, balances and resources: at its head plus its pending transactions. */
export class State {
  readonly journal = new Journal();
  readonly accounts: Table<string, Account>;
  /** Rows of `stat` by symbol. */
  readonly tokens: Table<string, Token>;
  /** Bytes that each account pays for. */
  readonly ramUsage: Table<string, number>;
  /** By `from`, a space, `receiver`. */
  readonly stakes: Table<string, Stake>;
  readonly votes: Table<string, Vote>;
  /** How many actions there were: in all (by the empty name), by receiver, by authorizing account. */
  readonly receipts: Table<string, number>;
  readonly authorizations: Table<string, number>;
  readonly #usage: Readonly<Record<Limited, Table<string, Usage>>>;
  readonly #balances: Map<string, Table<string, Balance>>;

  constructor(genesis: GenesisState) {
    const { journal } = this;
    this.accounts = new Table(journal, genesis.accounts);
    this.tokens = new Table(journal, genesis.tokens);
    this.ramUsage = new Table(journal, genesis.ramUsage);
    this.stakes = new Table(journal, genesis.stakes);
    this.votes = new Table<string, Vote>(journal);
    this.receipts = new Table<string, number>(journal);
    this.authorizations = new Table<string, number>(journal);
    this.#usage = { cpu: new Table<string, Usage>(journal), net: new Table<string, Usage>(journal) };
    this.#balances = new Map([...genesis.balances].map(([symbol, rows]) => [symbol, new Table(journal, rows)]));
  }

  /** The row of `accounts`, which accounts that never had the token lack. */
  balance(owner: string, symbol: string): Balance | undefined {
    return this.#balances.get(symbol)?.get(owner);
  }

  /** All rows of `accounts` of one token, by owner. */
  balances(symbol: string): Table<string, Balance> {
    let table = this.#balances.get(symbol);
    if (table === undefined) {
      table = new Table<string, Balance>(this.journal);
      this.#balances.set(symbol, table);
    }
    return table;
  }

  /** What the account has used, may still use and may use in all, within 24 hours. */
  limit(account: Account, kind: Limited, millis: number): UsageLimit {
    const max = kind === "cpu" ? account.cpuMicrosPerDay : account.netBytesPerDay;
    return toUsageLimit(this.#usage[kind].get(account.name), max, millis);
  }

  usage(account: string, kind: Limited): Usage | undefined {
    return this.#usage[kind].get(account);
  }

  /** Accounts without a limit are not kept account of. */
  use(account: Account, kind: Limited, amount: number, millis: number): void {
    const { used, max } = this.limit(account, kind, millis);
    if (max >= 0) this.#usage[kind].set(account.name, { used: used + amount, atMillis: millis });
  }

  addRam(account: string, bytes: number): void {
    this.ramUsage.set(account, (this.ramUsage.get(account) ?? 0) + bytes);
  }

  /** Counts one more and returns the new number. */
  count(table: "receipts" | "authorizations", name: string): number {
    const next = (this[table].get(name) ?? 0) + 1;
    this[table].set(name, next);
    return next;
  }
}
