import { isDeepStrictEqual } from "node:util";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { bitsharesDevnetSchema } from "../../shared/devnet/config.ts";
import { lendingGenesis } from "../testing/bitasset-operations.ts";
import { debtsOf, indexesOf, leastOf, rebuilt, snapshotOf, suppliesOf, totalsOf } from "../testing/bitshares-state.ts";
import {
  heldOperations,
  lendingOperations,
  marketOperations,
  proposalOperations,
} from "../testing/drawn-operations.ts";
import { registryOperations } from "../testing/drawn-registry-operations.ts";
import { marketNetwork } from "../testing/market-network.ts";
import { VirtualNetwork } from "../testing/virtual-network.ts";
import { BitsharesChain } from "./chain/bitshares-chain.ts";
import { BlockStore } from "./chain/block-store.ts";
import { ChainFailure } from "./chain/failure.ts";
import { createGenesis } from "./chain/genesis.ts";
import type { Json } from "./codec/json.ts";
import { prepareTransaction } from "./codec/signed-transaction.ts";

const plain = fc.oneof(marketOperations, heldOperations, lendingOperations, registryOperations);
const step = fc.record({
  node: fc.integer({ min: 0, max: 2 }),
  operations: fc.array(fc.oneof({ weight: 4, arbitrary: plain }, proposalOperations(plain)), {
    minLength: 1,
    maxLength: 3,
  }),
  waitMs: fc.constantFrom(0, 0, 1, 3, 400, 1100, 3000),
});

/** Few blocks, so that much falls due in one of them, or many; nodes that lose each other or go away, for short or long. */
const circumstances = fc.record({
  blockIntervalMs: fc.constantFrom(1000, 1000, 3000, 5000),
  missedSlotShare: fc.constantFrom(0.1, 0.4),
  propagationDelayMs: fc.constantFrom(5, 700),
  orphanedReturn: fc.constantFrom(true, true, false),
  partitions: fc.array(
    fc.record({
      atMs: fc.integer({ min: 0, max: 20_000 }),
      forMs: fc.constantFrom(500, 3000, 6000, 40_000),
      nodes: fc.constantFrom([0], [1], [2]),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  outages: fc.array(fc.record({ atMs: fc.integer({ min: 0, max: 20_000 }), forMs: fc.constantFrom(800, 9000) }), {
    maxLength: 1,
  }),
  stalls: fc.array(fc.record({ atMs: fc.integer({ min: 0, max: 20_000 }), forMs: fc.constantFrom(800, 9000) }), {
    maxLength: 1,
  }),
});

type Circumstances = typeof circumstances extends fc.Arbitrary<infer Drawn> ? Drawn : never;

function networkIn({ blockIntervalMs, outages, stalls, ...network }: Circumstances) {
  const config = marketNetwork({ nodes: 3, blockIntervalMs, network, genesis: lendingGenesis() });
  return bitsharesDevnetSchema.parse({ ...config, nodes: [{ stalls }, { outages }] });
}

/** Says what differs; whether anything does is found out sooner without the matcher. */
function expectSame(one: unknown, other: unknown): void {
  if (!isDeepStrictEqual(one, other)) expect(one).toStrictEqual(other);
}

function expectSound({ state }: BitsharesChain): void {
  expectSame(totalsOf(state), suppliesOf(state));
  expect(leastOf(state)).toBe(0);
  for (const { owed, supply } of debtsOf(state)) expect(owed).toBe(supply);
}

/** The blocks of the chain again, one by one, on a node that has seen nothing else. */
function replayed(
  chain: BitsharesChain,
  virtual: VirtualNetwork,
  config: ReturnType<typeof networkIn>,
): BitsharesChain {
  const { parameters, store } = virtual.network;
  const genesis = createGenesis(config, parameters.witnesses, parameters.genesisSeconds);
  const replay = new BitsharesChain(genesis, parameters, new BlockStore());
  for (let number = 1; number <= chain.headNumber; number += 1) {
    const block = chain.block(number)!;
    const { transactions } = JSON.parse(store.json(block)) as { readonly transactions: readonly Json[] };
    block.applied = transactions.map((given) => {
      const transaction = prepareTransaction(given, parameters.chainId);
      if (transaction instanceof ChainFailure) throw new Error(JSON.stringify(transaction));
      return { transaction, results: [], virtual: null, isTimed: false };
    });
    expect(replay.receive(block, { orphanedReturn: true })).toEqual([block]);
  }
  return replay;
}

test("nothing is made or lost, nobody owes, and all nodes end up where replaying the blocks leads, forks included", () => {
  const property = fc.property(
    fc.array(step, { minLength: 5, maxLength: 40, size: "max" }),
    circumstances,
    (steps, drawn) => {
      const config = networkIn(drawn);
      const virtual = new VirtualNetwork(config);
      const chains = [0, 1, 2].map((index) => virtual.chain(index));
      for (const { node, operations, waitMs } of steps) {
        const transaction = virtual.sign(operations, virtual.reference(node));
        const other = chains[(node + 1) % 3]!;
        const prepared = other.prepare(transaction);
        if (!(prepared instanceof ChainFailure)) {
          const before = snapshotOf(other.state);
          other.examine(prepared);
          expectSame(snapshotOf(other.state), before);
        }
        virtual.broadcast(node, transaction);
        virtual.advance(waitMs / 1000);
        for (const chain of chains) expectSound(chain);
      }
      virtual.advance(160 * (drawn.blockIntervalMs / 1000));
      expect(chains.map(({ pendingCount }) => pendingCount)).toEqual([0, 0, 0]);
      const settled = snapshotOf(chains[0]!.state);
      for (const chain of chains.slice(1)) expectSame(snapshotOf(chain.state), settled);
      for (const { state } of chains) expectSame(indexesOf(state), indexesOf(rebuilt(state)));
      expectSame(snapshotOf(replayed(chains[0]!, virtual, config).state), settled);
    },
  );
  fc.assert(property, { numRuns: 40 });
});
