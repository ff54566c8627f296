import { describe, expect, test } from "@jest/globals";
import type { ObservedBlock } from "../../shared/chains/driver.ts";
import { createColumns, preparedLayout } from "../../shared/ledger/columns.ts";
import { ChainView } from "./chain-view.ts";

function block(number: number, id: string, previousId: string, keys: bigint[] = []): ObservedBlock {
  return {
    number,
    id,
    previousId,
    producer: "w",
    timestampMs: number * 1000,
    transactions: keys.length,
    operations: keys.length,
    bytes: 100 + keys.length * 100,
    usage: {},
    matchKeys: BigUint64Array.from(keys),
  };
}

function view(keys: bigint[]) {
  const forks: [number, number][] = [];
  const included: number[][] = [];
  const chain = new ChainView(
    { transactions: keys.length, afterBlock: 0 },
    {
      onBlock: () => undefined,
      onFork: (number, orphaned) => forks.push([number, orphaned]),
      onIncluded: (sequences) => included.push([...sequences]),
    },
  );
  const columns = createColumns(preparedLayout, keys.length);
  for (const [i, key] of keys.entries()) {
    columns.sequence[i] = i;
    columns.matchKey[i] = key;
  }
  chain.addPrepared(columns);
  return { chain, forks, included };
}

describe("the chain as the observers see it", () => {
  test("a transaction is included at the block's first arrival at any node", () => {
    const { chain, included } = view([11n, 22n, 33n]);
    chain.announce("node-2", "a", 2000);
    chain.announce("node-1", "a", 1500);
    chain.addBlock(block(1, "a", "0", [22n, 99n]), 9999);
    chain.announce("node-3", "a", 3000);
    expect(included).toEqual([[1]]);
    expect(chain.included).toBe(1);
    const columns = chain.inclusionColumns(1000);
    expect([...columns.sequence]).toEqual([1]);
    expect([...columns.included]).toEqual([500]);
    expect(chain.blockRecords(1000)[0]?.arrivals).toEqual({ "node-1": 500, "node-2": 1000, "node-3": 2000 });
  });

  test("a longer branch takes over, and what only the shorter one had is orphaned", () => {
    const { chain, forks } = view([11n, 22n]);
    chain.addBlock(block(1, "a", "0"), 1);
    chain.addBlock(block(2, "b", "a", [11n, 22n]), 2);
    chain.addBlock(block(2, "c", "a", [11n]), 3);
    expect(chain.included).toBe(2);
    chain.addBlock(block(3, "d", "c"), 4);
    expect(forks).toEqual([[2, 1]]);
    expect(chain.included).toBe(1);
    expect(chain.isIncluded(1)).toBe(false);
    const columns = chain.inclusionColumns(0);
    expect([...columns.sequence]).toEqual([0, 1]);
    expect([...columns.block]).toEqual([2, 0]);
    expect([...columns.included]).toEqual([3, Number.NaN]);
    expect([...columns.orphanings]).toEqual([1, 1]);
    expect(chain.blockRecords(0).map((record) => [record.id, record.orphaned])).toEqual([
      ["a", false],
      ["c", false],
      ["b", true],
      ["d", false],
    ]);
  });

  test("a transaction that comes back in a later block counts once", () => {
    const { chain } = view([11n]);
    chain.addBlock(block(1, "a", "0"), 1);
    chain.addBlock(block(2, "b", "a", [11n]), 2);
    chain.addBlock(block(2, "c", "a"), 3);
    chain.addBlock(block(3, "d", "c", [11n]), 4);
    expect(chain.included).toBe(1);
    const columns = chain.inclusionColumns(0);
    expect([...columns.block]).toEqual([3]);
    expect([...columns.orphanings]).toEqual([1]);
  });

  test("what only a branch had that never led is orphaned as well", () => {
    const { chain } = view([11n, 22n]);
    chain.addBlock(block(1, "a", "0"), 1);
    chain.addBlock(block(2, "b", "a", [11n]), 2);
    chain.addBlock(block(2, "c", "a", [11n, 22n]), 3);
    const columns = chain.inclusionColumns(0);
    expect([...columns.sequence]).toEqual([0, 1]);
    expect([...columns.block]).toEqual([2, 0]);
    expect([...columns.orphanings]).toEqual([1, 1]);
  });

  test("irreversibility is noted once for each block of the winning branch", () => {
    const { chain } = view([11n, 22n]);
    chain.addBlock(block(1, "a", "0", [11n]), 10);
    chain.addBlock(block(2, "b", "a", [22n]), 20);
    chain.settle(1, 30);
    chain.settle(1, 40);
    chain.settle(2, 50);
    expect([...chain.inclusionColumns(0).irreversible]).toEqual([30, 50]);
  });
});
