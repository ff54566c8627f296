import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import { networkBehaviourSchema, nodeBehaviourSchema } from "../../shared/devnet/config.ts";
import { burn, packTransaction, signedActions, transfer } from "../testing/antelope-actions.ts";
import { smallAntelopeNetwork, VirtualAntelopeNetwork } from "../testing/virtual-antelope-network.ts";

function amount(virtual: VirtualAntelopeNetwork, node: number, owner: string): bigint | undefined {
  return virtual.chain(node).state.balance(owner, "SYS")?.amount;
}

test("blocks are linked, carry their number in the id, and every producer has a turn of twelve", () => {
  const virtual = new VirtualAntelopeNetwork(smallAntelopeNetwork({ producers: 5 }));
  virtual.advance(60);
  const chain = virtual.chain(2);
  const turns: { producer: string; blocks: number }[] = [];
  for (let number = 1; number <= chain.headNumber; number += 1) {
    const block = chain.block(number)!;
    expect(block.previous?.id).toBe(chain.block(number - 1)?.id ?? "0".repeat(64));
    expect(Number.parseInt(block.id.slice(0, 8), 16)).toBe(number);
    expect(block.prefix).toBe(Buffer.from(block.id, "hex").readUInt32LE(8));
    const latest = turns.at(-1);
    if (latest?.producer === block.producer) latest.blocks += 1;
    else turns.push({ producer: block.producer, blocks: 1 });
  }
  const whole = turns.slice(1, -1);
  expect(whole.length).toBeGreaterThanOrEqual(20);
  expect(whole.every(({ blocks }) => blocks === 12)).toBe(true);
  expect(new Set(whole.slice(0, 5).map(({ producer }) => producer)).size).toBe(5);
  expect(whole.slice(0, 5)).toEqual(whole.slice(5, 10));
});

test("blocks come every half second, and their times are those of their slots", () => {
  const virtual = new VirtualAntelopeNetwork(smallAntelopeNetwork());
  const before = virtual.chain(0).head;
  virtual.advance(10);
  const { head } = virtual.chain(0);
  expect(head.number - before.number).toBe(20);
  expect(head.timestampMillis - before.timestampMillis).toBe(10_000);
  expect(head.timestampMillis % 500).toBe(0);
});

test("with savanna a block is irreversible two blocks later", () => {
  const virtual = new VirtualAntelopeNetwork(smallAntelopeNetwork({ producers: 21 }));
  virtual.advance(20);
  const { number, lastIrreversible } = virtual.chain(1).head;
  expect(number - lastIrreversible).toBe(2);
});

test("with dpos one producer needs one block, and 21 need two rounds of two thirds", () => {
  const alone = new VirtualAntelopeNetwork(smallAntelopeNetwork({ producers: 1, finality: "dpos" }));
  expect(alone.chain(0).head.number - alone.chain(0).head.lastIrreversible).toBe(1);
  const many = new VirtualAntelopeNetwork(smallAntelopeNetwork({ producers: 21, finality: "dpos" }));
  many.advance(60);
  const { number, lastIrreversible } = many.chain(0).head;
  expect(number - lastIrreversible).toBeGreaterThan(2 * 13 * 12);
  expect(number - lastIrreversible).toBeLessThanOrEqual(2 * 15 * 12);
});

test("a transaction reaches all nodes and one block, and changes the same balances everywhere", () => {
  const virtual = new VirtualAntelopeNetwork(smallAntelopeNetwork());
  const { transaction, applied } = virtual.ask(1, transfer("account1", "account2", "1.2345 SYS", "x"));
  expect(applied?.trace).toMatchObject({
    blockNumber: virtual.chain(1).head.number + 1,
    receipt: { cpuMicros: 120, netWords: 16 },
  });
  virtual.advance(0.006);
  expect([0, 1, 2].map((node) => virtual.chain(node).pendingCount)).toEqual([1, 1, 1]);
  virtual.advance(3);
  for (const node of [0, 1, 2]) {
    expect(virtual.chain(node).pendingCount).toBe(0);
    expect(amount(virtual, node, "account1")).toBe(9_987_655n);
    expect(amount(virtual, node, "account2")).toBe(10_012_345n);
    expect(virtual.chain(node).counters.included).toBe(1);
  }
  const found = virtual.network.store.find(transaction!.id, () => true)!;
  const [included] = virtual.network.store.transactions(found.block);
  expect(included?.id).toBe(createHash("sha256").update(included!.packed).digest("hex"));
  expect(found.block.number).toBeLessThanOrEqual(virtual.chain(0).irreversible.number);
});

function splitAndMeet(orphanedReturn: boolean) {
  // Node 2 hosts the third producer and no quorum: what it builds alone never becomes irreversible.
  const partition = { atMs: 2250, forMs: 30_000, nodes: [2] };
  const network = networkBehaviourSchema.parse({ partitions: [partition], orphanedReturn });
  const virtual = new VirtualAntelopeNetwork(smallAntelopeNetwork({ network, producers: 3 }));
  virtual.advance(2.5);
  const final = virtual.chain(2).head.lastIrreversible;
  const answers = virtual.send(2, transfer("account1", "account2", "0.0001 SYS"));
  virtual.advance(27);
  const alone = virtual.chain(2);
  expect(answers[0]!.verdict.failure).toBeNull();
  expect(alone.head.id).not.toBe(virtual.chain(0).head.id);
  expect(alone.head.lastIrreversible).toBeLessThanOrEqual(final + 1);
  expect(alone.pendingCount).toBe(0);
  expect(amount(virtual, 2, "account2")).toBe(10_000_001n);
  expect(amount(virtual, 0, "account2")).toBe(10_000_000n);
  virtual.advance(3.1);
  expect(new Set([0, 1, 2].map((node) => virtual.chain(node).head.id)).size).toBe(1);
  return virtual;
}

test("after a partition the side that two thirds support wins and orphaned transactions come back", () => {
  const virtual = splitAndMeet(true);
  expect(virtual.chain(2).counters).toMatchObject({ forks: 1, orphaned: 1 });
  virtual.advance(30);
  for (const node of [0, 1, 2]) expect(amount(virtual, node, "account2")).toBe(10_000_001n);
});

test("orphaned transactions are gone where they do not return", () => {
  const virtual = splitAndMeet(false);
  virtual.advance(30);
  for (const node of [0, 1, 2]) expect(amount(virtual, node, "account2")).toBe(10_000_000n);
});

test("a transaction that refers to a block of the losing side is dropped with it", () => {
  const network = networkBehaviourSchema.parse({ partitions: [{ atMs: 250, forMs: 30_000, nodes: [2] }] });
  const virtual = new VirtualAntelopeNetwork(smallAntelopeNetwork({ network, producers: 3 }));
  virtual.advance(27);
  const chain = virtual.chain(2);
  const final = chain.head.lastIrreversible;
  expect(chain.head.number).toBeGreaterThan(final + 2);
  const transaction = signedActions([transfer("account1", "account2", "0.0001 SYS")], virtual.reference(2, 0));
  expect(virtual.broadcast(2, transaction)[0]!.verdict.failure).toBeNull();
  virtual.advance(10);
  expect(chain.counters.dropped).toBe(1);
  expect(amount(virtual, 2, "account2")).toBe(10_000_000n);
});

test("the same seed and the same broadcasts give the same blocks", () => {
  const run = (seed: number) => {
    const network = networkBehaviourSchema.parse({ missedSlotShare: 0.2 });
    const virtual = new VirtualAntelopeNetwork(smallAntelopeNetwork({ seed, network }));
    for (let index = 0; index < 20; index += 1) {
      virtual.send(index % 3, transfer("account1", "account2", `0.00${10 + index} SYS`));
      virtual.advance(0.7);
    }
    return virtual.chain(0).head.id;
  };
  expect(run(5)).toBe(run(5));
  expect(run(6)).not.toBe(run(5));
});

test("what does not fit a block by its CPU time waits for the next", () => {
  const virtual = new VirtualAntelopeNetwork(smallAntelopeNetwork());
  virtual.advance(0.01);
  const before = virtual.chain(0).head.number;
  for (let nonce = 0; nonce < 10; nonce += 1) {
    expect(virtual.ask(0, burn("account1", "cpu", nonce, 60_000)).failure).toBeNull();
  }
  virtual.advance(2.5);
  const blocks = [1, 2, 3, 4, 5].map((offset) => virtual.chain(1).block(before + offset)!);
  expect(blocks.map(({ transactionCount }) => transactionCount)).toEqual([3, 3, 3, 1, 0]);
  expect(blocks[0]!.cpuMicros).toBe(180_000);
});

test("what does not fit a block by its size waits for the next", () => {
  const parameters = { maximumTransactionBytes: 20_000, maximumBlockBytes: 20_000 };
  const virtual = new VirtualAntelopeNetwork(smallAntelopeNetwork({ parameters }));
  virtual.advance(0.01);
  const before = virtual.chain(0).head.number;
  for (let nonce = 0; nonce < 5; nonce += 1) {
    expect(virtual.ask(0, burn("account1", "net", nonce, 8000)).failure).toBeNull();
  }
  virtual.advance(2.5);
  const blocks = [1, 2, 3, 4].map((offset) => virtual.chain(1).block(before + offset)!);
  expect(blocks.map(({ transactionCount }) => transactionCount)).toEqual([2, 2, 1, 0]);
  for (const { netBytes } of blocks) expect(netBytes).toBeLessThanOrEqual(20_000);
});

test("pending transactions that expire are dropped and not included", () => {
  const network = networkBehaviourSchema.parse({ missedSlotShare: 1 });
  const virtual = new VirtualAntelopeNetwork(smallAntelopeNetwork({ ports: [0], network }));
  virtual.send(0, transfer("account1", "account2", "0.0001 SYS"));
  virtual.advance(90);
  expect(virtual.chain(0).pendingCount).toBe(1);
  virtual.network.setBehaviour({ missedSlotShare: 0 });
  virtual.advance(3);
  expect(virtual.chain(0).counters).toMatchObject({ dropped: 1, included: 0 });
  expect(virtual.chain(0).pendingCount).toBe(0);
});

test("answers come after the capacity's service time and the set delay, to the microsecond", () => {
  const nodes = [nodeBehaviourSchema.parse({ capacityPerSecond: 200, answerDelay: { kind: "fixed", ms: 30 } })];
  const virtual = new VirtualAntelopeNetwork(smallAntelopeNetwork({ nodes }));
  const answers = [1, 2, 3].map((units) => virtual.send(0, transfer("account1", "account2", `0.000${units} SYS`)));
  virtual.advance(1);
  expect(answers.map(([answer]) => answer!.atMicros)).toEqual([35_000, 40_000, 45_000]);
});

test("a packed transaction that is cut short is refused with what the node would say of it", () => {
  const virtual = new VirtualAntelopeNetwork(smallAntelopeNetwork());
  const packed = packTransaction([transfer("account1", "account2", "0.0001 SYS")], virtual.reference());
  const [answer] = virtual.broadcast(0, {
    signatures: [],
    compression: "none",
    packed_context_free_data: "",
    packed_trx: packed.subarray(0, 10).toString("hex"),
  });
  expect(answer?.verdict.failure).toMatchObject({ code: 3_010_010, trace: null });
  expect(answer?.verdict.failure?.frames.map(({ message }) => message).slice(0, 3)).toEqual([
    "Invalid packed transaction",
    "get datastream of length 10 over by 1",
    "Error unpacking field max_net_usage_words",
  ]);
});
