import type {
  AccountKey,
  ChainDriver,
  CostEstimate,
  NetworkDescription,
  ResolvedChain,
} from "../../shared/chains/driver.ts";
import { AppError, type Problem } from "../../shared/errors/app-error.ts";
import type { PlanSummary } from "../../shared/scenario/plan-summary.ts";
import type { Scenario } from "../../shared/scenario/scenario.ts";
import { formatCount, formatUnits } from "../reporting/figures-text.ts";

export interface MeansOptions {
  readonly scenario: Scenario;
  readonly driver: ChainDriver;
  readonly network: NetworkDescription;
  readonly accounts: readonly AccountKey[];
  readonly plan: PlanSummary;
  /** For each mix entry, how many objects it will consume at most. */
  readonly poolNeeds: readonly number[];
  readonly signal: AbortSignal;
}

/**
 * The accounts with all that the workload needs of them, and what the whole run costs them at most. Throws
 * RESOURCES_MISSING or FUNDS_MISSING when that is too little, and as the driver's `resolve` does.
 */
export async function findMeans({
  scenario,
  driver,
  network,
  accounts,
  plan,
  poolNeeds,
  signal,
}: MeansOptions): Promise<{ readonly resolved: ResolvedChain; readonly cost: CostEstimate }> {
  const { workload } = scenario;
  const { endpoint } = network.nodes[0] as NetworkDescription["nodes"][number];
  const resolved = await driver.resolve({ endpoint, network, accounts, workload, signal });
  requireObjects(resolved, scenario, poolNeeds);
  const cost = driver.cost(resolved, workload, operationCounts(scenario, plan));
  requireFunds(cost);
  return { resolved, cost };
}

function operationCounts({ workload }: Scenario, { byOperation }: PlanSummary): number[] {
  const counts = new Map(byOperation.map(({ name, count }) => [name, count]));
  return workload.mix.map((entry) => counts.get(entry.name) ?? 0);
}

function requireObjects(resolved: ResolvedChain, scenario: Scenario, needs: readonly number[]): void {
  const problems = resolved.pools.flatMap((available, i) => {
    if (available === null) return [];
    return objectsProblems({ name: scenario.workload.mix[i]?.name ?? "", needed: needs[i] ?? 0, available });
  });
  if (problems.length === 0) return;
  throw new AppError("RESOURCES_MISSING", "the accounts have too few open objects for what the workload uses up", {
    problems,
  });
}

function requireFunds(cost: CostEstimate): void {
  const problems = fundsProblems(cost);
  if (problems.length === 0) return;
  throw new AppError("FUNDS_MISSING", "the accounts have too little for what the scenario spends", {
    problems,
    hint: "Give them more, or send less; overseer plan shows what it is for.",
  });
}

/** What is wrong where an operation of the mix uses up more objects than there are. */
export function objectsProblems(objects: {
  readonly name: string;
  readonly needed: number;
  readonly available: number;
}): Problem[] {
  const { name, needed, available } = objects;
  if (available >= needed) return [];
  return [
    {
      path: `workload.mix.${name}`,
      value: `${formatCount(available)} there`,
      expected: `expected ${formatCount(needed)} objects that it can use up`,
    },
  ];
}

/** One for each asset of which the accounts together have too little. */
export function fundsProblems({ lines }: CostEstimate): Problem[] {
  return lines
    .filter((line) => BigInt(line.needed) > BigInt(line.available))
    .map(({ asset, precision, needed, available }) => ({
      path: `accounts (${asset})`,
      value: `${formatUnits(available, precision)} ${asset}`,
      expected: `expected at least ${formatUnits(needed, precision)} ${asset} for the whole run`,
    }));
}
