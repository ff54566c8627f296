import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { backlogShare } from "./judge-point.ts";
import { nextStep, type SearchOutcome, type SearchSettings } from "./next-step.ts";
import type { SearchPoint } from "./search-point.ts";

const settings: SearchSettings = { fromPerSecond: 50, toPerSecond: 100_000, growth: 2, resolution: 0.02, repeats: 3 };

/** Carries what it is offered up to its capacity; what is seen of it scatters, and now and then a point fails by chance. */
class SimulatedNetwork {
  readonly points: SearchPoint[] = [];
  readonly #capacity: number;
  readonly #noise: number;
  readonly #hiccupEvery: number;
  #state: number;

  constructor(capacity: number, { seed = 1, noise = 0, hiccupEvery = Number.POSITIVE_INFINITY } = {}) {
    this.#capacity = capacity;
    this.#noise = noise;
    this.#hiccupEvery = hiccupEvery;
    this.#state = seed;
  }

  measure(stage: SearchPoint["stage"], ratePerSecond: number): void {
    const seen = Math.min(ratePerSecond, this.#capacity) * (1 + this.#noise * (2 * this.#random() - 1));
    const hiccup = (this.points.length + 1) % this.#hiccupEvery === 0;
    const keptUp = seen >= ratePerSecond * backlogShare && !hiccup;
    this.points.push({
      stage,
      ratePerSecond,
      verdict: keptUp ? "sustained" : "overloaded",
      carriedPerSecond: seen,
      inclusionP99Micros: null,
      inclusionP99AtLeast: false,
      missedBlocks: 0,
      findings: [],
      runFolder: "",
    });
  }

  #random(): number {
    this.#state = (this.#state * 48_271) % 2_147_483_647;
    return this.#state / 2_147_483_647;
  }
}

function search(network: SimulatedNetwork, changes: Partial<SearchSettings> = {}, maximumPoints = 100): SearchOutcome {
  const all = { ...settings, ...changes };
  for (let i = 0; i < maximumPoints; i++) {
    const step = nextStep(all, network.points);
    if (step.kind === "done") return step.outcome;
    network.measure(step.stage, step.ratePerSecond);
  }
  throw new Error(`no end after ${maximumPoints} points`);
}

test("climbs, bisects and confirms", () => {
  const network = new SimulatedNetwork(200);
  const outcome = search(network);
  expect(outcome.kind).toBe("confirmed");
  expect(network.points.slice(0, 5).map(({ stage, ratePerSecond }) => [stage, ratePerSecond])).toEqual([
    ["climb", 50],
    ["climb", 100],
    ["climb", 200],
    ["climb", 400],
    ["climb", 400],
  ]);
  expect(network.points.slice(-3).map(({ stage }) => stage)).toEqual(["confirm", "confirm", "confirm"]);
});

const capacities = fc.double({ min: 1, max: 50_000, noNaN: true });
const seeds = fc.integer({ min: 1, max: 2_000_000_000 });

test("lands within 5 % of any capacity, whatever the noise", () => {
  fc.assert(
    fc.property(capacities, seeds, (capacity, seed) => {
      const { kind, sustainedPerSecond } = search(new SimulatedNetwork(capacity, { seed, noise: 0.01 }));
      expect(kind).toBe("confirmed");
      expect(Math.abs((sustainedPerSecond ?? 0) / capacity - 1)).toBeLessThan(0.05);
    }),
    { numRuns: 500 },
  );
});

test("a point that fails by chance now and then does not lower the result", () => {
  fc.assert(
    fc.property(capacities, seeds, fc.integer({ min: 3, max: 9 }), (capacity, seed, hiccupEvery) => {
      const network = new SimulatedNetwork(capacity, { seed, noise: 0.005, hiccupEvery });
      const { kind, sustainedPerSecond } = search(network, { repeats: 2 });
      expect(kind).toBe("confirmed");
      expect(Math.abs((sustainedPerSecond ?? 0) / capacity - 1)).toBeLessThan(0.05);
    }),
  );
});

test("an interrupted search goes on as if it had not been", () => {
  fc.assert(
    fc.property(capacities, seeds, fc.nat({ max: 12 }), (capacity, seed, cut) => {
      const whole = new SimulatedNetwork(capacity, { seed });
      const outcome = search(whole);
      const resumed = new SimulatedNetwork(capacity, { seed });
      resumed.points.push(...whole.points.slice(0, cut));
      expect(search(resumed)).toEqual(outcome);
      expect(resumed.points).toEqual(whole.points);
    }),
  );
});

test("says that the limit lies higher where the highest rate holds, and confirms that", () => {
  const network = new SimulatedNetwork(1e6);
  expect(search(network, { toPerSecond: 300 })).toEqual({
    kind: "ceiling",
    sustainedPerSecond: 300,
    brokeAtPerSecond: null,
  });
  expect(network.points.filter(({ stage }) => stage === "confirm")).toHaveLength(3);
});

test("descends from a first rate that is too high, and gives up where nothing holds", () => {
  const { kind, sustainedPerSecond } = search(new SimulatedNetwork(7));
  expect(kind).toBe("confirmed");
  expect(Math.abs((sustainedPerSecond ?? 0) / 7 - 1)).toBeLessThan(0.05);
  expect(search(new SimulatedNetwork(0))).toMatchObject({ kind: "none", sustainedPerSecond: null });
});

test("ends when the beacons are the limit, but not because of one busy moment", () => {
  const network = new SimulatedNetwork(1e6);
  network.measure("climb", 50);
  const bound: SearchPoint = { ...(network.points[0] as SearchPoint), ratePerSecond: 100, verdict: "generator-bound" };
  network.points.push(bound, bound);
  expect(nextStep(settings, network.points)).toEqual({ kind: "measure", stage: "climb", ratePerSecond: 100 });
  network.points.push(bound);
  expect(nextStep(settings, network.points)).toEqual({
    kind: "done",
    outcome: { kind: "generator-bound", sustainedPerSecond: 50, brokeAtPerSecond: null },
  });
});
