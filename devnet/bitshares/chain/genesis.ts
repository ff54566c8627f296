import type { BitsharesDevnetConfig } from "../../../shared/devnet/config.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { compileOperation } from "../codec/compile-operation.ts";
import { integerForJson, type JsonObject } from "../codec/json.ts";
import { operationTypes } from "../codec/operation.ts";
import type { Amount } from "../codec/read-value.ts";
import { type Bitasset, type CallOrder, noFeed, withMedian } from "./bitasset.ts";
import { transferFee } from "./fee-schedule.ts";
import {
  type Account,
  type Asset,
  type Authority,
  type Htlc,
  noLists,
  type Order,
  type Proposal,
  specialAccounts,
  type VestingBalance,
} from "./objects.ts";
import type { GenesisState } from "./state.ts";
import { maximumSupply } from "./supply.ts";
import type { Witness } from "./witnesses.ts";

export const coreSymbol = "BTS";

const noKey = "BTS1111111111111111111111111111111114T1Anm";
const specialNames = [
  "committee-account",
  "witness-account",
  "relaxed-committee-account",
  "null-account",
  "temp-account",
  "proxy-to-self",
];
/** Accounts that a chain has before those of its genesis file. */
export const firstWitnessAccount = specialNames.length;
/** Names of the accounts that are there before those of the configuration. */
export function reservedNames(witnesses: number): readonly string[] {
  return [...specialNames, ...Array.from({ length: witnesses }, (_, index) => `init${index}`)];
}

/** Genesis orders outlive every run. */
const endOfOrdersSeconds = Date.UTC(2035, 0, 1) / 1000;

const empty: Authority = { weightThreshold: 0, accounts: [], keys: [] };
const anyone: Authority = { weightThreshold: 0, accounts: [], keys: [] };

export function createGenesis(
  config: BitsharesDevnetConfig,
  witnesses: readonly Witness[],
  genesisSeconds: number,
): GenesisState {
  const builder = new GenesisBuilder(genesisSeconds);
  for (const name of specialNames)
    builder.addAccount(name, name === "temp-account" ? anyone : empty, noKey, name === "committee-account");
  for (const [index, { publicKey }] of witnesses.entries())
    builder.addAccount(`init${index}`, keyAuthority(publicKey), publicKey, true);
  for (const { name, publicKey, lifetimeMember } of config.genesis.accounts) {
    builder.addAccount(name, keyAuthority(publicKey), publicKey, lifetimeMember);
  }
  builder.addAsset({ symbol: coreSymbol, precision: 5, issuer: specialAccounts.null, maxSupply: maximumSupply });
  for (const { symbol, precision, issuer, maxSupply, bitasset } of config.genesis.assets) {
    builder.addAsset({ symbol, precision, issuer: builder.accountNamed(issuer), maxSupply: Number(maxSupply) });
    if (bitasset !== null) builder.addBitasset(symbol, bitasset);
  }
  for (const { name, balances } of config.genesis.accounts) {
    for (const [symbol, amount] of Object.entries(balances)) builder.addBalance(name, symbol, Number(amount));
  }
  for (const position of config.genesis.positions) builder.addPosition(position);
  for (const { symbol, bitasset } of config.genesis.assets) {
    if (bitasset?.settlementFund) builder.settle(symbol, bitasset.settlementFund);
  }
  for (const { seller, sell, receive, count } of config.genesis.orders) {
    for (let index = 0; index < count; index += 1) builder.addOrder(seller, sell, receive);
  }
  for (const htlc of config.genesis.htlcs) builder.addHtlc(htlc);
  for (const vesting of config.genesis.vestingBalances) {
    for (let index = 0; index < vesting.count; index += 1) builder.addVestingBalance(vesting);
  }
  for (const proposal of config.genesis.proposals) {
    for (let index = 0; index < proposal.count; index += 1) builder.addProposal(proposal);
  }
  return builder.build();
}

function keyAuthority(key: string): Authority {
  return { weightThreshold: 1, accounts: [], keys: [[key, 1]] };
}

interface NewAsset {
  readonly symbol: string;
  readonly precision: number;
  readonly issuer: number;
  readonly maxSupply: number;
}

class GenesisBuilder {
  readonly #seconds: number;
  readonly #accounts = new Map<number, Account>();
  readonly #names = new Map<string, number>();
  readonly #assets = new Map<number, Asset>();
  readonly #symbols = new Map<string, number>();
  readonly #balances: Map<number, number>[] = [];
  readonly #orders = new Map<number, Order>();
  readonly #supplies = new Map<number, number>();
  readonly #bitassets = new Map<number, Bitasset>();
  readonly #calls = new Map<number, CallOrder>();
  readonly #htlcs = new Map<number, Htlc>();
  readonly #vestings = new Map<number, VestingBalance>();
  readonly #proposals = new Map<number, Proposal>();

  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  accountNamed(name: string): number {
    return this.#names.get(name)!;
  }

  addAccount(name: string, authority: Authority, memoKey: string, lifetimeMember: boolean): void {
    const instance = this.#accounts.size;
    this.#names.set(name, instance);
    this.#accounts.set(instance, {
      instance,
      name,
      registrar: lifetimeMember ? instance : specialAccounts.temporary,
      referrer: lifetimeMember ? instance : specialAccounts.committee,
      lifetimeReferrer: lifetimeMember ? instance : specialAccounts.committee,
      referrerPercent: 0,
      membership: lifetimeMember ? "lifetime" : "basic",
      owner: authority,
      active: authority,
      options: accountOptions(memoKey),
      lists: noLists,
      creationBlock: 0,
      creationSeconds: this.#seconds,
    });
  }

  addAsset({ symbol, precision, issuer, maxSupply }: NewAsset): void {
    const instance = this.#assets.size;
    this.#symbols.set(symbol, instance);
    this.#balances.push(new Map());
    this.#supplies.set(instance, 0);
    this.#assets.set(instance, {
      instance,
      symbol,
      precision,
      issuer,
      maxSupply,
      options: instance === 0 ? coreOptions(maxSupply) : assetOptions(maxSupply, instance),
      creationBlock: 0,
      creationSeconds: this.#seconds,
    });
  }

  addBalance(name: string, symbol: string, amount: number): void {
    const asset = this.#symbols.get(symbol)!;
    const account = this.#names.get(name)!;
    const balances = this.#balances[asset]!;
    balances.set(account, (balances.get(account) ?? 0) + amount);
    this.#supplies.set(asset, this.#supplies.get(asset)! + amount);
  }

  addOrder(seller: string, sell: NamedAmount, receive: NamedAmount): void {
    const instance = this.#orders.size;
    const account = this.#names.get(seller)!;
    const sold = this.#setAside(account, sell);
    this.#orders.set(instance, {
      instance,
      seller: account,
      expirationSeconds: endOfOrdersSeconds,
      forSale: sold.amount,
      sell: sold,
      receive: { amount: Number(receive.amount), asset: this.#symbols.get(receive.symbol)! },
      deferredFee: 0,
      filled: 0,
    });
  }

  addBitasset(symbol: string, { feed }: NonNullable<Genesis["assets"][number]["bitasset"]>): void {
    const asset = this.#symbols.get(symbol)!;
    const settlement = {
      base: { amount: Number(feed.debt), asset },
      quote: { amount: Number(feed.collateral), asset: 0 },
    };
    const found = this.#assets.get(asset)!;
    // All that an issuer of such an asset may be permitted.
    this.#assets.set(asset, { ...found, options: { ...found.options, issuer_permissions: 511 } });
    const bitasset: Bitasset = {
      instance: this.#bitassets.size,
      asset,
      options: bitassetOptions,
      backing: 0,
      isPredictionMarket: false,
      feeds: [
        {
          publisher: found.issuer,
          seconds: this.#seconds,
          feed: { ...noFeed, settlement, coreRate: settlement },
        },
      ],
      feed: noFeed,
      feedSeconds: this.#seconds,
      settlementPrice: null,
      settlementFund: 0,
      collateralFees: 0,
    };
    this.#bitassets.set(asset, withMedian(bitasset, this.#seconds));
  }

  addPosition({ borrower, debt, collateral }: Genesis["positions"][number]): void {
    const instance = this.#calls.size;
    const account = this.#names.get(borrower)!;
    const owed = { amount: Number(debt.amount), asset: this.#symbols.get(debt.symbol)! };
    this.#calls.set(instance, {
      instance,
      borrower: account,
      debt: owed,
      collateral: this.#setAside(account, { symbol: coreSymbol, amount: collateral }),
      targetRatio: null,
    });
    this.addBalance(borrower, debt.symbol, owed.amount);
  }

  /** As if all positions had been closed: who holds the asset has a share of the fund. */
  settle(symbol: string, fund: string): void {
    const bitasset = this.#bitassets.get(this.#symbols.get(symbol)!)!;
    const { asset } = bitasset;
    const held = this.#setAside(this.#assets.get(asset)!.issuer, { symbol: coreSymbol, amount: fund });
    this.#bitassets.set(asset, {
      ...bitasset,
      settlementPrice: { base: { amount: this.#supplies.get(asset)!, asset }, quote: held },
      settlementFund: held.amount,
    });
  }

  addHtlc(given: Genesis["htlcs"][number]): void {
    const instance = this.#htlcs.size;
    const from = this.#names.get(given.from)!;
    this.#htlcs.set(instance, {
      instance,
      from,
      to: this.#names.get(given.to)!,
      held: this.#setAside(from, given.amount),
      algorithm: sha256Algorithm,
      hash: given.hash,
      preimageSize: given.preimageBytes,
      expirationSeconds: this.#seconds + given.expiresAfterSeconds,
      memo: null,
    });
  }

  addVestingBalance({ owner, amount, vestingSeconds }: Genesis["vestingBalances"][number]): void {
    const instance = this.#vestings.size;
    const account = this.#names.get(owner)!;
    const balance = this.#setAside(account, amount);
    this.#vestings.set(instance, {
      instance,
      owner: account,
      balance,
      policy: {
        kind: "linear",
        beginSeconds: this.#seconds,
        cliffSeconds: 0,
        durationSeconds: vestingSeconds,
        beginBalance: balance.amount,
      },
    });
  }

  addProposal({ proposer, from, to, amount, expiresAfterSeconds }: Genesis["proposals"][number]): void {
    const instance = this.#proposals.size;
    const sender = this.#names.get(from)!;
    const body = {
      fee: { amount: transferFee, asset_id: "1.3.0" },
      from: `1.2.${sender}`,
      to: `1.2.${this.#names.get(to)!}`,
      amount: { amount: integerForJson(Number(amount.amount)), asset_id: `1.3.${this.#symbols.get(amount.symbol)!}` },
      extensions: [],
    };
    const { operation, json } = compileOperation([operationTypes.transfer, body], new ByteWriter());
    this.#proposals.set(instance, {
      instance,
      proposer: this.#names.get(proposer)!,
      expirationSeconds: this.#seconds + expiresAfterSeconds,
      reviewSeconds: null,
      operations: [operation],
      operationsJson: `[${json}]`,
      requiredActive: [sender],
      requiredOwner: [],
      availableActive: [],
      availableOwner: [],
      availableKeys: [],
      failReason: "",
    });
  }

  build(): GenesisState {
    return {
      accounts: this.#accounts,
      assets: this.#assets,
      balances: this.#balances,
      orders: this.#orders,
      supplies: this.#supplies,
      htlcs: this.#htlcs,
      vestings: this.#vestings,
      proposals: this.#proposals,
      bitassets: this.#bitassets,
      calls: this.#calls,
    };
  }

  /** Takes an amount out of a balance: it is held by something else from then on. */
  #setAside(account: number, { symbol, amount }: NamedAmount): Amount {
    const held = { amount: Number(amount), asset: this.#symbols.get(symbol)! };
    const balances = this.#balances[held.asset]!;
    balances.set(account, (balances.get(account) ?? 0) - held.amount);
    return held;
  }
}

/** Of bitassets of the genesis: prices outlive every run, and one publisher is enough. */
const bitassetOptions: JsonObject = {
  feed_lifetime_sec: 2_592_000,
  minimum_feeds: 1,
  force_settlement_delay_sec: 86_400,
  force_settlement_offset_percent: 0,
  maximum_force_settlement_volume: 2000,
  short_backing_asset: "1.3.0",
  extensions: {},
};

type Genesis = BitsharesDevnetConfig["genesis"];
const sha256Algorithm = 2;

interface NamedAmount {
  readonly symbol: string;
  readonly amount: string;
}

function accountOptions(memoKey: string): JsonObject {
  return {
    memo_key: memoKey,
    voting_account: `1.2.${specialAccounts.proxyToSelf}`,
    num_witness: 0,
    num_committee: 0,
    votes: [],
    extensions: [],
  };
}

function coreOptions(maxSupply: number): JsonObject {
  return { ...assetOptions(maxSupply, 0), max_market_fee: String(maxSupply), issuer_permissions: 0 };
}

function assetOptions(maxSupply: number, instance: number): JsonObject {
  return {
    max_supply: maxSupply > 0xffffffff ? String(maxSupply) : maxSupply,
    market_fee_percent: 0,
    max_market_fee: 0,
    issuer_permissions: 79,
    flags: 0,
    core_exchange_rate: {
      base: { amount: 1, asset_id: "1.3.0" },
      quote: { amount: 1, asset_id: `1.3.${instance}` },
    },
    whitelist_authorities: [],
    blacklist_authorities: [],
    whitelist_markets: [],
    blacklist_markets: [],
    description: "",
    extensions: {},
  };
}
