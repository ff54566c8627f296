import { describe, expect, test } from "@jest/globals";
import type { Popularity } from "../../scenario/scenario.ts";
import {
  createSampleContext as antelopeContext,
  sampleTransfer as antelopeTransfer,
} from "../antelope/sample-context.ts";
import {
  createSampleContext as bitsharesContext,
  sampleTransfer as bitsharesTransfer,
} from "../bitshares/sample-context.ts";
import type { PrepareContext } from "../driver.ts";
import { driverOf } from "../registry.ts";
import { prepareSome } from "./prepare-some.ts";

const popularity: Popularity = { kind: "zipf", exponent: 1.1, seed: 1 };
const narrow = { minimum: 1000, maximum: 1049 };

function popular(context: PrepareContext): PrepareContext {
  return { ...context, workload: { ...context.workload, popularity } };
}

const contexts: Readonly<Record<string, (transactions: number) => PrepareContext>> = {
  bitshares: (transactions) =>
    popular(bitsharesContext({ accounts: 50, entries: [{ ...bitsharesTransfer, ...narrow }], transactions })),
  antelope: (transactions) =>
    popular(antelopeContext({ accounts: 50, entries: [{ ...antelopeTransfer, ...narrow }], transactions })),
};

describe.each(Object.keys(contexts))("popular accounts of %s", (chain) => {
  test("never send the same transaction twice, although amounts are few", () => {
    const context = (contexts[chain] as (transactions: number) => PrepareContext)(600);
    const prepared = prepareSome({
      preparer: driverOf(chain).createPreparer(context),
      workload: context.workload,
      seed: context.seed,
      sequences: Array.from({ length: 600 }, (_, i) => i),
      expirationSeconds: 1_800_000_000,
    });
    expect(new Set(prepared.map(({ matchKey }) => matchKey)).size).toBe(600);
  });

  test("need more of what they spend than others do, and are told when they have too little", () => {
    const { resolved, workload } = (contexts[chain] as (transactions: number) => PrepareContext)(600);
    const { cost } = driverOf(chain);
    const alike = { ...workload, popularity: { kind: "uniform" as const } };
    const neededOf = (of: typeof workload): bigint => BigInt(cost(resolved, of, [500])?.lines[0]?.needed ?? 0);
    expect(neededOf(workload)).toBeGreaterThan(0n);
    // Enough for everybody when all are alike, and not for the most popular one.
    const symbol = chain === "bitshares" ? "BTS" : "EOS";
    const enough = String(neededOf(alike) / 50n);
    const accounts = resolved.accounts.map((account) => ({ ...account, balances: { [symbol]: enough } }));
    expect(cost({ ...resolved, accounts }, alike, [500]).shortAccounts).toEqual([]);
    const short = cost({ ...resolved, accounts }, workload, [500]).shortAccounts;
    expect(short.length).toBeGreaterThan(0);
    expect(short.length).toBeLessThan(25);
  });
});

test("on BitShares a range that is too narrow for popular pairs is refused before anything is signed", () => {
  const driver = driverOf("bitshares");
  const context = (contexts.bitshares as (transactions: number) => PrepareContext)(20_000);
  const alike = { ...context, workload: { ...context.workload, popularity: { kind: "uniform" as const } } };
  expect(() => driver.createPreparer(alike)).not.toThrow();
  expect(() => driver.createPreparer(context)).toThrow(expect.objectContaining({ code: "PLAN_IMPOSSIBLE" }));
});
