import { describe, expect, test } from "@jest/globals";
import { fakeCatalogues } from "./fake-catalogues.ts";
import { parseScenario } from "./parse-scenario.ts";
import { checkLifetimes, planRun } from "./plan.ts";
import type { Scenario } from "./scenario.ts";

function scenarioWith(workload: unknown, phases: unknown): Scenario {
  const fields = {
    name: "plan",
    question: "What would happen?",
    chain: "bitshares",
    network: { embedded: {} },
    accounts: { count: 10, balance: "1000 BTS" },
    workload,
    phases,
  };
  return parseScenario(JSON.stringify(fields), { path: "plan.json", chains: fakeCatalogues });
}

const mixed = { transfer: 60, limit_order_create: 30, limit_order_cancel: 10 };
const threePhases = [
  { name: "warm-up", rate: "50 tx/s", for: "5s", measure: false },
  { name: "climb", steps: ["100 tx/s", "300 tx/s", "200 tx/s"], each: "10s" },
  { name: "flat-out", rate: "unlimited", for: "10s", transactions: 5001 },
];
const names = { nodeNames: ["node-1", "node-2", "node-3"], beaconNames: ["local-1", "local-2"] };

describe("a plan", () => {
  const scenario = scenarioWith(
    { mix: mixed, operationsPerTransaction: { uniform: [1, 3] }, route: { weights: [2, 1, 1] } },
    threePhases,
  );
  const { summary: plan, poolNeeds } = planRun(scenario, names);

  test("counts the transactions of each phase and says how fast they come", () => {
    expect(plan.phases).toMatchObject([
      { name: "warm-up", transactions: 250, measured: false, peakPerSecond: 50 },
      { name: "climb", transactions: 6000, fromPerSecond: 100, toPerSecond: 200, peakPerSecond: 300 },
      { name: "flat-out", transactions: 5001, kind: "unlimited", peakPerSecond: null },
    ]);
    expect(plan).toMatchObject({ transactions: 11_251, durationMicros: 45e6 });
  });

  test("every transaction and operation is in exactly one of each share", () => {
    const sum = (shares: readonly { count: number }[]): number =>
      shares.reduce((total, share) => total + share.count, 0);
    expect(sum(plan.byBeacon)).toBe(plan.transactions);
    expect(sum(plan.byNode)).toBe(plan.transactions);
    expect(sum(plan.byOperation)).toBe(plan.operations);
    expect(plan.phases.reduce((total, phase) => total + phase.operations, 0)).toBe(plan.operations);
  });

  test("nodes have their weights exactly, operations about theirs", () => {
    expect(plan.byNode.map((share) => share.name)).toEqual(["node-1", "node-2", "node-3"]);
    expect(Math.abs((plan.byNode[0]?.count ?? 0) - plan.transactions / 2)).toBeLessThanOrEqual(2);
    const transfers = plan.byOperation[0]?.count ?? 0;
    expect(transfers / plan.operations).toBeCloseTo(0.6, 1);
  });

  test("beacons differ by one transaction at most", () => {
    expect(plan.byBeacon).toEqual([
      { name: "local-1", labels: {}, count: 5626 },
      { name: "local-2", labels: {}, count: 5625 },
    ]);
  });

  test("objects are needed for as many operations as there are of each mix entry", () => {
    expect(poolNeeds).toEqual(plan.byOperation.map((share) => share.count));
  });

  test("the seed decides what is counted", () => {
    expect(planRun({ ...scenario, seed: 99 }, names).poolNeeds).not.toEqual(poolNeeds);
    expect(planRun(scenario, names)).toEqual({
      summary: plan,
      poolNeeds,
      beaconsWorth: expect.any(Number),
      problems: [],
    });
  });
});

describe("lifetimes", () => {
  const scenario = scenarioWith({ mix: mixed }, [{ name: "a", rate: "1 tx/s", for: "1h" }]);
  const network = {
    blockIntervalMs: 1000,
    maximumLifetimeSeconds: 86_400,
    referenceWindowBlocks: 65_536,
    headNumber: 20,
    irreversibleNumber: 12,
  };

  test("a short run on a patient network has no problems", () => {
    const report = checkLifetimes(scenario, network, { signingSeconds: 5, spanSeconds: 3600 });
    expect(report).toMatchObject({ problems: [], lastDueSeconds: 3600, referenceBlocks: 3600 + 5 + 90 + 8 });
  });

  test.each([
    ["expires before the drain is over", { ...scenario, lifetimeSeconds: 20 }, network, 5, ["lifetime"]],
    ["lives longer than nodes accept", scenario, { ...network, maximumLifetimeSeconds: 92 }, 5, ["lifetime"]],
    ["refers to a block that is forgotten", scenario, { ...network, referenceWindowBlocks: 3000 }, 5, ["phases"]],
    ["is signed too long before", scenario, network, 63_000, ["phases"]],
  ])("a transaction that %s is a problem", (_, plan, chain, signingSeconds, paths) => {
    const { problems } = checkLifetimes(plan, chain, { signingSeconds, spanSeconds: 3600 });
    expect(problems.map((problem) => problem.path)).toEqual(paths);
  });
});
