import { expect, test } from "@jest/globals";
import { driverOf } from "../../shared/chains/registry.ts";
import { isAppError } from "../../shared/errors/app-error.ts";
import { planRun } from "../../shared/scenario/plan.ts";
import type { Scenario } from "../../shared/scenario/scenario.ts";
import { makeSyntheticRun } from "../reporting/testing/synthetic-run.ts";
import { nextStep } from "./next-step.ts";
import { consumingEntries, mostObjects, objectsNeeded } from "./objects-needed.ts";
import { pointScenario } from "./point-scenario.ts";
import type { SearchPoint } from "./search-point.ts";

const { scenario: synthetic } = makeSyntheticRun({
  phases: [{ name: "hold", seconds: 1, fromPerSecond: 10, toPerSecond: 10 }],
}).manifest;

/** Seven transfers, two new orders and one that is cancelled in ten. */
function scenarioUpTo(toPerSecond: number): Scenario {
  const capacity = { ...synthetic.capacity, fromPerSecond: 20, toPerSecond, holdMicros: 5e6, confirmMicros: 10e6 };
  return { ...synthetic, capacity };
}

const cancelsOnly = [false, false, true];

test("which entries use up objects is told by what a network is made with for them", () => {
  expect(consumingEntries(synthetic, driverOf("bitshares"))).toEqual(cancelsOnly);
});

test("what uses up nothing needs nothing, however high the search may go", () => {
  const { mix } = synthetic.workload;
  const transfers = { ...synthetic.workload, mix: mix.filter(({ name }) => name === "transfer") };
  expect(objectsNeeded({ ...scenarioUpTo(100_000), workload: transfers }, [false])).toEqual([0]);
});

test.each([25, 60, 130, 200])(
  "enough is made for a search that finds its limit at %d tx/s and meets hiccups",
  (limit) => {
    const scenario = scenarioUpTo(200);
    const made = objectsNeeded(scenario, cancelsOnly);
    expect(made.slice(0, 2)).toEqual([0, 0]);
    const points: SearchPoint[] = [];
    let used = 0;
    for (
      let step = nextStep(scenario.capacity, points);
      step.kind === "measure";
      step = nextStep(scenario.capacity, points)
    ) {
      const { stage, ratePerSecond } = step;
      const point = pointScenario(scenario, step);
      used += planRun(point, { nodeNames: ["n"], beaconNames: ["b"] }).poolNeeds[2] ?? 0;
      const isHiccup = points.length % 4 === 2;
      points.push({
        ...{
          stage,
          ratePerSecond,
          carriedPerSecond: null,
          inclusionP99Micros: null,
          inclusionP99AtLeast: false,
          missedBlocks: 0,
          findings: [],
        },
        verdict: ratePerSecond <= limit && !isHiccup ? "sustained" : "overloaded",
        runFolder: "",
      });
    }
    expect(used).toBeGreaterThan(0);
    expect(made[2]).toBeGreaterThanOrEqual(used);
  },
);

test("a search that may need more than a network is made with is refused with the rate up to which it would do", () => {
  const refused = (scenario: Scenario) => {
    try {
      objectsNeeded(scenario, cancelsOnly);
    } catch (error) {
      if (isAppError(error)) return error;
    }
    throw new Error("not refused");
  };
  const { code, problems } = refused(scenarioUpTo(100_000));
  expect(code).toBe("PLAN_IMPOSSIBLE");
  expect(problems).toMatchObject([{ path: "capacity.to", value: "100000 tx/s" }]);
  const most = Number(/at most (\d+) tx\/s/.exec(problems[0]?.expected ?? "")?.[1]);
  expect(objectsNeeded(scenarioUpTo(most), cancelsOnly).reduce((sum, need) => sum + need)).toBeLessThanOrEqual(
    mostObjects,
  );
});
