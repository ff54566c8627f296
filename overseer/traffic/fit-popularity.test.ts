import { expect, test } from "@jest/globals";
import { AccountPopularity } from "../../shared/workload/popularity.ts";
import { SequenceRandom } from "../../shared/workload/sequence-random.ts";
import { fitPopularity } from "./fit-popularity.ts";

/** Counts of as many draws, the largest first, as a run makes them. */
function countsOf(exponent: number, accounts: number, draws: number): number[] {
  const popularity = new AccountPopularity(
    exponent === 0 ? { kind: "uniform" } : { kind: "zipf", exponent, seed: 5 },
    accounts,
  );
  const random = new SequenceRandom();
  const counts = new Array<number>(accounts).fill(0);
  for (let sequence = 0; sequence < draws; sequence++) {
    random.reset(11, sequence);
    const account = popularity.draw(random);
    counts[account] = (counts[account] as number) + 1;
  }
  return counts.filter((count) => count > 0).sort((a, b) => b - a);
}

test.each([
  [0.5, 50, 2000],
  [1.1, 50, 2000],
  [1.1, 200, 5000],
  [0.8, 1000, 20_000],
  [2, 30, 3000],
])(
  "an exponent of %d over %d accounts is found again in %d draws, within four standard errors",
  (exponent, accounts, draws) => {
    const fit = fitPopularity(countsOf(exponent, accounts, draws));
    expect(Math.abs(fit.exponent - exponent)).toBeLessThan(4 * fit.standardError);
    expect(fit.standardError).toBeLessThan(0.1);
    expect(fit.pValue).toBeGreaterThan(0.001);
  },
);

test("accounts that are all alike are taken for that, although one of them is the busiest by chance", () => {
  const fit = fitPopularity(countsOf(0, 40, 2000));
  expect(fit).toMatchObject({ exponent: 0, accounts: 40, seen: 40, transactions: 2000 });
});

test("accounts that have sent nothing yet are reckoned with", () => {
  const counts = countsOf(1, 2000, 5000);
  expect(counts.length).toBeLessThan(1400);
  const fit = fitPopularity(counts);
  expect(fit.accounts).toBeGreaterThan(1500);
  expect(fit.accounts).toBeLessThan(2700);
});

test("what follows no such law is told from what does", () => {
  // Ten senders that send all alike, and nobody else but rarely.
  const counts = [...new Array<number>(10).fill(500), ...new Array<number>(200).fill(2)];
  expect(fitPopularity(counts).pValue).toBeLessThan(0.01);
});
