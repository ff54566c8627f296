import { isDeepStrictEqual } from "node:util";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { networkBehaviourSchema } from "../../shared/devnet/config.ts";
import { signedActions } from "../testing/antelope-actions.ts";
import { drawnAction } from "../testing/drawn-actions.ts";
import { smallAntelopeNetwork, VirtualAntelopeNetwork } from "../testing/virtual-antelope-network.ts";
import { AntelopeChain } from "./chain/antelope-chain.ts";
import { BlockStore } from "./chain/block-store.ts";
import { ChainFailure } from "./chain/failure.ts";
import { createGenesis } from "./chain/genesis.ts";
import type { State } from "./chain/state.ts";

const step = fc.record({
  node: fc.integer({ min: 0, max: 2 }),
  actions: fc.array(drawnAction, { minLength: 1, maxLength: 3 }),
  waitMs: fc.constantFrom(0, 0, 1, 6, 250, 700),
});

function snapshot(state: State) {
  const accounts = [...state.accounts.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const tokens = [...state.tokens.values()].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
  return {
    accounts,
    tokens,
    balances: tokens.map(({ symbol }) => accounts.map(({ name }) => state.balance(name, symbol) ?? null)),
    ram: accounts.map(({ name }) => state.ramUsage.get(name)),
    usage: accounts.map(({ name }) => [state.usage(name, "cpu"), state.usage(name, "net")]),
    stakes: [...state.stakes.entries()].sort(),
    votes: [...state.votes.entries()].sort(),
    receipts: [...state.receipts.entries()].sort(),
    authorizations: [...state.authorizations.entries()].sort(),
  };
}

/** Says what differs; whether anything does is found out sooner without the matcher. */
function expectSame(one: unknown, other: unknown): void {
  if (!isDeepStrictEqual(one, other)) expect(one).toStrictEqual(other);
}

function expectSound(state: State): void {
  for (const { symbol, supply } of state.tokens.values()) {
    const amounts = [...state.balances(symbol).values()].map(({ amount }) => amount);
    expect(amounts.reduce((sum, amount) => sum + amount, 0n)).toBe(supply);
    expect(amounts.every((amount) => amount >= 0n)).toBe(true);
  }
  for (const { net, cpu } of state.stakes.values()) expect(net >= 0n && cpu >= 0n && net + cpu > 0n).toBe(true);
  for (const { name, cpuMicrosPerDay, netBytesPerDay, ramBytes } of state.accounts.values()) {
    const used = state.ramUsage.get(name)!;
    expect(Math.min(used, cpuMicrosPerDay ?? 0, netBytesPerDay ?? 0)).toBeGreaterThanOrEqual(0);
    if (ramBytes !== null) expect(used).toBeLessThanOrEqual(ramBytes);
  }
}

test("balances add up to the supply, nobody owes, and all nodes end up where replaying the blocks leads, forks included", () => {
  const partition = fc.record({
    atMs: fc.integer({ min: 0, max: 3000 }),
    forMs: fc.constantFrom(500, 3000, 12_000, 40_000),
    nodes: fc.constantFrom([0], [1], [2]),
  });
  const property = fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), partition, (steps, split) => {
    const network = networkBehaviourSchema.parse({ partitions: [split], missedSlotShare: 0.1 });
    const limits = { cpuMicrosPerDay: 60_000, netBytesPerDay: 2000, ramBytes: 4000 };
    const config = smallAntelopeNetwork({ network, blocksPerTurn: 2 }, limits);
    const virtual = new VirtualAntelopeNetwork(config);
    const chains = [0, 1, 2].map((node) => virtual.chain(node));
    for (const { node, actions, waitMs } of steps) {
      const transaction = signedActions(actions, virtual.reference(node));
      const other = chains[(node + 1) % 3]!;
      const prepared = other.prepare(transaction);
      if (!(prepared instanceof ChainFailure)) {
        const before = snapshot(other.state);
        other.examine(prepared);
        expectSame(snapshot(other.state), before);
      }
      virtual.broadcast(node, transaction);
      virtual.advance(waitMs / 1000);
      for (const { state } of chains) expectSound(state);
    }
    virtual.advance(70.1);
    expect(chains.map(({ pendingCount }) => pendingCount)).toEqual([0, 0, 0]);
    const settled = snapshot(chains[0]!.state);
    for (const chain of chains.slice(1)) expectSame(snapshot(chain.state), settled);

    const { parameters, store } = virtual.network;
    const genesis = createGenesis(config, parameters);
    const replay = new AntelopeChain({ genesis, parameters, store: new BlockStore(), hasQuorum: () => false });
    for (let number = 1; number <= chains[0]!.headNumber; number += 1) {
      const block = chains[0]!.block(number)!;
      block.applied = store.transactions(block).map(({ packed, signatures, cpuMicros, netWords }) => {
        const transaction = replay.prepare({ signatures, compression: 0, packed_trx: packed.toString("hex") });
        if (!("packed" in transaction)) throw new Error(JSON.stringify(transaction));
        const trace = { id: transaction.id, receipt: null, actions: [] };
        return {
          transaction,
          cpuMicros,
          netWords,
          isTimed: false,
          trace: { ...trace, blockNumber: 0, blockMillis: 0, elapsedMicros: 0, netBytes: 0 },
        };
      });
      expect(replay.receive(block, { orphanedReturn: true })).toEqual([block]);
    }
    expectSame(snapshot(replay.state), settled);
  });
  fc.assert(property, { numRuns: 60 });
});
