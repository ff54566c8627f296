import { State } from "../bitshares/chain/state.ts";

function inOrder<T extends { readonly instance: number }>(objects: Iterable<T>): T[] {
  return [...objects].sort((a, b) => a.instance - b.instance);
}

function sortedEntries<V>(entries: Iterable<[string, V]>): [string, V][] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}

function assetsOf(state: State): number[] {
  return [...state.assets.keys()].sort((a, b) => a - b);
}

/** Held by accounts, resting in orders, set aside for a time, a preimage or a debt, and paid as fees: by asset. */
export function totalsOf(state: State): Map<number, number> {
  const totals = new Map(assetsOf(state).map((asset) => [asset, state.totalBalance(asset)]));
  const add = (asset: number, amount: number): void => {
    totals.set(asset, (totals.get(asset) ?? 0) + amount);
  };
  for (const { sell, forSale } of state.orders.values()) add(sell.asset, forSale);
  for (const { held } of state.htlcs.values()) add(held.asset, held.amount);
  for (const { balance } of state.vestings.values()) add(balance.asset, balance.amount);
  for (const { balance } of state.settlements.values()) add(balance.asset, balance.amount);
  for (const { collateral } of state.calls.values()) add(collateral.asset, collateral.amount);
  for (const { collateral } of state.bids.values()) add(collateral.asset, collateral.amount);
  for (const { backing, settlementFund, collateralFees } of state.bitassets.values()) {
    add(backing, settlementFund + collateralFees);
  }
  add(0, state.fees.get("core")!);
  return totals;
}

export function suppliesOf(state: State): Map<number, number> {
  return new Map(assetsOf(state).map((asset) => [asset, state.supplies.get(asset)!]));
}

/** What is owed of each asset that is lent and has not been settled for everybody, and what there is of it. */
export function debtsOf(state: State): { readonly asset: number; readonly owed: number; readonly supply: number }[] {
  const lent = [...state.bitassets.values()].filter(({ settlementPrice }) => settlementPrice === null);
  return lent.map(({ asset }) => ({
    asset,
    owed: [...state.calls.values()].reduce((sum, { debt }) => sum + (debt.asset === asset ? debt.amount : 0), 0),
    supply: state.supplies.get(asset)!,
  }));
}

/** The least of all that must never be less than nothing. */
export function leastOf(state: State): number {
  let least = Math.min(0, state.fees.get("core")!);
  const look = (...amounts: number[]): void => {
    least = Math.min(least, ...amounts);
  };
  for (const account of state.accounts.keys()) {
    for (const asset of state.assets.keys()) look(state.balance(account, asset));
  }
  for (const { forSale, deferredFee } of state.orders.values()) look(forSale - 1, deferredFee);
  for (const { held } of state.htlcs.values()) look(held.amount - 1);
  for (const { balance } of state.vestings.values()) look(balance.amount);
  for (const { balance } of state.settlements.values()) look(balance.amount - 1);
  for (const { collateral, debt } of [...state.calls.values(), ...state.bids.values()]) {
    look(collateral.amount - 1, debt.amount - 1);
  }
  for (const { settlementFund, collateralFees } of state.bitassets.values()) look(settlementFund, collateralFees);
  return least;
}

/** Everything that there is, in an order that does not depend on how it came about. */
export function snapshotOf(state: State) {
  return {
    accounts: inOrder(state.accounts.values()),
    assets: inOrder(state.assets.values()),
    balances: inOrder(state.accounts.values()).map(({ instance }) =>
      assetsOf(state).map((asset) => state.balance(instance, asset)),
    ),
    supplies: [...suppliesOf(state)],
    bitassets: inOrder(state.bitassets.values()),
    calls: inOrder(state.calls.values()),
    bids: inOrder(state.bids.values()),
    settlements: inOrder(state.settlements.values()),
    orders: inOrder(state.orders.values()),
    htlcs: inOrder(state.htlcs.values()),
    vestings: inOrder(state.vestings.values()),
    proposals: inOrder(state.proposals.values()),
    fees: state.fees.get("core"),
    next: counters.map((counter) => state.peekInstance(counter)),
    ...indexesOf(state),
  };
}

const counters = [
  "account",
  "asset",
  "bitasset",
  "order",
  "call",
  "bid",
  "settlement",
  "htlc",
  "vesting",
  "proposal",
] as const;

const never = Number.POSITIVE_INFINITY;

/** What is kept beside the tables so that it is found sooner. */
export function indexesOf(state: State) {
  const assets = assetsOf(state);
  const accounts = inOrder(state.accounts.values()).map(({ instance }) => instance);
  return {
    names: sortedEntries(state.accountNames.entries()),
    symbols: sortedEntries(state.assetSymbols.entries()),
    book: assets.flatMap((sold) => assets.map((wanted) => [...state.book.instances(sold, wanted)])),
    ordersOf: accounts.map((account) => state.book.ofAccount(account)),
    callsOf: accounts.flatMap((account) => assets.map((asset) => state.callOf(account, asset)?.instance)),
    expiring: [
      state.expiredOrders(never),
      state.expiredHtlcs(never),
      state.expiredProposals(never),
      state.expiredFeeds(never),
    ],
  };
}

/** A state of the same tables, whose indexes are made anew. */
export function rebuilt(state: State): State {
  const byInstance = <T extends { readonly instance: number }>(objects: Iterable<T>): Map<number, T> =>
    new Map(inOrder(objects).map((one) => [one.instance, one]));
  return new State({
    accounts: byInstance(state.accounts.values()),
    assets: byInstance(state.assets.values()),
    balances: [],
    orders: byInstance(state.orders.values()),
    supplies: suppliesOf(state),
    htlcs: byInstance(state.htlcs.values()),
    vestings: byInstance(state.vestings.values()),
    proposals: byInstance(state.proposals.values()),
    bitassets: new Map([...state.bitassets.values()].map((bitasset) => [bitasset.asset, bitasset])),
    calls: byInstance(state.calls.values()),
  });
}
