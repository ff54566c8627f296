import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { AccountPopularity } from "../../workload/popularity.ts";
import { PartySpace } from "./party-space.ts";

const popularityOf = (exponent: number | null, accounts: number): AccountPopularity =>
  new AccountPopularity(exponent === null ? { kind: "uniform" } : { kind: "zipf", exponent, seed: 7 }, accounts);

test("no combination of amount, variant and parties comes up twice, whoever is popular", () => {
  fc.assert(
    fc.property(
      fc.record({
        count: fc.integer({ min: 1, max: 40 }),
        accounts: fc.integer({ min: 2, max: 25 }),
        exponent: fc.option(fc.double({ min: 0.1, max: 2, noNaN: true })),
        of: fc.constantFrom("senders" as const, "pairs" as const),
        variants: fc.integer({ min: 1, max: 2 }),
        seed: fc.nat(1000),
      }),
      ({ count, accounts, exponent, of, variants, seed }) => {
        const popularity = popularityOf(exponent, accounts);
        const space = new PartySpace({ lattice: { first: 5, step: 2, count }, popularity, seed, of, variants });
        const seen = new Set<string>();
        for (let sequence = 0; sequence < space.size; sequence++) {
          space.draw(sequence);
          expect(space.from).toBeGreaterThanOrEqual(0);
          if (of === "pairs") expect(space.to).not.toBe(space.from);
          seen.add(`${space.amount} ${space.variant} ${space.from} ${of === "pairs" ? space.to : ""}`);
        }
        expect(seen.size).toBe(space.size);
      },
    ),
    { numRuns: 60 },
  );
});

test("over all amounts, senders and recipients are met as often as they are popular", () => {
  const accounts = 20;
  const popularity = popularityOf(1.1, accounts);
  const lattice = { first: 1, step: 1, count: 20_000 };
  const space = new PartySpace({ lattice, popularity, seed: 3, of: "pairs", variants: 1 });
  const sent = new Float64Array(accounts);
  const received = new Float64Array(accounts);
  const transactions = 40_000;
  for (let sequence = 0; sequence < transactions; sequence++) {
    space.draw(sequence);
    sent[space.from] = (sent[space.from] as number) + 1;
    received[space.to] = (received[space.to] as number) + 1;
  }
  const asOther = popularity.sharesAsOther();
  for (let account = 0; account < accounts; account++) {
    const room = (share: number): number => 4.5 * Math.sqrt((share * (1 - share)) / transactions);
    const share = popularity.shareOf(account);
    expect(Math.abs((sent[account] as number) / transactions - share)).toBeLessThan(room(share));
    const other = asOther[account] as number;
    expect(Math.abs((received[account] as number) / transactions - other)).toBeLessThan(room(other));
  }
});

test("a popular pair has fewer transactions of one amount: the range must be that much wider", () => {
  const lattice = { first: 1, step: 1, count: 1000 };
  const sizeOf = (exponent: number | null): number =>
    new PartySpace({ lattice, popularity: popularityOf(exponent, 100), seed: 1, of: "pairs", variants: 1 }).size;
  expect(sizeOf(null)).toBe(1000 * 100 * 99);
  expect(sizeOf(0.5)).toBeLessThan(sizeOf(null) / 10);
  expect(sizeOf(2)).toBeLessThan(sizeOf(0.5));
  expect(sizeOf(2)).toBeGreaterThanOrEqual(1000);
});

test("with amounts enough the parties stay free", () => {
  const lattice = { first: 1, step: 1, count: 2 ** 46 };
  const popularity = popularityOf(0.3, 1000);
  const space = new PartySpace({ lattice, popularity, seed: 1, of: "pairs", variants: 1 });
  space.draw(5);
  expect([space.from, space.size]).toEqual([-1, 2 ** 46]);
});
