import { expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  bid,
  borrow,
  lendingGenesis,
  lent,
  publish,
  settle,
  settleAll,
  settled,
} from "../testing/bitasset-operations.ts";
import {
  approve,
  dismiss,
  htlcCreate,
  htlcExtend,
  htlcRedeem,
  propose,
  updateOrder,
  vest,
  withdraw,
} from "../testing/held-operations.ts";
import { marketNetwork } from "../testing/market-network.ts";
import { cancel, sell, transfer } from "../testing/sign.ts";
import { VirtualNetwork } from "../testing/virtual-network.ts";
import { BitsharesChain } from "./chain/bitshares-chain.ts";
import { BlockStore } from "./chain/block-store.ts";
import { ChainFailure } from "./chain/failure.ts";
import { createGenesis } from "./chain/genesis.ts";
import type { State } from "./chain/state.ts";
import type { Json } from "./codec/json.ts";
import { prepareTransaction } from "./codec/signed-transaction.ts";

const start = Date.parse("2026-01-01T00:00:00Z");
const account = fc.integer({ min: 17, max: 24 });
/** Few different amounts, so that prices meet often. */
const amount = fc.constantFrom(1, 3, 7, 100, 999, 1000, 500_000_000_000);
/** Some within a run, some of them at the same time, some after it. */
const expiration = fc
  .constantFrom(8, 9, 12, 25, 600)
  .map((after) => new Date(start + after * 1000).toISOString().slice(0, 19));
const operation = fc.oneof(
  fc.tuple(account, account, amount).map(([from, to, sent]) => transfer(from, to, sent)),
  fc
    .tuple(account, amount, amount, fc.boolean(), fc.boolean())
    .map(([seller, sold, wanted, isBts, kill]) => sell(seller, sold, isBts ? 0 : 1, wanted, isBts ? 1 : 0, kill)),
  fc
    .tuple(account, amount, amount, expiration)
    .map(([seller, sold, wanted, until]) => expiring(sell(seller, sold, 0, wanted, 1), until)),
  fc.tuple(account, fc.integer({ min: 0, max: 20 })).map(([owner, order]) => cancel(owner, order)),
);
const number = fc.integer({ min: 0, max: 12 });
const preimage = fc.constantFrom(Buffer.from("open"), Buffer.from("wrong"));
/** Short enough that some expire within a run, and some do not. */
const seconds = fc.constantFrom(1, 3, 20, 100);
const price = (base: number, quote: number, isBts: boolean) => ({
  new_price: {
    base: { amount: base, asset_id: isBts ? "1.3.0" : "1.3.1" },
    quote: { amount: quote, asset_id: isBts ? "1.3.1" : "1.3.0" },
  },
});
const held = fc.oneof(
  fc
    .tuple(account, account, amount, seconds)
    .map(([from, to, sent, claim_period_seconds]) => htlcCreate(from, to, sent, { claim_period_seconds })),
  fc.tuple(account, number, preimage).map(([redeemer, htlc, shown]) => htlcRedeem(redeemer, htlc, shown)),
  fc.tuple(account, number, seconds).map(([issuer, htlc, more]) => htlcExtend(issuer, htlc, more)),
  fc
    .tuple(account, account, amount, seconds)
    .map(([creator, owner, sent, vesting_seconds]) =>
      vest(creator, owner, sent, [1, { start_claim: "1970-01-01T00:00:00", vesting_seconds }]),
    ),
  fc.tuple(account, number, amount).map(([owner, vesting, taken]) => withdraw(owner, vesting, taken)),
  fc.tuple(account, account, account, amount, expiration).map(([proposer, from, to, sent, until]) =>
    // Nested with an order that may fail, so that all of it is taken back.
    propose(proposer, until, transfer(from, to, sent), sell(from, sent, 1, 7, 0)),
  ),
  fc
    .tuple(account, account, number, expiration, fc.constantFrom(approve, dismiss), fc.constantFrom(1, 5))
    .map(([proposer, by, proposal, until, change, review]) =>
      reviewed(propose(proposer, until, change(by, proposal)), review),
    ),
  fc.tuple(account, number).map(([approver, proposal]) => approve(approver, proposal)),
  fc.tuple(account, number).map(([approver, proposal]) => dismiss(approver, proposal)),
  fc
    .tuple(account, number, amount, amount, fc.boolean())
    .map(([seller, order, sold, wanted, isBts]) => updateOrder(seller, order, price(sold, wanted, isBts))),
  fc
    .tuple(account, number, expiration)
    .map(([seller, order, until]) => updateOrder(seller, order, { new_expiration: until })),
  fc
    .tuple(account, number, fc.constantFrom(-7, 1, 1000), fc.constantFrom(0, 1))
    .map(([seller, order, more, asset]) =>
      updateOrder(seller, order, { delta_amount_to_sell: { amount: more, asset_id: `1.3.${asset}` } }),
    ),
);
const lending = fc.oneof(
  fc
    .tuple(account, fc.constantFrom(0, 300, 5000, -900), fc.constantFrom(100, 1000, -100, 0))
    .map(([borrower, more, debt]) => borrow(borrower, more, debt)),
  // From a price at which all is well to one at which nothing is.
  fc
    .tuple(fc.constant(17), fc.constantFrom(1, 2, 3, 30))
    .map(([publisher, collateral]) => publish(publisher, 1, collateral)),
  fc.constantFrom(3, 1).map((collateral) => publish(17, 1, collateral, settled)),
  fc
    .tuple(account, fc.constantFrom(7, 100, 1000), fc.constantFrom(lent, settled))
    .map(([holder, sent, asset]) => settle(holder, sent, asset)),
  fc
    .tuple(account, fc.constantFrom(0, 500), fc.constantFrom(0, 70))
    .map(([bidder, collateral, debt]) => bid(bidder, collateral, debt)),
  fc.constantFrom(1, 2).map((collateral) => settleAll(17, 1, collateral)),
  fc.tuple(account, amount).map(([seller, sold]) => sell(seller, sold % 1000, lent, 7, 0)),
);
const step = fc.record({
  node: fc.integer({ min: 0, max: 2 }),
  operations: fc.array(fc.oneof(operation, held, lending), { minLength: 1, maxLength: 3 }),
  waitMs: fc.constantFrom(0, 0, 1, 3, 400, 1100),
});

function expiring([type, body]: readonly [number, object], expiration: string): readonly [number, object] {
  return [type, { ...body, expiration }];
}

/** Approved before its last seconds or not at all, and carried out when it expires. */
function reviewed([type, body]: readonly [number, object], seconds: number): readonly [number, object] {
  return [type, { ...body, review_period_seconds: seconds }];
}

/** Held by accounts, resting in orders, set aside for a time, a preimage or a debt, and paid as fees. */
function total(state: State, asset: number): number {
  const resting = [
    ...[...state.orders.values()].map(({ sell: sold, forSale }) => ({ asset: sold.asset, amount: forSale })),
    ...[...state.htlcs.values()].map((htlc) => htlc.held),
    ...[...state.vestings.values()].map(({ balance }) => balance),
    ...[...state.settlements.values()].map(({ balance }) => balance),
    ...[...state.calls.values(), ...state.bids.values()].map(({ collateral }) => collateral),
    ...[...state.bitassets.values()].map((one) => ({
      asset: one.backing,
      amount: one.settlementFund + one.collateralFees,
    })),
  ];
  const set = resting.reduce((sum, one) => (one.asset === asset ? sum + one.amount : sum), 0);
  return state.totalBalance(asset) + set + (asset === 0 ? state.fees.get("core")! : 0);
}

function inOrder<T extends { readonly instance: number }>(objects: Iterable<T>): T[] {
  return [...objects].sort((a, b) => a.instance - b.instance);
}

const assets = [0, 1, lent, settled];

function snapshot(state: State) {
  const holders = Array.from({ length: 8 }, (_, index) => 17 + index);
  return {
    balances: holders.map((holder) => assets.map((asset) => state.balance(holder, asset))),
    supplies: assets.map((asset) => state.supplies.get(asset)),
    bitassets: [lent, settled].map((asset) => state.bitassets.get(asset)),
    calls: inOrder(state.calls.values()),
    bids: inOrder(state.bids.values()),
    settlements: inOrder(state.settlements.values()),
    orders: inOrder(state.orders.values()),
    htlcs: inOrder(state.htlcs.values()),
    vestings: inOrder(state.vestings.values()),
    // Those that failed tell of amounts as they were when the node tried, which forks may change: all else is the same.
    proposals: inOrder(state.proposals.values()).map(({ operations: _, ...proposal }) => proposal),
    book: [[...state.book.instances(0, 1)], [...state.book.instances(1, 0)]],
    fees: state.fees.get("core"),
    next: state.peekInstance("order"),
  };
}

test("nothing is made or lost, nobody owes, and all nodes end up where replaying the blocks leads, forks included", () => {
  const partition = fc.record({
    atMs: fc.integer({ min: 0, max: 4000 }),
    forMs: fc.integer({ min: 500, max: 6000 }),
    nodes: fc.constantFrom([0], [1], [2]),
  });
  const property = fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), partition, (steps, split) => {
    const network = { partitions: [split], missedSlotShare: 0.1 };
    const config = marketNetwork({ nodes: 3, network, genesis: lendingGenesis() });
    const virtual = new VirtualNetwork(config);
    const chains = [0, 1, 2].map((index) => virtual.chain(index));
    const fixed = [total(chains[0]!.state, 0), total(chains[0]!.state, 1)];
    for (const { node, operations, waitMs } of steps) {
      virtual.send(node, operations);
      virtual.advance(waitMs / 1000);
      for (const { state } of chains) {
        expect([total(state, 0), total(state, 1)]).toEqual(fixed);
        expect(assets.map((asset) => total(state, asset))).toEqual(assets.map((asset) => state.supplies.get(asset)));
        // What is owed is what there is of an asset until it is settled for everybody.
        const owed = [...state.calls.values()].reduce(
          (sum, { debt }) => sum + (debt.asset === lent ? debt.amount : 0),
          0,
        );
        if (state.bitassets.get(lent)!.settlementPrice === null) expect(owed).toBe(state.supplies.get(lent));
        for (let holder = 17; holder < 25; holder += 1) {
          expect(Math.min(...assets.map((asset) => state.balance(holder, asset)))).toBeGreaterThanOrEqual(0);
        }
      }
    }
    virtual.advance(40);
    expect(chains.map(({ pendingCount }) => pendingCount)).toEqual([0, 0, 0]);
    const settled = snapshot(chains[0]!.state);
    for (const chain of chains.slice(1)) expect(snapshot(chain.state)).toEqual(settled);

    const { parameters, store } = virtual.network;
    const genesis = createGenesis(config, parameters.witnesses, parameters.genesisSeconds);
    const replay = new BitsharesChain(genesis, parameters, new BlockStore());
    for (let number = 1; number <= chains[0]!.headNumber; number += 1) {
      const block = chains[0]!.block(number)!;
      const { transactions } = JSON.parse(store.json(block)) as { readonly transactions: readonly Json[] };
      block.applied = transactions.map((given) => {
        const transaction = prepareTransaction(given, parameters.chainId);
        if (transaction instanceof ChainFailure) throw new Error(JSON.stringify(transaction));
        return { transaction, results: [], virtual: null, isTimed: false };
      });
      expect(replay.receive(block, { orphanedReturn: true })).toEqual([block]);
    }
    expect(snapshot(replay.state)).toEqual(settled);
  });
  fc.assert(property, { numRuns: 40 });
});
