import { describe, expect, test } from "@jest/globals";
import { createSampleContext } from "../chains/bitshares/sample-context.ts";
import { driverOf } from "../chains/registry.ts";
import { prepareSome } from "../chains/testing/prepare-some.ts";
import { AppError } from "../errors/app-error.ts";
import { arrivalsSeed } from "./arrivals.ts";
import { supportedChains } from "./load-scenario.ts";
import { parseScenario } from "./parse-scenario.ts";
import type { Scenario } from "./scenario.ts";

const good = {
  name: "options",
  question: "What is understood?",
  chain: "bitshares",
  network: { embedded: {} },
  accounts: { count: 10, balance: "1000 BTS" },
  seed: 7,
  workload: { mix: { transfer: 1 } as Record<string, unknown>, operationsPerTransaction: 1 as unknown },
  phases: [{ name: "hold", rate: "10 tx/s", for: "10s" } as Record<string, unknown>],
};

function parsed(changes: Record<string, unknown>): Scenario {
  return parseScenario(JSON.stringify({ ...good, ...changes }), { path: "options.json", chains: supportedChains });
}

function problemsOf(changes: Record<string, unknown>): string[] {
  try {
    parsed(changes);
    return [];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.problems.map(({ path }) => path);
  }
}

describe("arrivals", () => {
  test("are even unless told otherwise, and have a seed for each phase", () => {
    const poisson = { rate: "10 tx/s", for: "10s", arrivals: "poisson" };
    const { phases } = parsed({ phases: [good.phases[0], { ...poisson, name: "a" }, { ...poisson, name: "b" }] });
    expect(phases.map(({ load }) => load.kind === "paced" && load.arrivals)).toEqual([
      { kind: "even" },
      { kind: "poisson", seed: arrivalsSeed(7, 1) },
      { kind: "poisson", seed: arrivalsSeed(7, 2) },
    ]);
  });

  test("are a word of the schema, and nothing of an unlimited phase", () => {
    const [hold] = good.phases;
    expect(problemsOf({ phases: [{ ...hold, arrivals: "possion" }] })).toEqual(["phases[0].arrivals"]);
    const unlimited = { name: "a", rate: "unlimited", for: "1s", transactions: 5, arrivals: "poisson" };
    expect(problemsOf({ phases: [unlimited] })).toEqual(["phases[0].arrivals"]);
  });
});

describe("popularity", () => {
  test("is uniform unless told otherwise, and follows the seed", () => {
    expect(parsed({}).workload.popularity).toEqual({ kind: "uniform" });
    const accounts = { ...good.accounts, popularity: { zipf: 1.1 } };
    expect(parsed({ accounts }).workload.popularity).toEqual({ kind: "zipf", exponent: 1.1, seed: 7 });
  });

  test.each([0, -1, 5, "much"])("an exponent of %j is refused", (zipf) => {
    const accounts = { ...good.accounts, popularity: { zipf } };
    expect(problemsOf({ accounts })).toEqual(["accounts.popularity.zipf"]);
  });
});

describe("filling to a size", () => {
  const filled = (fillBytes: unknown, mix: Record<string, unknown> = { transfer: 1 }): Record<string, unknown> => ({
    workload: { mix, operationsPerTransaction: { fillBytes } },
  });

  test("knows the chain's sizes", () => {
    const { operationsPerTransaction } = parsed(filled("60 KiB", { transfer: 3, limit_order_create: 1 })).workload;
    expect(operationsPerTransaction).toMatchObject({ kind: "fill", bytes: 61_440 });
    if (operationsPerTransaction.kind !== "fill") throw new Error("not filled");
    const [transfer = 0, order = 0] = operationsPerTransaction.entryBytes;
    expect(operationsPerTransaction.meanEntryBytes).toBeCloseTo((3 * transfer + order) / 4, 9);
  });

  test.each(["bitshares", "antelope"])("is refused on %s where only the network knows the size", (chain) => {
    const { packedSizes } = driverOf(chain).operations;
    expect(packedSizes?.overheadBytes).toBeGreaterThan(70);
    const changes = { ...filled("1 KiB", { transfer: 1, newaccount: 1 }), chain: "antelope" };
    const accounts = { count: 10, balance: "1000 EOS" };
    expect(problemsOf({ ...changes, accounts })).toEqual(["workload.mix.newaccount"]);
  });

  test("is refused where not even one operation fits, and where the run would have too many operations", () => {
    expect(problemsOf(filled(90))).toEqual(["workload.operationsPerTransaction.fillBytes"]);
    const phases = [{ name: "much", rate: "1000 tx/s", for: "1000s" }];
    expect(problemsOf({ ...filled("60 KiB"), phases })).toEqual(["phases"]);
  });

  test("gives prepared transactions of nearly that size and never more", () => {
    const { workload } = parsed(filled(4000));
    const context = { ...createSampleContext({ accounts: 200 }) };
    const filledContext = { ...context, workload: { ...context.workload, ...workload } };
    const preparer = driverOf("bitshares").createPreparer(filledContext);
    const sequences = Array.from({ length: 20 }, (_, i) => i);
    const options = { preparer, workload, seed: 1, sequences, expirationSeconds: 1_800_000_000 };
    for (const { packedBytes } of prepareSome(options)) {
      expect(packedBytes).toBeLessThanOrEqual(4000);
      expect(packedBytes).toBeGreaterThan(4000 * 0.8);
    }
  });
});
