import { setMaxListeners } from "node:events";
import { z } from "zod";
import { AppError, type Problem } from "../../../errors/app-error.ts";
import { waitUntil } from "../../../time/wait.ts";
import type { BootOptions } from "../../node-networks.ts";
import { fetchReference } from "../fetch-reference.ts";
import { privateKeyBytes, publicKeyText } from "../keys.ts";
import { accountsAnswer, amountsAnswer, assetsAnswer, chainIdAnswer, ordersAnswer } from "../node-answers.ts";
import { RpcClient } from "../rpc-client.ts";
import { addressOf, coreSymbol } from "./genesis.ts";
import { signedTransaction } from "./signed-transaction.ts";

const amountText = z.string().regex(/^\d+$/);

/** What is to be there in the end; written when the network is founded. */
export const bootPlanSchema = z.object({
  chainId: z.string(),
  treasurer: z.object({ name: z.string(), privateKey: z.string() }),
  accounts: z.array(z.object({ name: z.string(), privateKey: z.string(), balances: z.record(z.string(), amountText) })),
  /** Symbol and issuer of every asset but the core asset. */
  assets: z.array(z.object({ symbol: z.string(), issuer: z.string() })),
  orders: z.array(
    z.object({
      seller: z.string(),
      sell: z.object({ symbol: z.string(), amount: amountText }),
      receive: z.object({ symbol: z.string(), amount: amountText }),
      count: z.number().int(),
    }),
  ),
});

export type BootPlan = z.output<typeof bootPlanSchema>;

const timeoutMs = 30_000;
/** A network whose containers have just been made needs a while until its first blocks are irreversible. */
const readyTimeoutMs = 120_000;
/** Until what was sent is in a block: several rounds of witnesses. */
const includedTimeoutMs = 60_000;
const accountsPerCall = 100;
/** Below the smallest size of a transaction that a genesis can allow, in bytes of operations. */
const operationsPerTransaction = 40;
const expirationSeconds = 300;
const ordersPerCall = 100;

const operationCodes = { transfer: 0, limitOrderCreate: 1, assetIssue: 14, balanceClaim: 37 } as const;
const feesAnswer = z.array(z.object({ amount: z.coerce.bigint(), asset_id: z.string() }));
const claimableAnswer = z.array(
  z.object({ id: z.string(), balance: z.object({ amount: z.coerce.bigint(), asset_id: z.string() }) }),
);

type Operation = readonly [number, Readonly<Record<string, unknown>>];

/** Pays the accounts, issues the assets and places the orders that a run starts from, as far as they are not there. */
export async function bootNetwork(given: BootOptions): Promise<void> {
  // Many calls are under way at once, each listening for an abort: that is no leak.
  const signal = AbortSignal.any([given.signal]);
  setMaxListeners(0, signal);
  const options = { ...given, signal };
  const plan = bootPlanSchema.parse(options.bootPlan);
  const client = await connectWhenReady(options, plan);
  try {
    const boot = new Boot(client, plan, options);
    await boot.find();
    await boot.fillTreasury();
    await boot.pay();
    await boot.issue();
    await boot.placeOrders();
  } finally {
    client.close();
  }
}

async function connectWhenReady({ endpoint, signal, tell }: BootOptions, { chainId }: BootPlan): Promise<RpcClient> {
  tell(`waiting for blocks of ${endpoint}`);
  let last: unknown = null;
  await waitUntil(
    async () => {
      try {
        await fetchReference(endpoint, signal);
        return true;
      } catch (error) {
        signal.throwIfAborted();
        last = error;
        return false;
      }
    },
    { timeoutMs: readyTimeoutMs, everyMs: 500, signal, onTimeout: () => last as Error },
  );
  const client = await RpcClient.connect({ endpoint, timeoutMs, signal });
  const actual = await client.call("database", "get_chain_id", [], chainIdAnswer);
  if (actual === chainId) return client;
  client.close();
  throw new AppError("NETWORK_MISMATCH", `${endpoint} is a node of another network`, {
    problems: [{ path: endpoint, value: actual, expected: `expected chain ${chainId}` }],
  });
}

class Boot {
  readonly #client: RpcClient;
  readonly #plan: BootPlan;
  readonly #options: BootOptions;
  /** Ids by account name and by asset symbol. */
  readonly #ids = new Map<string, string>();
  readonly #assetIds = new Map<string, string>();
  readonly #keys: ReadonlyMap<string, Buffer>;

  constructor(client: RpcClient, plan: BootPlan, options: BootOptions) {
    this.#client = client;
    this.#plan = plan;
    this.#options = options;
    this.#keys = new Map(
      [plan.treasurer, ...plan.accounts].map(({ name, privateKey }) => [name, privateKeyBytes(privateKey, name)]),
    );
  }

  async find(): Promise<void> {
    const names = [...this.#keys.keys()];
    const problems: Problem[] = [];
    for (let i = 0; i < names.length; i += accountsPerCall) {
      const some = names.slice(i, i + accountsPerCall);
      const found = await this.#client.call("database", "lookup_account_names", [some], accountsAnswer);
      for (const [at, name] of some.entries()) {
        const account = found[at];
        if (account) this.#ids.set(name, account.id);
        else problems.push({ path: name, expected: "expected an account that the network's genesis has" });
      }
    }
    if (problems.length > 0) throw new AppError("ACCOUNT_MISSING", "the network has another genesis", { problems });
    const symbols = [coreSymbol, ...this.#plan.assets.map(({ symbol }) => symbol)];
    const assets = await this.#client.call("database", "lookup_asset_symbols", [symbols], assetsAnswer);
    for (const [at, symbol] of symbols.entries()) {
      const asset = assets[at];
      if (!asset) throw new AppError("RESOURCES_MISSING", `the network has no asset ${symbol}`);
      this.#assetIds.set(symbol, asset.id);
    }
  }

  /** What a genesis gives to a key is claimed once, by an account of the key's owner. */
  async fillTreasury(): Promise<void> {
    const { name } = this.#plan.treasurer;
    const key = this.#keys.get(name) as Buffer;
    const publicKey = publicKeyText(key, coreSymbol);
    const address = addressOf(publicKey);
    const claimable = await this.#client.call("database", "get_balance_objects", [[address]], claimableAnswer);
    if (claimable.length === 0) return;
    this.#options.tell("claiming what the genesis gives");
    const before = await this.#balance(name, coreSymbol);
    const total = claimable.reduce((sum, { balance }) => sum + balance.amount, 0n);
    await this.#send(
      name,
      claimable.map(({ id, balance }) => [
        operationCodes.balanceClaim,
        {
          // Claims are free.
          fee: this.#amount(0n, coreSymbol),
          deposit_to_account: this.#id(name),
          balance_to_claim: id,
          balance_owner_key: publicKey,
          total_claimed: { amount: balance.amount.toString(), asset_id: balance.asset_id },
        },
      ]),
    );
    await this.#until("what the genesis gives", async () => (await this.#balance(name, coreSymbol)) >= before + total);
  }

  async pay(): Promise<void> {
    const { treasurer, accounts, assets, orders } = this.#plan;
    const from = this.#id(treasurer.name);
    // Issuers and sellers pay fees before the run begins: they get these as well.
    const issueFee = await this.#fee(this.#issueOf(0n, assets[0]?.symbol ?? coreSymbol, treasurer.name));
    const extras = new Map<string, bigint>();
    for (const { symbol, issuer } of assets) {
      const issues = accounts.filter(({ balances }) => balances[symbol] !== undefined).length;
      extras.set(issuer, (extras.get(issuer) ?? 0n) + BigInt(issues) * issueFee);
    }
    for (const order of orders) {
      const fee = await this.#fee(this.#orderOf(order));
      extras.set(order.seller, (extras.get(order.seller) ?? 0n) + BigInt(order.count) * fee);
    }
    const wanted = accounts.map(({ name, balances }) => ({
      name,
      amount: BigInt(balances[coreSymbol] ?? 0),
      extra: extras.get(name) ?? 0n,
    }));
    const missing = await this.#missing(wanted, coreSymbol);
    await this.#sendAll(
      treasurer.name,
      missing.map(({ name, amount }) => [
        operationCodes.transfer,
        { from, to: this.#id(name), amount: this.#amount(amount, coreSymbol), extensions: [] },
      ]),
      `paying ${missing.length} accounts`,
    );
    await this.#until("payments", async () => (await this.#missing(wanted, coreSymbol)).length === 0);
  }

  async issue(): Promise<void> {
    const { accounts, assets } = this.#plan;
    for (const { symbol, issuer } of assets) {
      const wanted = accounts
        .filter(({ balances }) => balances[symbol] !== undefined)
        .map(({ name, balances }) => {
          // What orders hold is there as well.
          const held = this.#heldBy(name, symbol);
          return { name, amount: BigInt(balances[symbol] ?? 0) - held, extra: held };
        });
      const missing = await this.#missing(wanted, symbol);
      await this.#sendAll(
        issuer,
        missing.map(({ name, amount }) => this.#issueOf(amount, symbol, name, issuer)),
        `issuing ${symbol} to ${missing.length} accounts`,
      );
      await this.#until(symbol, async () => (await this.#missing(wanted, symbol)).length === 0);
    }
  }

  /** Orders that the workload cancels. Whoever has as many already gets no more. */
  async placeOrders(): Promise<void> {
    for (const order of this.#plan.orders) {
      const open = await this.#openOrders(order.seller, order.count);
      const missing = Math.max(0, order.count - open);
      const operations = Array.from({ length: missing }, () => this.#orderOf(order));
      await this.#sendAll(order.seller, operations, `placing ${missing} orders of ${order.seller}`);
      if (missing === 0) continue;
      await this.#until("orders", async () => (await this.#openOrders(order.seller, order.count)) >= order.count);
    }
  }

  /** Up to `atMost`. */
  async #openOrders(seller: string, atMost: number): Promise<number> {
    const account = this.#id(seller);
    let count = 0;
    let after: string | null = null;
    while (count < atMost) {
      const args: unknown[] = after === null ? [account, ordersPerCall] : [account, ordersPerCall, after];
      const page: z.output<typeof ordersAnswer> = await this.#client.call(
        "database",
        "get_limit_orders_by_account",
        args,
        ordersAnswer,
      );
      // A page that goes on begins with the order that it goes on after.
      const news = page.filter(({ id }) => id !== after);
      if (news.length === 0) break;
      count += news.length;
      after = news.at(-1)?.id ?? null;
    }
    return count;
  }

  /** Whoever has less than `amount`, with what is missing to it and `extra`, which will be used up. */
  async #missing(
    wanted: readonly { readonly name: string; readonly amount: bigint; readonly extra: bigint }[],
    symbol: string,
  ): Promise<{ name: string; amount: bigint }[]> {
    const balances = await Promise.all(wanted.map(({ name }) => this.#balance(name, symbol)));
    return wanted.flatMap(({ name, amount, extra }, i) => {
      const has = balances[i] as bigint;
      return has >= amount ? [] : [{ name, amount: amount + extra - has }];
    });
  }

  async #balance(name: string, symbol: string): Promise<bigint> {
    const args = [this.#id(name), [this.#assetIds.get(symbol)]];
    const [balance] = await this.#client.call("database", "get_account_balances", args, amountsAnswer);
    return balance?.amount ?? 0n;
  }

  #heldBy(name: string, symbol: string): bigint {
    return this.#plan.orders
      .filter(({ seller, sell }) => seller === name && sell.symbol === symbol)
      .reduce((sum, { sell, count }) => sum + BigInt(sell.amount) * BigInt(count), 0n);
  }

  #issueOf(amount: bigint, symbol: string, to: string, issuer = to): Operation {
    return [
      operationCodes.assetIssue,
      {
        issuer: this.#id(issuer),
        asset_to_issue: this.#amount(amount, symbol),
        issue_to_account: this.#id(to),
        extensions: [],
      },
    ];
  }

  #orderOf({ seller, sell, receive }: BootPlan["orders"][number]): Operation {
    return [
      operationCodes.limitOrderCreate,
      {
        seller: this.#id(seller),
        amount_to_sell: this.#amount(BigInt(sell.amount), sell.symbol),
        min_to_receive: this.#amount(BigInt(receive.amount), receive.symbol),
        // The end of the protocol's time.
        expiration: "2038-01-01T00:00:00",
        fill_or_kill: false,
        extensions: {},
      },
    ];
  }

  #amount(amount: bigint, symbol: string): unknown {
    return { amount: amount.toString(), asset_id: this.#assetIds.get(symbol) };
  }

  #id(name: string): string {
    const id = this.#ids.get(name);
    if (id === undefined) throw new AppError("INTERNAL", `the boot plan names ${name}, which is none of its accounts`);
    return id;
  }

  async #fee(operation: Operation): Promise<bigint> {
    const free = [operation[0], { fee: this.#amount(0n, coreSymbol), ...operation[1] }];
    const [fee] = await this.#client.call("database", "get_required_fees", [[free], "1.3.0"], feesAnswer);
    return fee?.amount ?? 0n;
  }

  /** All have the same form, so that the first one's fee is that of each. */
  async #sendAll(signer: string, operations: readonly Operation[], text: string): Promise<void> {
    const [first] = operations;
    if (first === undefined) return;
    this.#options.tell(text);
    const fee = this.#amount(await this.#fee(first), coreSymbol);
    for (let i = 0; i < operations.length; i += operationsPerTransaction) {
      const some = operations.slice(i, i + operationsPerTransaction);
      // Two transactions of the same orders would be one and the same: their expirations tell them apart.
      const later = Math.floor(i / operationsPerTransaction);
      await this.#send(
        signer,
        some.map(([code, fields]): Operation => [code, { fee, ...fields }]),
        later,
      );
    }
  }

  async #send(signer: string, operations: readonly Operation[], laterSeconds = 0): Promise<void> {
    const { endpoint, signal } = this.#options;
    const reference = await fetchReference(endpoint, signal);
    const transaction = signedTransaction({
      operations,
      chainId: this.#plan.chainId,
      reference,
      expirationSeconds: Math.floor(reference.chainTimeMs / 1000) + expirationSeconds + laterSeconds,
      privateKey: this.#keys.get(signer) as Buffer,
    });
    await this.#client.call("network_broadcast", "broadcast_transaction", [transaction], z.null());
  }

  async #until(what: string, condition: () => Promise<boolean>): Promise<void> {
    const { endpoint, signal } = this.#options;
    await waitUntil(condition, {
      timeoutMs: includedTimeoutMs,
      everyMs: 250,
      signal,
      onTimeout: () =>
        new AppError(
          "NETWORK_NOT_READY",
          `${endpoint}: ${what} are not on the chain after ${includedTimeoutMs / 1000} s`,
        ),
    });
  }
}
