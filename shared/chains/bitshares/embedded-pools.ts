import type { MixEntry } from "../../scenario/scenario.ts";
import type { AccountPopularity } from "../../workload/popularity.ts";
import { htlcHash } from "./htlc-preimage.ts";
import { defaultMarket, parseOrderCancel, parseOrderUpdate } from "./parameters.ts";

const coreSymbol = "BTS";
/** Far above any market, so that nothing takes the order before it is its turn. */
const farAwayAmount = "100000000000";
/** What contracts, proposals and vesting balances are about: of the core asset the accounts need every unit for fees. */
const [heldSymbol] = defaultMarket;

interface PoolOptions {
  readonly mix: readonly MixEntry[];
  /** By mix entry, how often it is used at most. */
  readonly needs: readonly number[];
  readonly names: readonly string[];
  readonly popularity: AccountPopularity;
}

/** What is there from the start of an embedded network for operations that need something to be there. */
export function embeddedPools(options: PoolOptions) {
  return {
    orders: options.mix.flatMap((entry) => restingOrders(entry, neediest(options, orderOperations), options)),
    htlcs: htlcs(options),
    vestingBalances: shared(options, ["vesting_balance_withdraw"]).map(({ name, count }) => ({
      owner: name,
      amount: { symbol: heldSymbol, amount: "1" },
      count,
    })),
    proposals: proposals(options),
  };
}

const orderOperations = ["limit_order_cancel", "limit_order_update"];

/** Objects are dealt evenly to the entries that they suit, so each must find as many as the neediest. */
function neediest({ mix, needs }: PoolOptions, operations: readonly string[]): number {
  return Math.max(...mix.map((entry, i) => (isNamed(entry, operations) ? (needs[i] ?? 0) : 0)));
}

interface Share {
  readonly name: string;
  /** The next account, in a ring. */
  readonly neighbour: string;
  readonly count: number;
}

/** As many objects as the entries of these operations use up, by account: as many as it is popular. */
function shared(options: PoolOptions, operations: readonly string[]): Share[] {
  const { mix, names, popularity } = options;
  const needed = neediest(options, operations) * mix.filter((entry) => isNamed(entry, operations)).length;
  return names.flatMap((name, account) => {
    const count = Math.ceil(needed * popularity.shareOf(account));
    const neighbour = names[(account + 1) % names.length] as string;
    return needed === 0 ? [] : [{ name, neighbour, count }];
  });
}

function isNamed({ template, operation }: MixEntry, operations: readonly string[]): boolean {
  return template === null && operations.includes(operation);
}

/** Each of another amount, so that each has a preimage of its own. */
function htlcs(options: PoolOptions): unknown[] {
  return shared(options, ["htlc_redeem", "htlc_extend"]).flatMap(({ name, neighbour, count }) =>
    Array.from({ length: count }, (_, i) => ({
      from: name,
      to: neighbour,
      amount: { symbol: heldSymbol, amount: String(i + 1) },
      hash: htlcHash(name, neighbour, i + 1),
    })),
  );
}

/** Each asks an account to pay the next one a single unit. */
function proposals(options: PoolOptions): unknown[] {
  return shared(options, ["proposal_update", "proposal_delete"]).map(({ name, neighbour, count }) => ({
    proposer: neighbour,
    from: name,
    to: neighbour,
    amount: { symbol: heldSymbol, amount: "1" },
    count,
  }));
}

/** As many orders as the entry cancels or updates; each account has as many of them as it is popular. */
function restingOrders(entry: MixEntry, needed: number, { names, popularity }: PoolOptions): unknown[] {
  if (!isNamed(entry, orderOperations) || needed === 0) return [];
  const parse = entry.operation === "limit_order_cancel" ? parseOrderCancel : parseOrderUpdate;
  const market = parse(entry.parameters).value.market ?? defaultMarket;
  // Sold is the asset that is not BTS: of BTS the accounts need every unit for fees.
  const [sold, wanted] = market[0] === coreSymbol ? [market[1], coreSymbol] : [market[0], market[1] ?? coreSymbol];
  return names.map((seller, account) => ({
    seller,
    sell: { symbol: sold, amount: "1" },
    receive: { symbol: wanted, amount: farAwayAmount },
    count: Math.ceil(needed * popularity.shareOf(account)),
  }));
}
