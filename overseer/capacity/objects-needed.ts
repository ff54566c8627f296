import type { ChainDriver } from "../../shared/chains/driver.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import { planRun } from "../../shared/scenario/plan.ts";
import type { Scenario } from "../../shared/scenario/scenario.ts";
import { nextStep } from "./next-step.ts";
import { pointScenario } from "./point-scenario.ts";
import type { SearchPoint } from "./search-point.ts";

/** What an embedded network is made with at most: they are written to a file and held in memory. */
export const mostObjects = 250_000;
/** Points that fail by chance, or that the beacons were too slow for, are measured again. */
const reserve = 2;
/** How finely limits are tried between the lowest rate worth finding and the highest that is allowed. */
const triedLimits = 60;
const longestSearch = 200;
/** A search goes down to an eighth power of its growth below its first rate, where that fails. */
const lowestShare = (growth: number): number => growth ** -9;

/**
 * For each mix entry, how many objects that are made beforehand a search may use up, wherever the limit turns out to be.
 * `consumes`: which entries use up any; the others need none. Throws PLAN_IMPOSSIBLE where an embedded network cannot have
 * as many.
 */
export function objectsNeeded(scenario: Scenario, consumes: readonly boolean[]): readonly number[] {
  const { fromPerSecond, toPerSecond } = scenario.capacity;
  const perTransaction = shareOfEach(scenario, fromPerSecond).map((share, i) => (consumes[i] === true ? share : 0));
  const total = perTransaction.reduce((sum, share) => sum + share, 0);
  if (total === 0) return perTransaction;
  const transactions = reserve * mostTransactions(scenario, toPerSecond);
  if (transactions * total > mostObjects) throw tooMany(scenario, transactions * total, total);
  return perTransaction.map((share) => Math.ceil(share * transactions));
}

/** An entry uses up objects if an embedded network is made in another way for the sake of it. */
export function consumingEntries({ seed, accounts, workload }: Scenario, driver: ChainDriver): boolean[] {
  const balance = accounts.kind === "embedded" ? accounts.balance : "";
  const made = (poolNeeds: readonly number[]): string =>
    JSON.stringify(driver.embeddedGenesis({ seed, accounts: 2, balance, workload, poolNeeds }).genesis);
  const none = workload.mix.map(() => 0);
  const without = made(none);
  return workload.mix.map((_, entry) => made(none.map((_need, i) => (i === entry ? 1 : 0))) !== without);
}

/** Of the first point, which is as good as any other. */
function shareOfEach(scenario: Scenario, ratePerSecond: number): number[] {
  const point = pointScenario(scenario, { stage: "climb", ratePerSecond });
  const { summary, poolNeeds } = planRun(point, { nodeNames: ["node"], beaconNames: ["beacon"] });
  return poolNeeds.map((need) => need / Math.max(1, summary.transactions));
}

function mostTransactions(scenario: Scenario, toPerSecond: number): number {
  const { fromPerSecond, growth } = scenario.capacity;
  const lowest = fromPerSecond * lowestShare(growth);
  const limits = Array.from(
    { length: triedLimits + 1 },
    (_, i) => lowest * (toPerSecond / lowest) ** (i / triedLimits),
  );
  return Math.max(...limits.map((limit) => transactionsOfSearch(scenario, toPerSecond, limit)));
}

function transactionsOfSearch(scenario: Scenario, toPerSecond: number, limitPerSecond: number): number {
  const settings = { ...scenario.capacity, toPerSecond };
  const points: SearchPoint[] = [];
  let transactions = 0;
  while (points.length < longestSearch) {
    const step = nextStep(settings, points);
    if (step.kind === "done") break;
    const { phases } = pointScenario(scenario, step);
    transactions += phases.reduce((sum, phase) => sum + phase.transactions, 0);
    points.push({
      stage: step.stage,
      ratePerSecond: step.ratePerSecond,
      verdict: step.ratePerSecond <= limitPerSecond ? "sustained" : "overloaded",
      carriedPerSecond: null,
      inclusionP99Micros: null,
      inclusionP99AtLeast: false,
      missedBlocks: 0,
      findings: [],
      runFolder: "",
    });
  }
  return transactions;
}

function tooMany(scenario: Scenario, needed: number, perTransaction: number): AppError {
  const { fromPerSecond, toPerSecond } = scenario.capacity;
  let fitting = toPerSecond;
  while (fitting >= fromPerSecond && reserve * mostTransactions(scenario, fitting) * perTransaction > mostObjects) {
    fitting = Number((fitting * 0.9).toPrecision(2));
  }
  const expected =
    fitting >= fromPerSecond
      ? `expected at most ${fitting} tx/s`
      : "expected shorter points, a higher resolution, or a network where enough of them exist";
  return new AppError("PLAN_IMPOSSIBLE", "the search may use up more objects than an embedded network is made with", {
    problems: [
      {
        path: "capacity.to",
        value: `${toPerSecond} tx/s`,
        expected: `${expected}: as it stands, a search may use up ${Math.ceil(needed)} objects, and ${mostObjects} are made at most`,
      },
    ],
  });
}
