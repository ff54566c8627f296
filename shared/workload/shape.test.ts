import { describe, expect, test } from "@jest/globals";
import type { OperationsDistribution, Workload } from "../scenario/scenario.ts";
import { commonCount, largestCount, meanCount } from "./operation-counts.ts";
import { SequenceRandom } from "./sequence-random.ts";
import { maximumOperations, randomStreams, WorkloadShape } from "./shape.ts";

const weights = [60, 30, 10];

function workloadOf(operationsPerTransaction: OperationsDistribution): Workload {
  const mix = weights.map((weight, i) => ({
    name: `entry-${i}`,
    weight,
    operation: "transfer",
    parameters: {},
    template: null,
  }));
  return { operationsPerTransaction, mix, route: { kind: "equal" }, popularity: { kind: "uniform" } };
}

const entryBytes = [26, 39, 84];
const meanEntryBytes = 0.6 * 26 + 0.3 * 39 + 0.1 * 84;
const fill = (bytes: number): OperationsDistribution & { readonly kind: "fill" } => ({
  kind: "fill",
  bytes,
  overheadBytes: 80,
  entryBytes,
  meanEntryBytes,
});

/** Bytes of the operations drawn last. */
function bytesOf(shape: WorkloadShape): number {
  let sum = 80;
  for (let i = 0; i < shape.operations; i++) sum += entryBytes[shape.entries[i] as number] as number;
  return sum;
}

describe("filling", () => {
  test("never goes beyond the size, and leaves less than the largest operation", () => {
    const shape = new WorkloadShape(workloadOf(fill(5000)), 1);
    for (let sequence = 0; sequence < 2000; sequence++) {
      shape.draw(sequence);
      expect(bytesOf(shape)).toBeLessThanOrEqual(5000);
      expect(bytesOf(shape)).toBeGreaterThan(5000 - 84);
    }
  });

  test("has at least one operation, and at most as many as transactions may have", () => {
    const [little, much] = [fill(10), fill(10_000_000)].map((distribution) => {
      const shape = new WorkloadShape(workloadOf(distribution), 1);
      shape.draw(0);
      return shape.operations;
    });
    expect([little, much]).toEqual([1, maximumOperations]);
  });

  test("holds the mix, and as many operations as is reckoned with", () => {
    const distribution = fill(20_000);
    const shape = new WorkloadShape(workloadOf(distribution), 3);
    const counts = new Float64Array(3);
    let operations = 0;
    for (let sequence = 0; sequence < 500; sequence++) {
      shape.draw(sequence);
      operations += shape.operations;
      expect(shape.operations).toBeLessThanOrEqual(largestCount(distribution));
      expect(shape.operations).toBeLessThanOrEqual(commonCount(distribution));
      for (let i = 0; i < shape.operations; i++) {
        const entry = shape.entries[i] as number;
        counts[entry] = (counts[entry] as number) + 1;
      }
    }
    expect(operations / 500 / meanCount(distribution)).toBeCloseTo(1, 1);
    expect([...counts].map((count) => count / operations)).toEqual([
      expect.closeTo(0.6, 2),
      expect.closeTo(0.3, 2),
      expect.closeTo(0.1, 2),
    ]);
  });
});

test.each<[string, OperationsDistribution]>([
  ["uniform", { kind: "uniform", minimum: 1, maximum: 5 }],
  ["geometric", { kind: "geometric", mean: 2, maximum: 20 }],
  ["table", { kind: "table", counts: [1, 2, 5], weights: [70, 20, 10] }],
])("%s numbers of operations, and which they are, know nothing of the account", (_, distribution) => {
  const transactions = 60_000;
  const accounts = 5;
  const shape = new WorkloadShape(workloadOf(distribution), 42);
  const contents = new SequenceRandom();
  const table = new Map<string, number>();
  const [byKind, byAccount] = [new Map<string, number>(), new Map<number, number>()];
  const count = <K>(map: Map<K, number>, key: K): void => void map.set(key, (map.get(key) ?? 0) + 1);
  for (let sequence = 0; sequence < transactions; sequence++) {
    shape.draw(sequence);
    // As preparers draw: contents from a stream of their own, the sender first.
    contents.reset(42, sequence, randomStreams.contents);
    const account = contents.nextBelow(accounts);
    const kind = `${Math.min(shape.operations, 4)} ${shape.entries[0]}`;
    count(table, `${kind} ${account}`);
    count(byKind, kind);
    count(byAccount, account);
  }
  let statistic = 0;
  for (const [kind, ofKind] of byKind) {
    for (const [account, ofAccount] of byAccount) {
      const expected = (ofKind * ofAccount) / transactions;
      statistic += ((table.get(`${kind} ${account}`) ?? 0) - expected) ** 2 / expected;
    }
  }
  const freedom = (byKind.size - 1) * (byAccount.size - 1);
  expect((statistic - freedom) / Math.sqrt(2 * freedom)).toBeLessThan(4);
});

test.each<[string, OperationsDistribution]>([
  ["a geometric one that is cut hard", { kind: "geometric", mean: 4, maximum: 5 }],
  ["a geometric one of single operations", { kind: "geometric", mean: 1, maximum: 5 }],
  ["a geometric one with a long tail", { kind: "geometric", mean: 3, maximum: 60 }],
])("the mean that is reckoned with is the one that is drawn: %s", (_, distribution) => {
  const shape = new WorkloadShape(workloadOf(distribution), 9);
  const transactions = 20_000;
  let operations = 0;
  for (let sequence = 0; sequence < transactions; sequence++) {
    shape.draw(sequence);
    operations += shape.operations;
  }
  expect(Math.abs(operations / transactions - meanCount(distribution))).toBeLessThan(0.1);
});
