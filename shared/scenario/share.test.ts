import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { countInShare, sequencesInShare, splitShare, weightedShares } from "./share.ts";

test("the parts of a share are the share, each transaction once", () => {
  const shares = fc
    .integer({ min: 1, max: 12 })
    .chain((cycle) =>
      fc.tuple(fc.constant(cycle), fc.uniqueArray(fc.integer({ min: 0, max: cycle - 1 }), { minLength: 1 })),
    );
  fc.assert(
    fc.property(shares, fc.integer({ min: 1, max: 7 }), fc.nat(50), ([cycle, slots], parts, first) => {
      const share = { cycle, slots };
      const split = splitShare(share, parts).flatMap((part) => [...sequencesInShare(part, first, first + 200)]);
      expect(split.sort((a, b) => a - b)).toEqual([...sequencesInShare(share, first, first + 200)]);
    }),
  );
});

test("neighbours in a share that is split are with different parts", () => {
  const [first, second] = splitShare({ cycle: 4, slots: [0, 1, 2] }, 2);
  expect([...sequencesInShare(first!, 0, 12)]).toEqual([0, 2, 5, 8, 10]);
  expect([...sequencesInShare(second!, 0, 12)]).toEqual([1, 4, 6, 9]);
});

const weights = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 20 });

test("shares by weight hold every transaction once, and exactly by weight in every cycle", () => {
  fc.assert(
    fc.property(weights, fc.nat(10_000), (all, first) => {
      const shares = weightedShares(all);
      const cycle = shares[0]?.cycle ?? 0;
      const slots = shares.flatMap((share) => share.slots);
      expect([...slots].sort((a, b) => a - b)).toEqual(Array.from({ length: cycle }, (_, slot) => slot));
      const total = all.reduce((sum, weight) => sum + weight, 0);
      for (const [i, share] of shares.entries()) {
        expect(countInShare(share, first, cycle) * total).toBe(cycle * (all[i] as number));
      }
    }),
  );
});

test("no stretch of the schedule is far from the weights", () => {
  fc.assert(
    fc.property(weights, fc.nat(5000), fc.integer({ min: 1, max: 3000 }), (all, first, count) => {
      const total = all.reduce((sum, weight) => sum + weight, 0);
      for (const [i, share] of weightedShares(all).entries()) {
        const exact = (count * (all[i] as number)) / total;
        expect(Math.abs(countInShare(share, first, count) - exact)).toBeLessThanOrEqual(all.length + 1);
      }
    }),
  );
});

test("three to one goes round as three to one", () => {
  expect(weightedShares([30, 10])).toEqual([
    { cycle: 4, slots: [0, 1, 3] },
    { cycle: 4, slots: [2] },
  ]);
});
