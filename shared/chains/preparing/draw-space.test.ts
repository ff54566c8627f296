import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { DrawSpace, disjointLattices } from "./draw-space.ts";

test("every combination of amount and party comes up exactly once", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 40 }),
      fc.nat(1000),
      (count, parties, seed) => {
        const space = new DrawSpace({ first: 10, step: 3, count }, parties, seed);
        const seen = new Set<string>();
        for (let sequence = 0; sequence < space.size; sequence++) {
          space.draw(sequence);
          expect(space.party).toBeGreaterThanOrEqual(0);
          expect(space.party).toBeLessThan(parties);
          expect((space.amount - 10) % 3).toBe(0);
          seen.add(`${space.amount} ${space.party}`);
        }
        expect(seen.size).toBe(count * parties);
      },
    ),
    { numRuns: 20 },
  );
});

test("with amounts enough the parties stay free", () => {
  const space = new DrawSpace({ first: 1, step: 1, count: 2 ** 40 }, 1_000_000, 1);
  space.draw(123);
  expect([space.party, space.size]).toEqual([-1, 2 ** 40]);
});

test("stretches that overlap get different amounts, others keep all of theirs", () => {
  const [a, b, c, d] = disjointLattices([
    { key: "BTS", minimum: 10, maximum: 20 },
    { key: "BTS", minimum: 15, maximum: 40 },
    { key: "STRESS", minimum: 10, maximum: 20 },
    { key: "BTS", minimum: 100, maximum: 120 },
  ]);
  const amounts = (lattice = a): number[] =>
    Array.from({ length: lattice?.count ?? 0 }, (_, i) => (lattice?.first ?? 0) + i * (lattice?.step ?? 0));
  expect(amounts(a).filter((amount) => amounts(b).includes(amount))).toEqual([]);
  expect([...amounts(a), ...amounts(b)].every((amount) => amount >= 10 && amount <= 40)).toBe(true);
  expect([c?.count, d?.count]).toEqual([11, 21]);
});
