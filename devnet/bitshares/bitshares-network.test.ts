import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import { ops } from "bitsharesjs";
import secp256k1 from "secp256k1";
import { type BitsharesDevnetConfig, networkBehaviourSchema, nodeBehaviourSchema } from "../../shared/devnet/config.ts";
import { marketNetwork } from "../testing/market-network.ts";
import { recordedNetwork } from "../testing/recorded-network.ts";
import { createAccount } from "../testing/registry-operations.ts";
import { sell, transfer } from "../testing/sign.ts";
import { VirtualNetwork } from "../testing/virtual-network.ts";
import { merkleRoot } from "./chain/block.ts";
import { toKeyText } from "./codec/public-key.ts";

function configure(nodes: number, change: Partial<BitsharesDevnetConfig> = {}): BitsharesDevnetConfig {
  return { ...recordedNetwork({ nodes }), ...change };
}

function node(change: Partial<BitsharesDevnetConfig["nodes"][number]>): BitsharesDevnetConfig["nodes"][number] {
  return { ...nodeBehaviourSchema.parse({}), ...change };
}

interface BlockJson {
  readonly previous: string;
  readonly witness: string;
  readonly timestamp: string;
  readonly transaction_merkle_root: string;
  readonly witness_signature: string;
  readonly transactions: readonly object[];
}

test("blocks are linked, signed by the witness whose turn it is, and every witness has one turn a round", () => {
  const virtual = new VirtualNetwork(configure(3));
  virtual.send(0, [transfer(18, 19, 5), transfer(18, 20, 6)]);
  virtual.send(1, [transfer(19, 20, 7)]);
  virtual.advance(30);
  const chain = virtual.chain(2);
  const { witnesses } = virtual.network.parameters;
  const turns: string[] = [];
  let merkleRoots = 0;
  for (let number = 1; number <= chain.headNumber; number += 1) {
    const block = chain.block(number)!;
    const json = JSON.parse(virtual.network.store.json(block)) as BlockJson;
    expect(json.previous).toBe(chain.block(number - 1)?.id ?? "0".repeat(40));
    expect(Number.parseInt(block.id.slice(0, 8), 16)).toBe(number);
    const header = ops.block_header.toBuffer(ops.block_header.fromObject(json));
    const signature = Buffer.from(json.witness_signature, "hex");
    const digest = createHash("sha256").update(header).digest();
    const key = secp256k1.ecdsaRecover(signature.subarray(1), signature[0]! - 31, digest, true);
    expect(toKeyText(key)).toBe(witnesses.find(({ instance }) => json.witness === `1.6.${instance}`)!.publicKey);
    const leaves = json.transactions.map((transaction) =>
      createHash("sha256")
        .update(ops.signed_transaction.toBuffer(ops.signed_transaction.fromObject(transaction)))
        .update(Buffer.from([0]))
        .digest(),
    );
    expect(json.transaction_merkle_root).toBe(merkleRoot(leaves).toString("hex"));
    merkleRoots += leaves.length > 0 ? 1 : 0;
    turns.push(json.witness);
  }
  expect(merkleRoots).toBeGreaterThan(0);
  // Slot 0 is the genesis, so the first full round starts at slot 11, which is block 11.
  expect(new Set(turns.slice(10, 21)).size).toBe(11);
  expect(turns.slice(10, 21)).not.toEqual(turns.slice(21, 32));
});

test("a block becomes irreversible when 70 % of the witnesses have built on it", () => {
  const virtual = new VirtualNetwork(configure(1));
  virtual.advance(60);
  const { number, lastIrreversible } = virtual.chain(0).head;
  expect(number - lastIrreversible).toBeGreaterThanOrEqual(6);
  expect(number - lastIrreversible).toBeLessThanOrEqual(11);
});

test("a transaction reaches all nodes and one block, and changes the same balances everywhere", () => {
  const virtual = new VirtualNetwork(configure(3));
  const answers = virtual.send(1, [transfer(18, 19, 12_345)]);
  expect(answers[0]!.verdict.failure).toBeNull();
  virtual.advance(0.006);
  expect([0, 1, 2].map((index) => virtual.chain(index).pendingCount)).toEqual([1, 1, 1]);
  virtual.advance(3);
  for (const index of [0, 1, 2]) {
    const { state, pendingCount } = virtual.chain(index);
    expect(pendingCount).toBe(0);
    expect(state.balance(18, 0)).toBe(1e12 - 2_000_000 - 12_345);
    expect(state.balance(19, 0)).toBe(1e12 + 12_345);
    expect(virtual.chain(index).counters.included).toBe(1);
  }
});

function splitAndMeet(orphanedReturn: boolean) {
  const partition = { atMs: 2500, forMs: 12_000, nodes: [2] };
  const network = networkBehaviourSchema.parse({ partitions: [partition], orphanedReturn });
  const virtual = new VirtualNetwork(configure(3, { network }));
  virtual.advance(3);
  const first = virtual.sign([transfer(18, 19, 1)]);
  virtual.broadcast(2, first);
  // Long enough for the lonely node to put it into a block of its own.
  virtual.advance(11);
  const alone = virtual.chain(2);
  const majority = virtual.chain(0);
  expect(alone.head.id).not.toBe(majority.head.id);
  expect(alone.head.number).toBeLessThan(majority.head.number);
  expect(alone.pendingCount).toBe(0);
  expect(alone.state.balance(19, 0)).toBe(1e12 + 1);
  expect(majority.state.balance(19, 0)).toBe(1e12);
  virtual.advance(1.2);
  return virtual;
}

test("after a partition the longer side wins and orphaned transactions come back", () => {
  const virtual = splitAndMeet(true);
  const alone = virtual.chain(2);
  expect(alone.counters).toMatchObject({ forks: 1, orphaned: 1 });
  virtual.advance(12);
  expect(new Set([0, 1, 2].map((index) => virtual.chain(index).head.id)).size).toBe(1);
  for (const index of [0, 1, 2]) expect(virtual.chain(index).state.balance(19, 0)).toBe(1e12 + 1);
});

test("orphaned transactions are gone where they do not return", () => {
  const virtual = splitAndMeet(false);
  virtual.advance(15);
  for (const index of [0, 1, 2]) {
    expect(virtual.chain(index).state.balance(19, 0)).toBe(1e12);
    expect(virtual.chain(index).state.balance(18, 0)).toBe(1e12);
  }
});

test("a transaction that refers to a block of the losing side is dropped with it", () => {
  const network = networkBehaviourSchema.parse({ partitions: [{ atMs: 500, forMs: 14_000, nodes: [2] }] });
  const virtual = new VirtualNetwork(configure(3, { network }));
  virtual.advance(10);
  const chain = virtual.chain(2);
  const own = chain.head;
  const answers = virtual.broadcast(2, virtual.sign([transfer(18, 19, 1)], virtual.reference(2, 0)));
  expect(own.number).toBeGreaterThan(0);
  expect(answers[0]!.verdict.failure).toBeNull();
  virtual.advance(12);
  expect(chain.counters.dropped).toBe(1);
  expect(chain.state.balance(19, 0)).toBe(1e12);
});

test("the same seed and the same broadcasts give the same blocks", () => {
  const run = (seed: number) => {
    const network = networkBehaviourSchema.parse({ missedSlotShare: 0.2 });
    const virtual = new VirtualNetwork({ ...recordedNetwork({ nodes: 3, seed }), network });
    for (let index = 0; index < 20; index += 1) {
      virtual.send(index % 3, [transfer(18 + index, 40, 1 + index)]);
      virtual.advance(0.7);
    }
    virtual.advance(5);
    return virtual.chain(0).head.id;
  };
  expect(run(5)).toBe(run(5));
  expect(run(6)).not.toBe(run(5));
});

test("missed slots leave gaps in time but not in numbers", () => {
  const network = networkBehaviourSchema.parse({ missedSlotShare: 0.3 });
  const virtual = new VirtualNetwork(configure(2, { network }));
  const before = virtual.chain(0).head;
  virtual.advance(200);
  const { head } = virtual.chain(1);
  const slots = head.slot - before.slot;
  const made = head.number - before.number;
  expect(made / slots).toBeCloseTo(0.7, 1);
  expect(head.missed.reduce((sum, missed) => sum + missed, 0)).toBe(slots - made);
  expect(head.timestampSeconds - before.timestampSeconds).toBe(slots);
});

test("a full block leaves the rest pending", () => {
  const parameters = { maximumTransactionBytes: 1_000_000, maximumBlockBytes: 5120, maximumLifetimeSeconds: 86_400 };
  const virtual = new VirtualNetwork(configure(2, { parameters }));
  virtual.advance(0.5);
  for (let index = 0; index < 120; index += 1) virtual.send(0, [transfer(18 + (index % 50), 100, 1 + index)]);
  virtual.advance(0.6);
  const first = virtual.chain(0).head;
  expect(first.packedBytes).toBeLessThanOrEqual(5120);
  expect(first.transactionCount).toBeGreaterThan(40);
  expect(virtual.chain(0).pendingCount).toBe(120 - first.transactionCount);
  virtual.advance(3);
  expect(virtual.chain(0).pendingCount).toBe(0);
  expect(virtual.chain(1).state.balance(100, 0)).toBe(1e12 + (120 * 121) / 2);
});

test("pending transactions that expire are dropped", () => {
  const network = networkBehaviourSchema.parse({ missedSlotShare: 1 });
  const virtual = new VirtualNetwork(configure(1, { network }));
  virtual.send(0, [transfer(18, 19, 5)]);
  virtual.advance(90);
  expect(virtual.chain(0).pendingCount).toBe(1);
  virtual.network.setBehaviour({ missedSlotShare: 0 });
  virtual.advance(3);
  // The head was still before the expiration when the first block was made, so that block may hold it: nodes go by the head.
  const chain = virtual.chain(0);
  expect(chain.pendingCount).toBe(0);
  expect(chain.counters.dropped + chain.counters.included).toBe(1);
});

test("answers come after the capacity's service time and the set delay, to the microsecond", () => {
  const nodes = [node({ capacityPerSecond: 200, answerDelay: { kind: "fixed", ms: 30 } })];
  const virtual = new VirtualNetwork(configure(1, { nodes }));
  const answers = Array.from({ length: 5 }, (_, index) => virtual.send(0, [transfer(18 + index, 60, 1)]));
  virtual.advance(1);
  expect(answers.map(([answer]) => answer!.atMicros)).toEqual([35_000, 40_000, 45_000, 50_000, 55_000]);
});

test("a stall holds answers for exactly its span", () => {
  const nodes = [node({ capacityPerSecond: 100, stalls: [{ atMs: 15, forMs: 200 }] })];
  const virtual = new VirtualNetwork(configure(1, { nodes }));
  const answers = Array.from({ length: 3 }, (_, index) => virtual.send(0, [transfer(18 + index, 60, 1)]));
  virtual.advance(1);
  expect(answers.map(([answer]) => answer!.atMicros)).toEqual([10_000, 220_000, 230_000]);
});

test("set shares of broadcasts are rejected, forgotten and left unanswered, and the counters say so", () => {
  const nodes = [node({ rejectShare: 0.2, forgetShare: 0.1, dropAnswerShare: 0.3 })];
  const virtual = new VirtualNetwork(configure(1, { nodes }));
  const total = 600;
  const answers = Array.from({ length: total }, (_, index) =>
    virtual.send(0, [transfer(18 + (index % 100), 150, 1 + index)]),
  );
  virtual.advance(3);
  const { counters } = virtual.network.nodes[0]!;
  const answered = answers.filter(([answer]) => answer !== undefined).length;
  expect(counters.seen).toBe(total);
  expect(counters.accepted + counters.rejected).toBe(total);
  expect(counters.unanswered).toBe(total - answered);
  expect(virtual.chain(0).counters.included).toBe(counters.accepted - counters.forgotten);
  expect(counters.rejected / total).toBeCloseTo(0.2, 1);
  expect(counters.forgotten / counters.accepted).toBeCloseTo(0.1, 1);
  expect(counters.unanswered / total).toBeCloseTo(0.3, 1);
});

test("a node follows no fork from before what is irreversible to it, and the others come back to it", () => {
  // The last node is alone for so long, and the others are away for so long, that its own chain is the longest.
  const away = node({ outages: [{ atMs: 40_000, forMs: 200_000 }] });
  const network = networkBehaviourSchema.parse({ partitions: [{ atMs: 0, forMs: 300_000, nodes: [2] }] });
  const virtual = new VirtualNetwork(configure(3, { network, nodes: [away, away, node({})] }));
  const chains = [0, 1, 2].map((index) => virtual.chain(index));
  virtual.advance(299);
  const final = chains[0]!.block(chains[0]!.head.lastIrreversible)!;
  expect(chains[2]!.has(final)).toBe(false);
  expect(chains[2]!.headNumber).toBeGreaterThan(chains[0]!.headNumber);
  virtual.advance(60);
  for (const chain of chains) expect(chain.has(final)).toBe(true);
});

test("all nodes agree on when an account was made, however long each had it waiting", () => {
  const network = networkBehaviourSchema.parse({ propagationDelayMs: 1700, missedSlotShare: 0.3 });
  const virtual = new VirtualNetwork(marketNetwork({ nodes: 2, network }));
  for (let index = 0; index < 12; index += 1) {
    virtual.send(index % 2, [createAccount(17, `made-${index}`)]);
    virtual.advance(0.6);
  }
  virtual.advance(60);
  const [one, other] = [0, 1].map((index) => [...virtual.chain(index).state.accounts.values()]);
  expect(one!.filter(({ name }) => name.startsWith("made-")).length).toBeGreaterThan(0);
  expect(other).toEqual(one);
});

test("all nodes agree on what expired, also those that had seen somebody take it", () => {
  const network = networkBehaviourSchema.parse({ propagationDelayMs: 300 });
  const virtual = new VirtualNetwork(marketNetwork({ nodes: 2, network }));
  const sellFor = (seconds: number, [type, body]: ReturnType<typeof sell>): readonly [number, object] => {
    const expiration = new Date((virtual.chain(0).headSeconds + seconds) * 1000).toISOString().slice(0, 19);
    return [type, { ...body, expiration }];
  };
  for (let index = 0; index < 100; index += 1) {
    virtual.send(index % 2, [sellFor(2, sell(18, 10, 1, 10, 0))]);
    // At times it reaches one node before the block at whose time the order expires, and the other one after it.
    virtual.advance(0.5 + 0.1 * (index % 25));
    virtual.send(Math.floor(index / 25) % 2, [sellFor(4, sell(17, 10, 0, 10, 1))]);
    virtual.advance(6.3);
  }
  virtual.advance(60);
  const [one, other] = [0, 1].map((index) => {
    const { state } = virtual.chain(index);
    return { nextOrder: state.peekInstance("order"), balances: [17, 18].map((account) => state.balance(account, 0)) };
  });
  expect(one!.nextOrder).toBeGreaterThan(100);
  expect(other).toEqual(one);
});

test("what a block's time does not allow any more is counted as dropped by the node that makes the block", () => {
  const virtual = new VirtualNetwork(marketNetwork({ blockIntervalMs: 3000 }));
  const { headSeconds } = virtual.chain(0);
  const [type, body] = sell(17, 500, 0, 1000, 1);
  const expiration = new Date((headSeconds + 1) * 1000).toISOString().slice(0, 19);
  virtual.send(0, [[type, { ...body, expiration }]]);
  virtual.advance(10);
  const { included, dropped } = virtual.chain(0).counters;
  expect(included + dropped).toBe(1);
});
