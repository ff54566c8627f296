import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { AccountPopularity } from "./popularity.ts";
import { SequenceRandom } from "./sequence-random.ts";

const draws = 200_000;

function seeded(seed: number): SequenceRandom {
  const random = new SequenceRandom();
  random.reset(seed, 0);
  return random;
}

function countsOf(accounts: number, times: number, draw: () => number): Float64Array {
  const counts = new Float64Array(accounts);
  for (let i = 0; i < times; i++) {
    const account = draw();
    counts[account] = (counts[account] as number) + 1;
  }
  return counts;
}

/** Pearson's statistic in standard deviations above what chance gives, by its normal approximation. */
function excess(counts: Float64Array, shares: ArrayLike<number>, times: number): number {
  let statistic = 0;
  for (const [i, count] of counts.entries()) {
    const expected = (shares[i] as number) * times;
    statistic += (count - expected) ** 2 / expected;
  }
  const freedom = counts.length - 1;
  return (statistic - freedom) / Math.sqrt(2 * freedom);
}

/** Zipf's law, ranked. */
function zipf(accounts: number, exponent: number): number[] {
  const weights = Array.from({ length: accounts }, (_, i) => (i + 1) ** -exponent);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

test.each([0.5, 1, 1.1, 2])("accounts are drawn by Zipf's law with exponent %d", (exponent) => {
  const accounts = 100;
  const popularity = new AccountPopularity({ kind: "zipf", exponent, seed: 3 }, accounts);
  const shares = Array.from({ length: accounts }, (_, i) => popularity.shareOf(i));
  const ranked = [...shares].sort((a, b) => b - a);
  for (const [rank, share] of zipf(accounts, exponent).entries()) expect(ranked[rank]).toBeCloseTo(share, 12);
  const random = seeded(11);
  expect(
    excess(
      countsOf(accounts, draws, () => popularity.draw(random)),
      shares,
      draws,
    ),
  ).toBeLessThan(4);
});

test("a uniform popularity is uniform", () => {
  const popularity = new AccountPopularity({ kind: "uniform" }, 50);
  const random = seeded(2);
  const counts = countsOf(50, draws, () => popularity.draw(random));
  expect(excess(counts, new Array<number>(50).fill(1 / 50), draws)).toBeLessThan(4);
});

test("others are drawn by the law without the account itself", () => {
  const popularity = new AccountPopularity({ kind: "zipf", exponent: 1.2, seed: 1 }, 20);
  const random = seeded(4);
  for (let account = 0; account < 20; account++) {
    const others = Array.from({ length: 20 }, (_, i) => i).filter((i) => i !== account);
    const counts = countsOf(20, 20_000, () => popularity.drawOther(random, account));
    expect(counts[account]).toBe(0);
    const shares = others.map((i) => popularity.shareOf(i) / (1 - popularity.shareOf(account)));
    const ofOthers = Float64Array.from(others, (i) => counts[i] as number);
    expect(excess(ofOthers, shares, 20_000)).toBeLessThan(4.5);
  }
});

test("what accounts receive adds up to one and is what is drawn", () => {
  const popularity = new AccountPopularity({ kind: "zipf", exponent: 1.1, seed: 9 }, 30);
  const received = popularity.sharesAsOther();
  expect(received.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  const random = seeded(6);
  const counts = countsOf(30, draws, () => popularity.drawOther(random, popularity.draw(random)));
  expect(excess(counts, received, draws)).toBeLessThan(4);
});

test("who is popular follows from the seed and not from an account's position", () => {
  const tops = Array.from({ length: 400 }, (_, seed) => {
    const popularity = new AccountPopularity({ kind: "zipf", exponent: 1, seed }, 10);
    return Array.from({ length: 10 }, (_, i) => i).reduce((a, b) =>
      popularity.shareOf(b) > popularity.shareOf(a) ? b : a,
    );
  });
  const counts = countsOf(10, tops.length, () => tops.pop() as number);
  expect(excess(counts, new Array<number>(10).fill(0.1), 400)).toBeLessThan(4);
});

test("points at equal distances fall on different accounts and on different pairs", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 60 }),
      fc.double({ min: 0.05, max: 4, noNaN: true }),
      fc.double({ min: 0, max: 0.999999, noNaN: true }),
      (accounts, exponent, offset) => {
        const popularity = new AccountPopularity({ kind: "zipf", exponent, seed: 5 }, accounts);
        const place = (points: number, k: number): number => (offset + k / points) % 1;
        const senders = popularity.distinctAccounts;
        const met = Array.from({ length: senders }, (_, k) => popularity.at(place(senders, k)));
        expect(new Set(met).size).toBe(senders);
        const pairs = popularity.distinctPairs;
        const dealt = Array.from({ length: pairs }, (_, k) => {
          const fraction = place(pairs, k);
          const from = popularity.at(fraction);
          const to = popularity.partnerAt(fraction, from);
          expect(to).not.toBe(from);
          return `${from} ${to}`;
        });
        expect(new Set(dealt).size).toBe(pairs);
      },
    ),
  );
});
