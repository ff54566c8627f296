import { describe, expect, test } from "@jest/globals";
import type { OperationsDistribution } from "../../scenario/scenario.ts";
import { countMoments } from "../../workload/operation-counts.ts";
import { SequenceRandom } from "../../workload/sequence-random.ts";
import { drawsOf, lentWithChance, spentWithChance } from "./spending.ts";

interface Setting {
  readonly title: string;
  readonly accounts: number;
  readonly transactions: number;
  readonly perTransaction: OperationsDistribution;
  /** Of all operations, those that cost something. */
  readonly part: number;
  readonly least: number;
  readonly most: number;
}

const few = { perTransaction: { kind: "fixed", count: 1 }, part: 0.01, least: 100, most: 100 } as const;
const settings: readonly Setting[] = [
  { ...few, title: "few dear operations, one account in ten has one", accounts: 10_000, transactions: 100_000 },
  { ...few, title: "one for each account", accounts: 2000, transactions: 200_000 },
  { ...few, title: "many of any amount", accounts: 100, transactions: 100_000, part: 1, least: 1 },
  {
    ...{ title: "fifty in a transaction of one account", accounts: 200, transactions: 20_000 },
    ...{ perTransaction: { kind: "fixed", count: 50 }, part: 1, least: 1, most: 100 },
  },
  {
    ...{ title: "lengths that differ, half of them of the kind", accounts: 200, transactions: 40_000 },
    ...{ perTransaction: { kind: "geometric", mean: 5, maximum: 60 }, part: 0.5, least: 50, most: 100 },
  },
];

function countOf(distribution: OperationsDistribution, random: SequenceRandom): number {
  if (distribution.kind === "fixed") return distribution.count;
  if (distribution.kind !== "geometric") throw new Error("not drawn here");
  let count = 1;
  while (count < distribution.maximum && random.nextFraction() < 1 - 1 / distribution.mean) count++;
  return count;
}

/** Draws transactions one by one: the most that an account has spent, and the lowest that it ever stood at. */
function simulate(setting: Setting, seed: number): { count: number; operations: number; spent: number; lent: number } {
  const { accounts, transactions, perTransaction, part, least, most } = setting;
  const random = new SequenceRandom();
  random.reset(seed, 0);
  const spent = new Float64Array(accounts);
  const balance = new Float64Array(accounts);
  let [count, operations, lowest] = [0, 0, 0];
  for (let i = 0; i < transactions; i++) {
    const payer = random.nextBelow(accounts);
    for (let left = countOf(perTransaction, random); left > 0; left--) {
      operations++;
      if (random.nextFraction() >= part) continue;
      count++;
      const amount = least + random.nextBelow(most - least + 1);
      const to = (payer + 1 + random.nextBelow(accounts - 1)) % accounts;
      spent[payer] = (spent[payer] as number) + amount;
      balance[payer] = (balance[payer] as number) - amount;
      balance[to] = (balance[to] as number) + amount;
      lowest = Math.min(lowest, balance[payer] as number);
    }
  }
  return { count, operations, spent: Math.max(...spent), lent: -lowest };
}

describe.each(settings)("$title", (setting) => {
  const { accounts, perTransaction, least, most } = setting;
  const mean = (least + most) / 2;
  const runs = [11, 12, 13].map((seed) => simulate(setting, seed));
  const reserves = runs.map(({ count, operations }) => {
    const kind = { count, operations, perTransaction: countMoments(perTransaction) };
    const draws = drawsOf(kind, 1 / accounts, accounts);
    return { spent: spentWithChance(mean, most, draws), lent: lentWithChance(mean, most, draws) };
  });

  test("no account spends more than it is given, nor is it given much more than the unluckiest needs", () => {
    for (const [i, { spent }] of runs.entries()) {
      expect(spent).toBeLessThanOrEqual(reserves[i]?.spent as number);
      expect(spent).toBeGreaterThan((reserves[i]?.spent as number) / 3);
    }
  });

  test("what goes around lasts at every moment, and not much is idle", () => {
    for (const [i, { lent }] of runs.entries()) {
      expect(lent).toBeLessThanOrEqual(reserves[i]?.lent as number);
      expect(lent).toBeGreaterThan((reserves[i]?.lent as number) / 4);
    }
  });
});

test("no account can have more operations than there are, and none that never come cost anything", () => {
  const perTransaction = countMoments({ kind: "fixed", count: 1 });
  const draws = drawsOf({ count: 3, operations: 3, perTransaction }, 0.01, 100);
  expect(spentWithChance(10, 10, draws)).toBe(30);
  expect(lentWithChance(10, 10, draws)).toBe(30);
  const none = drawsOf({ count: 0, operations: 0, perTransaction }, 0.01, 100);
  expect([spentWithChance(10, 10, none), lentWithChance(10, 10, none)]).toEqual([0, 0]);
  const free = drawsOf({ count: 3, operations: 3, perTransaction }, 0.01, 100);
  expect([spentWithChance(0, 0, free), lentWithChance(0, 0, free)]).toEqual([0, 0]);
});

describe("moments of the number of operations", () => {
  const sampled: readonly OperationsDistribution[] = [
    { kind: "geometric", mean: 5, maximum: 8 },
    { kind: "uniform", minimum: 2, maximum: 4 },
    { kind: "table", counts: [1, 10], weights: [3, 1] },
  ];

  test("are those of the lengths that there are", () => {
    const [cut, even, table] = sampled.map(countMoments);
    const lengths = Array.from({ length: 8 }, (_, i) => ({ n: i + 1, p: 0.8 ** i * (i === 7 ? 1 : 0.2) }));
    const of = (power: number): number => lengths.reduce((sum, { n, p }) => sum + p * n ** power, 0);
    expect(cut?.mean).toBeCloseTo(of(1), 9);
    expect(cut?.square).toBeCloseTo(of(2), 9);
    expect(cut?.cube).toBeCloseTo(of(3), 9);
    expect(even).toEqual({ mean: 3, square: 29 / 3, cube: 33 });
    expect(table).toEqual({ mean: 3.25, square: 25.75, cube: 250.75 });
  });
});
