import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ChainDriver } from "../../shared/chains/driver.ts";
import { AppError } from "../../shared/errors/app-error.ts";
import type { Scenario } from "../../shared/scenario/scenario.ts";
import type { Clock } from "../../shared/time/clock.ts";
import { Teardown } from "../../shared/time/teardown.ts";
import { makeReport } from "../reporting/make-report.ts";
import type { RunSummary } from "../reporting/run-summary.ts";
import { conductRun } from "../run/conductor.ts";
import { openDeployment } from "../run/open-deployment.ts";
import type { RunProgress } from "../run/progress.ts";
import type { BeaconsRequest, RunRequest } from "../run/run-request.ts";
import type { RunWatch } from "../run/run-watch.ts";
import { awaitRecovery } from "./await-recovery.ts";
import { judgePoint } from "./judge-point.ts";
import { nextStep, type SearchOutcome, type SearchStep } from "./next-step.ts";
import { pointScenario } from "./point-scenario.ts";
import type { SearchPoint } from "./search-point.ts";
import { type SearchRecord, writeSearchRecord } from "./search-record.ts";
import { standBeacons } from "./standing-beacons.ts";
import { type StandingNetwork, standNetwork } from "./standing-network.ts";

export interface SearchRequest
  extends Pick<RunRequest, "command" | "allowedMainNetwork" | "tool" | "environment" | "engine" | "stop" | "kill"> {
  readonly scenario: Scenario;
  readonly beacons: BeaconsRequest;
  readonly folder: string;
  /** With the points that are there already. */
  readonly record: SearchRecord;
}

export interface SearchDependencies {
  readonly driver: ChainDriver;
  readonly clock: Clock;
  /** Of the single runs. */
  readonly progress: RunProgress;
  readonly watch: RunWatch;
  /** Of what is brought up for all points. */
  readonly head: Pick<RunProgress, "fact">;
  onPoint(point: SearchPoint): void;
}

export interface SearchResult {
  readonly points: readonly SearchPoint[];
  /** Null when the search ended before it had one. */
  readonly outcome: SearchOutcome | null;
  /** What ended it early. */
  readonly error: unknown;
  /** Steps of the clearing up that failed. */
  readonly leftovers: readonly string[];
}

/** Measures point after point until the limit is found. Never throws: what was measured until then is kept. */
export async function conductSearch(request: SearchRequest, dependencies: SearchDependencies): Promise<SearchResult> {
  const teardown = new Teardown();
  const search = new Search(request, dependencies);
  let error: unknown = null;
  try {
    await search.run(teardown);
  } catch (caught) {
    error = caught;
  }
  const leftovers = [...search.leftovers, ...(await teardown.run())];
  return { points: search.points, outcome: search.outcome, error, leftovers };
}

type Measurement = Extract<SearchStep, { kind: "measure" }>;

class Search {
  readonly points: SearchPoint[];
  readonly leftovers: string[] = [];
  outcome: SearchOutcome | null = null;
  readonly #request: SearchRequest;
  readonly #dependencies: SearchDependencies;

  constructor(request: SearchRequest, dependencies: SearchDependencies) {
    this.#request = request;
    this.#dependencies = dependencies;
    this.points = [...request.record.points];
  }

  async run(teardown: Teardown): Promise<void> {
    const { scenario, folder, environment, engine, stop, kill } = this.#request;
    const { driver, clock, head } = this.#dependencies;
    let step = this.#next();
    if (step === null) return;
    const networkFolder = join(folder, "network");
    await mkdir(networkFolder, { recursive: true });
    const signal = AbortSignal.any([stop, kill]);
    const deployment = await openDeployment(
      {
        engine,
        scenario,
        beacons: this.#request.beacons,
        logs: networkFolder,
        progress: head,
        signal,
      },
      teardown,
    );
    const network = await standNetwork({
      ...{ driver, folder: networkFolder, deployment, environment, signal },
      scenario: deployment === null ? scenario : observing(deployment.name, scenario),
    });
    teardown.defer("stop the embedded network", () => network.stop());
    const beacons = await standBeacons({ beacons: this.#request.beacons, scenario, deployment, clock }, teardown);
    while (step !== null) {
      const summary = await this.#measure(step, network, beacons);
      step = this.#next();
      if (step !== null) await this.#recover(summary, network);
    }
  }

  #next(): Measurement | null {
    const step = nextStep(this.#request.scenario.capacity, this.points);
    if (step.kind === "measure") return step;
    this.outcome = step.outcome;
    return null;
  }

  async #measure(
    { stage, ratePerSecond }: Measurement,
    network: StandingNetwork,
    beacons: BeaconsRequest,
  ): Promise<RunSummary> {
    const { folder, record, command, allowedMainNetwork, tool, engine, kill } = this.#request;
    const { scenarioPath, scenarioText } = record;
    const runId = `${String(this.points.length + 1).padStart(2, "0")}-${stage}-${ratePerSecond}`;
    const runFolder = join(folder, "points", runId);
    // What an interrupted search left of this point says nothing: it is measured from its start.
    await rm(runFolder, { recursive: true, force: true });
    const stop = AbortSignal.any([this.#request.stop, network.died]);
    const result = await conductRun(
      {
        ...{ command, allowedMainNetwork, tool, engine, stop, kill, scenarioPath, scenarioText, runId, runFolder },
        scenario: pointScenario(network.scenario, { stage, ratePerSecond }),
        beacons,
        environment: network.environment,
      },
      this.#dependencies,
    );
    this.leftovers.push(...result.leftovers);
    if (!result.reportable) throw result.error as Error;
    const summary = await makeReport(runFolder, { signal: kill });
    if (result.error !== null) throw result.error as Error;
    if (!summary.verdicts.accounting.holds) {
      throw new AppError("ACCOUNTING_BROKEN", `the accounts of ${runFolder} do not add up`);
    }
    const point = { stage, ratePerSecond, runFolder: join("points", runId) };
    await this.#keep(judgePoint(summary, point, this.#request.scenario.capacity));
    return summary;
  }

  async #keep(point: SearchPoint): Promise<void> {
    const { folder, record } = this.#request;
    this.points.push(point);
    await writeSearchRecord(folder, {
      ...record,
      points: this.points.map((kept) => ({ ...kept, findings: [...kept.findings] })),
    });
    this.#dependencies.onPoint(point);
  }

  async #recover(summary: RunSummary, network: StandingNetwork): Promise<void> {
    const { scenario, stop, kill } = this.#request;
    await awaitRecovery({
      driver: this.#dependencies.driver,
      endpoints: network.endpoints,
      summary,
      lifetimeSeconds: scenario.lifetimeSeconds,
      timeoutMs: scenario.capacity.recoveryMicros / 1000,
      signal: AbortSignal.any([stop, kill, network.died]),
    });
  }
}

/** What the search's own containers use is told in every point's report, as in that of a run which deploys them. */
function observing(deployment: string, scenario: Scenario): Scenario {
  const containers = [{ kind: "deployment" as const, deployment }, ...scenario.observe.containers];
  return { ...scenario, observe: { ...scenario.observe, containers } };
}
