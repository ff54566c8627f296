import { availableParallelism } from "node:os";
import type { ChainDriver, CostEstimate } from "../../../shared/chains/driver.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import type { ExitName } from "../../../shared/errors/exit-codes.ts";
import type { ChainCatalogues } from "../../../shared/scenario/check-scenario.ts";
import { loadScenario } from "../../../shared/scenario/load-scenario.ts";
import { planRun } from "../../../shared/scenario/plan.ts";
import type { Scenario } from "../../../shared/scenario/scenario.ts";
import { limits } from "../../../shared/scenario/schema-parts.ts";
import type { Clock } from "../../../shared/time/clock.ts";
import type { CliIo } from "../io.ts";
import { makePlan, type PlanFacts } from "./make-plan.ts";
import { measureSigning } from "./measure-signing.ts";
import type { PlanArguments } from "./plan-command.ts";
import { assumedNetwork, lookAtNetwork } from "./plan-network.ts";
import { planText } from "./plan-text.ts";

export interface PlanContext {
  readonly io: CliIo;
  readonly chains: ChainCatalogues;
  driverOf(chain: string): ChainDriver;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Of problems that lie with the plan itself; others lie with the accounts. */
const planPaths = new Set(["lifetime", "phases", "beacons.signingWindow"]);

type Looked = Pick<PlanFacts, "network" | "chainId" | "mainNetwork" | "setup" | "measure" | "cost" | "pools">;

const notLooked: Omit<Looked, "network"> = {
  ...{ chainId: null, mainNetwork: null, setup: null, measure: null, cost: null, pools: null },
};

/** Shows what a run would do. A run that would be refused is shown all the same, and then the reasons. */
export async function plan(args: PlanArguments, context: PlanContext): Promise<ExitName> {
  const { io } = context;
  const { scenario } = await loadScenario(args.file, context.chains);
  const beacons = beaconsOf(args, scenario);
  const nodes = scenario.network.kind === "embedded" ? scenario.network.nodes : scenario.network.endpoints.length;
  const counted = planRun(scenario, {
    nodeNames: numbered("node", nodes),
    beaconNames: numbered("local", beacons),
  });
  const cores = availableParallelism();
  const { vocabulary } = context.driverOf(scenario.chain);
  const base = { scenario, plan: counted, beacons, vocabulary, cores, offline: args.offline };
  const facts: PlanFacts = args.offline
    ? { ...base, ...notLooked, network: assumedNetwork(scenario) }
    : { ...base, ...(await look(scenario, counted.poolNeeds, counted.summary.transactions, context)) };
  const view = makePlan(facts);
  io.out(args.json ? `${JSON.stringify(view, null, 2)}\n` : planText(view, io));
  if (view.problems.length === 0) return "passed";
  const isPlan = counted.problems.length > 0 || view.problems.some(({ path }) => planPaths.has(path));
  return isPlan ? "invalid-scenario" : "refused";
}

async function look(
  scenario: Scenario,
  poolNeeds: readonly number[],
  transactions: number,
  { driverOf, clock, signal, io }: PlanContext,
): Promise<Looked> {
  const driver = driverOf(scenario.chain);
  const seen = await lookAtNetwork({ scenario, driver, poolNeeds, environment: io.env, signal });
  const { chainId } = seen.network;
  const mainNetwork = driver.mainNetworks.get(chainId) ?? null;
  if (seen.kind === "missing") {
    return { ...notLooked, network: seen.network, chainId, mainNetwork, setup: seen.survey };
  }
  const { network, resolved, reference, survey: setup } = seen;
  const { workload, seed, chain } = scenario;
  const cost: CostEstimate = driver.cost(resolved, workload, poolNeeds);
  // Objects that run out would end the measuring; the plan says so anyhow.
  const enough = resolved.pools.every((pool, i) => pool === null || pool >= (poolNeeds[i] ?? 0));
  const prepareContext = { chain, seed, network, workload, resolved, reference, transactions };
  const measure = enough ? measureSigning(driver, prepareContext, transactions, scenario.lifetimeSeconds, clock) : null;
  return { network, chainId, mainNetwork, setup, measure, cost, pools: resolved.pools };
}

function beaconsOf({ beacons }: PlanArguments, scenario: Scenario): number {
  if (beacons === undefined) return scenario.beacons.count;
  if (Number.isInteger(beacons) && beacons >= 1 && beacons <= limits.beacons) return beacons;
  const expected = `expected a whole number from 1 to ${limits.beacons}`;
  throw new AppError("USAGE", "--beacons is wrong", {
    problems: [{ path: "--beacons", value: String(beacons), expected }],
  });
}

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}-${i + 1}`);
}
