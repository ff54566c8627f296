import { setMaxListeners } from "node:events";
import type { ChainDriver } from "../../../shared/chains/driver.ts";
import { AppError } from "../../../shared/errors/app-error.ts";
import type { ExitName } from "../../../shared/errors/exit-codes.ts";
import type { ChainCatalogues } from "../../../shared/scenario/check-scenario.ts";
import { loadScenario } from "../../../shared/scenario/load-scenario.ts";
import { planRun, type RunPlan } from "../../../shared/scenario/plan.ts";
import type { CreatedAccounts, Scenario } from "../../../shared/scenario/scenario.ts";
import { formatOf, formatUnits } from "../../reporting/figures-text.ts";
import { findMeans } from "../../run/find-means.ts";
import { refuseMainNetwork } from "../../run/main-network-guard.ts";
import type { RunProgress } from "../../run/progress.ts";
import { describeTarget, networkFact } from "../../run/run-setting.ts";
import { conductSetup, type SetupOutcome, type SetupPurpose } from "../../setup/conduct-setup.ts";
import { loadCreatedAccounts } from "../../setup/created-accounts.ts";
import type { CliIo } from "../io.ts";
import { TerminalProgress } from "../progress/terminal-progress.ts";
import { progressOf, type RunSignals } from "../run/run-handler.ts";
import type { SetupArguments } from "./setup-command.ts";

export interface SetupContext {
  readonly io: CliIo;
  readonly chains: ChainCatalogues;
  readonly signals: RunSignals;
  driverOf(chain: string): ChainDriver;
}

/** Makes what a scenario needs on a network that is there, or returns it, and says what that has cost. */
export async function setup(purpose: SetupPurpose, args: SetupArguments, context: SetupContext): Promise<ExitName> {
  const { scenario } = await loadScenario(args.file, context.chains);
  const progress = progressOf(args, context.io);
  const { allowMainNetwork = null } = args;
  await setUp({ ...{ purpose, scenario, allowMainNetwork, json: args.json }, path: args.file }, progress, context);
  return "passed";
}

interface Wanted {
  readonly purpose: SetupPurpose;
  readonly scenario: Scenario;
  /** Of the scenario's file. */
  readonly path: string;
  readonly allowMainNetwork: string | null;
  readonly json: boolean;
}

export async function setUp(wanted: Wanted, progress: RunProgress, context: SetupContext): Promise<void> {
  const { purpose, scenario, path, allowMainNetwork, json } = wanted;
  const { io, signals } = context;
  const { stop, kill } = signals;
  const { accounts } = scenario;
  if (accounts.kind !== "created") throw nothingToDo(path);
  const driver = context.driverOf(scenario.chain);
  const before = AbortSignal.any([stop, kill]);
  for (const signal of [stop, kill, before]) setMaxListeners(0, signal);
  const network = await describeTarget(scenario, driver, before);
  refuseMainNetwork(driver, network.chainId, scenario, allowMainNetwork);
  progress.fact("Network", networkFact(network, "existing"));
  const absentKeys = purpose === "make" ? "make" : "require";
  const keys = await loadCreatedAccounts(accounts, { driver, environment: io.env, absentKeys });
  const { summary: plan, poolNeeds } = planOf(scenario);
  const outcome = await conductSetup(
    { ...{ purpose, scenario, accounts, driver, network, keys, poolNeeds, stop, kill }, scenarioPath: path },
    progress,
  );
  if (progress instanceof TerminalProgress) progress.finish();
  // Foreseen before, and now as a run will find it.
  if (purpose === "make") {
    await findMeans({ scenario, driver, network, plan, poolNeeds, accounts: keys.accounts, signal: before });
  }
  io.out(
    json ? `${JSON.stringify({ type: "result", ...resultOf(outcome) })}\n` : resultText(purpose, accounts, outcome),
  );
}

function nothingToDo(file: string): AppError {
  return new AppError("SCENARIO_INVALID", `${file} has no accounts that could be made`, {
    problems: [{ path: "accounts", expected: "expected { create: …, from: …, keys: … }" }],
    hint: "Accounts of an embedded network are made with it, and accounts that are given are there.",
  });
}

/** As a run counts them; how the load is shared among beacons makes no difference. */
function planOf(scenario: Scenario): RunPlan {
  const nodes = scenario.network.kind === "endpoints" ? scenario.network.endpoints.length : scenario.network.nodes;
  const nodeNames = Array.from({ length: nodes }, (_, i) => `node-${i + 1}`);
  return planRun(scenario, { nodeNames, beaconNames: ["local-1"] });
}

function resultOf({ survey: { stages, costs, notes }, steps, batches, spent }: SetupOutcome): object {
  return { stages, costs, notes, steps, transactions: batches, spent };
}

function resultText(purpose: SetupPurpose, { count, funder }: CreatedAccounts, outcome: SetupOutcome): string {
  const { batches, spent } = outcome;
  const moved = spent.filter(({ amount }) => amount !== "0");
  const amounts = moved.map(({ asset, precision, amount }) => {
    const magnitude = amount.replace(/^-/, "");
    const verb = amount.startsWith("-") ? "received" : "paid";
    return `${funder.name} ${verb} ${formatUnits(magnitude, precision)} ${asset}`;
  });
  const what =
    purpose === "make"
      ? `${formatUnits(String(count), 0)} accounts and all else that the scenario needs are there`
      : "what could be returned is returned";
  const how = batches === 0 ? "nothing was to be done" : formatOf(batches, "transaction", "transactions");
  const label = purpose === "make" ? "Setup" : "Teardown";
  return `${label.padEnd(10)}${[what, how, ...amounts].join("; ")}\n`;
}
