import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { networkBehaviourSchema } from "../../shared/devnet/config.ts";
import { burn, by, system, type TestAction, transfer } from "../testing/antelope-actions.ts";
import { smallAntelopeNetwork, VirtualAntelopeNetwork } from "../testing/virtual-antelope-network.ts";
import { AntelopeChain } from "./chain/antelope-chain.ts";
import { BlockStore } from "./chain/block-store.ts";
import { createGenesis } from "./chain/genesis.ts";
import { systemAccount } from "./chain/objects.ts";
import type { State } from "./chain/state.ts";

const names = ["account1", "account2", "account3", "account4", "account5"];
const account = fc.constantFrom(...names);
const quantity = fc.constantFrom("0.0001 SYS", "7.0000 SYS", "900.0000 SYS", "999999.0000 SYS");
const action: fc.Arbitrary<TestAction> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(account, account, quantity).map((drawn) => transfer(...drawn)) },
  fc.tuple(account, account, quantity).map(([from, receiver, net]) =>
    system(from, "delegatebw", {
      from,
      receiver,
      stake_net_quantity: net,
      stake_cpu_quantity: "0.5000 SYS",
      transfer: false,
    }),
  ),
  fc.tuple(account, account, quantity).map(([from, receiver, net]) =>
    system(from, "undelegatebw", {
      from,
      receiver,
      unstake_net_quantity: net,
      unstake_cpu_quantity: "0.2500 SYS",
    }),
  ),
  fc
    .tuple(account, account, fc.integer({ min: 1, max: 100_000 }))
    .map(([payer, receiver, bytes]) => system(payer, "buyrambytes", { payer, receiver, bytes })),
  quantity.map((amount) =>
    by(systemAccount, "eosio.token", "issue", { to: systemAccount, quantity: amount, memo: "" }),
  ),
  quantity.map((amount) => by(systemAccount, "eosio.token", "retire", { quantity: amount, memo: "" })),
  account.map((owner) => by(owner, "eosio.token", "close", { owner, symbol: "4,SYS" })),
  account.map((owner) => by(owner, "eosio.token", "open", { owner, symbol: "4,SYS", ram_payer: owner })),
  fc.tuple(account, fc.integer({ min: 1, max: 70_000 })).map(([owner, micros]) => burn(owner, "cpu", micros, micros)),
  account.map((owner) => burn(owner, "ram", 1, 64)),
  fc.tuple(account, fc.constantFrom("newaccount1", "newaccount2")).map(([creator, name]) => {
    const permission = { actor: creator, permission: "active" };
    const authority = { threshold: 1, keys: [], accounts: [{ permission, weight: 1 }], waits: [] };
    return system(creator, "newaccount", { creator, name, owner: authority, active: authority });
  }),
);
const step = fc.record({
  node: fc.integer({ min: 0, max: 2 }),
  actions: fc.array(action, { minLength: 1, maxLength: 3 }),
  waitMs: fc.constantFrom(0, 0, 1, 6, 250, 700),
});

function snapshot(state: State) {
  const accounts = [...state.accounts.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    accounts,
    balances: accounts.map(({ name }) => state.balance(name, "SYS") ?? null),
    supply: state.tokens.get("SYS")?.supply,
    ram: accounts.map(({ name }) => state.ramUsage.get(name)),
    usage: accounts.map(({ name }) => [state.usage(name, "cpu"), state.usage(name, "net")]),
    stakes: [...state.stakes.entries()].sort(),
    receipts: [...state.receipts.entries()].sort(),
  };
}

function sumOf(state: State): bigint {
  let sum = 0n;
  for (const { amount } of state.balances("SYS").values()) sum += amount;
  return sum;
}

test("balances add up to the supply, nobody owes, and all nodes end up where replaying the blocks leads, forks included", () => {
  const partition = fc.record({
    atMs: fc.integer({ min: 0, max: 3000 }),
    forMs: fc.integer({ min: 500, max: 12_000 }),
    nodes: fc.constantFrom([0], [1], [2]),
  });
  const property = fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), partition, (steps, split) => {
    const network = networkBehaviourSchema.parse({ partitions: [split], missedSlotShare: 0.1 });
    const limits = { cpuMicrosPerDay: 60_000, netBytesPerDay: 2000, ramBytes: 4000 };
    const config = smallAntelopeNetwork({ network, blocksPerTurn: 2 }, limits);
    const virtual = new VirtualAntelopeNetwork(config);
    const chains = [0, 1, 2].map((node) => virtual.chain(node));
    for (const { node, actions, waitMs } of steps) {
      virtual.send(node, ...actions);
      virtual.advance(waitMs / 1000);
      for (const { state } of chains) {
        expect(sumOf(state)).toBe(state.tokens.get("SYS")?.supply);
        for (const { amount } of state.balances("SYS").values()) expect(amount >= 0n).toBe(true);
        expect(state.ramUsage.get("account1")!).toBeLessThanOrEqual(state.accounts.get("account1")!.ramBytes!);
      }
    }
    virtual.advance(30.1);
    expect(chains.map(({ pendingCount }) => pendingCount)).toEqual([0, 0, 0]);
    const settled = snapshot(chains[0]!.state);
    for (const chain of chains.slice(1)) expect(snapshot(chain.state)).toEqual(settled);

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
    expect(snapshot(replay.state)).toEqual(settled);
  });
  fc.assert(property, { numRuns: 60 });
});
