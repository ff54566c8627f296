import { expect, test } from "@jest/globals";
import fc from "fast-check";
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

const account = fc.integer({ min: 17, max: 24 });
/** Few different amounts, so that prices meet often. */
const amount = fc.constantFrom(1, 3, 7, 100, 999, 1000, 500_000_000_000);
const operation = fc.oneof(
  fc.tuple(account, account, amount).map(([from, to, sent]) => transfer(from, to, sent)),
  fc
    .tuple(account, amount, amount, fc.boolean(), fc.boolean())
    .map(([seller, sold, wanted, isBts, kill]) => sell(seller, sold, isBts ? 0 : 1, wanted, isBts ? 1 : 0, kill)),
  fc.tuple(account, fc.integer({ min: 0, max: 20 })).map(([owner, order]) => cancel(owner, order)),
);
const step = fc.record({
  node: fc.integer({ min: 0, max: 2 }),
  operations: fc.array(operation, { minLength: 1, maxLength: 3 }),
  waitMs: fc.constantFrom(0, 0, 1, 3, 400, 1100),
});

/** Held by accounts, resting in orders and paid as fees. */
function total(state: State, asset: number): number {
  let resting = 0;
  for (const { sell: sold, forSale } of state.orders.values()) if (sold.asset === asset) resting += forSale;
  return state.totalBalance(asset) + resting + (asset === 0 ? state.fees.get("core")! : 0);
}

function snapshot(state: State) {
  const holders = Array.from({ length: 8 }, (_, index) => 17 + index);
  return {
    balances: holders.map((holder) => [state.balance(holder, 0), state.balance(holder, 1)]),
    orders: [...state.orders.values()].sort((a, b) => a.instance - b.instance),
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
    const config = marketNetwork({ nodes: 3, network: { partitions: [split], missedSlotShare: 0.1 } });
    const virtual = new VirtualNetwork(config);
    const chains = [0, 1, 2].map((index) => virtual.chain(index));
    const supplies = [total(chains[0]!.state, 0), total(chains[0]!.state, 1)];
    for (const { node, operations, waitMs } of steps) {
      virtual.send(node, operations);
      virtual.advance(waitMs / 1000);
      for (const { state } of chains) {
        expect([total(state, 0), total(state, 1)]).toEqual(supplies);
        for (let holder = 17; holder < 25; holder += 1) {
          expect(Math.min(state.balance(holder, 0), state.balance(holder, 1))).toBeGreaterThanOrEqual(0);
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
        return { transaction, results: [], virtual: null };
      });
      expect(replay.receive(block, { orphanedReturn: true })).toEqual([block]);
    }
    expect(snapshot(replay.state)).toEqual(settled);
  });
  fc.assert(property, { numRuns: 40 });
});
