import { expect, test } from "@jest/globals";
import { type BlockAnswer, isBlockAnswer, toObservedBlock } from "./read-block.ts";
import { recordedExchanges } from "./testing/recorded-exchanges.ts";

function recordedBlock(name: string): BlockAnswer {
  const exchange = recordedExchanges("blocks").find((one) => one.name === name);
  return JSON.parse(exchange?.receive ?? "{}") as BlockAnswer;
}

const block = recordedBlock("block that holds it");
const [transaction] = block.transactions as [BlockAnswer["transactions"][number]];

test("the recorded block is described with our keys and what was billed", () => {
  expect(isBlockAnswer(block)).toBe(true);
  expect(toObservedBlock(27, block)).toEqual({
    number: 27,
    id: "0000001b6d776251a991c165c05c42608be4dd67480aea2d55edb62bbae7a172",
    previousId: "0000001a7cf07058ca1b6b89b7d3f3cfd379a40f9d93825eb1600b880beff18c",
    producer: "eosio",
    timestampMs: Date.parse("2026-11-21T00:52:37.500Z"),
    transactions: 1,
    operations: 2,
    bytes: expect.any(Number),
    usage: { cpu: 279, net: 200 },
    matchKeys: BigUint64Array.of(0xcca7ee874d276116n),
  });
});

test("its size is that of the empty block and of what the transaction adds", () => {
  const empty = toObservedBlock(29, recordedBlock("empty block"));
  expect(empty).toMatchObject({
    transactions: 0,
    operations: 0,
    usage: { cpu: 0, net: 0 },
    matchKeys: new BigUint64Array(0),
  });
  const { packed_trx } = transaction.trx as { packed_trx: string };
  // Receipt with one byte of NET, one signature, compression, and three lengths of which the packed one has two bytes.
  const added = 7 + 66 + 1 + 4 + packed_trx.length / 2;
  expect(packed_trx.length / 2).toBeGreaterThan(127);
  expect(toObservedBlock(27, block).bytes - empty.bytes).toBe(added);
});

test("only what was executed is included, and all of it is billed", () => {
  const id = "ab".repeat(32);
  const deferred = { ...transaction, trx: id };
  const transactions = [
    { ...transaction, status: "hard_fail" },
    deferred,
    { ...deferred, status: "expired" },
    transaction,
  ];
  const observed = toObservedBlock(27, { ...block, transactions });
  expect(observed).toMatchObject({ transactions: 2, operations: 2, usage: { cpu: 4 * 279, net: 4 * 200 } });
  expect([...observed.matchKeys]).toEqual([0xababababababababn, 0xcca7ee874d276116n]);
});

test.each([null, 7, {}, { id: "x", previous: "y", timestamp: "z" }])("%p is no block", (value) => {
  expect(isBlockAnswer(value)).toBe(false);
});
