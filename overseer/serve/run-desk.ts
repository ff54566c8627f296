import { basename, join } from "node:path";
import type { ChainDriver } from "../../shared/chains/driver.ts";
import { AppError, exitNameOf, messageOf, toErrorData } from "../../shared/errors/app-error.ts";
import { type ExitName, exitCodes } from "../../shared/errors/exit-codes.ts";
import type { ChainCatalogues } from "../../shared/scenario/check-scenario.ts";
import { parseScenario } from "../../shared/scenario/parse-scenario.ts";
import type { Scenario } from "../../shared/scenario/scenario.ts";
import type { Clock } from "../../shared/time/clock.ts";
import type { EngineAddress } from "../deploy/engine-address.ts";
import type { RunManifest } from "../ledger/evidence.ts";
import { makeReport } from "../reporting/make-report.ts";
import { conductRun } from "../run/conductor.ts";
import { createRunId } from "../run/run-id.ts";
import type { RunWatch } from "../run/run-watch.ts";
import type { BeaconGateway } from "../server/beacon-gateway.ts";
import { admitScenario, admittedPath, type Reach } from "./admit-scenario.ts";
import type { ProgressMessage, RunView, Submission } from "./operator-protocol.ts";
import { endedRun, listEndedRuns } from "./past-runs.ts";
import { listReportFiles } from "./report-files.ts";
import { RunFeed } from "./run-feed.ts";

export interface RunDeskOptions extends Reach {
  readonly reports: string;
  readonly allowedMainNetwork: string | null;
  readonly tool: RunManifest["tool"];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly engine: EngineAddress;
}

export interface RunDeskDependencies {
  readonly gateway: BeaconGateway;
  readonly chains: ChainCatalogues;
  driverOf(chain: string): ChainDriver;
  readonly clock: Clock;
  /** For those who look at the run that goes on from outside. */
  readonly watch: RunWatch;
  /** For the overseer's own log. */
  tell(text: string): void;
}

export interface RunFollower {
  onProgress(message: ProgressMessage): void;
  onEnded(run: RunView): void;
}

interface CurrentRun {
  readonly id: string;
  readonly name: string;
  readonly folder: string;
  readonly startedAt: string;
  readonly feed: RunFeed;
  readonly stop: AbortController;
  readonly kill: AbortController;
  readonly followers: Set<RunFollower>;
  isReporting: boolean;
  readonly ended: Promise<RunView>;
}

interface Outcome {
  readonly exitName: ExitName;
  readonly error: unknown;
  readonly answer: string | null;
}

/** Runs that left no report, so that those who started them can still ask; the others are in their folders. */
const rememberedFailures = 100;

/** Takes scenarios and conducts their runs, one at a time: beacons and network would disturb each other's figures. */
export class RunDesk {
  readonly #options: RunDeskOptions;
  readonly #dependencies: RunDeskDependencies;
  readonly #failed = new Map<string, RunView>();
  #current: CurrentRun | null = null;
  #closing = false;

  constructor(options: RunDeskOptions, dependencies: RunDeskDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
  }

  get currentId(): string | null {
    return this.#current?.id ?? null;
  }

  /**
   * Starts a run and returns at once. Throws SCENARIO_INVALID with all that is wrong with it, CONFIGURATION_INVALID when its
   * keys are out of reach, and OVERSEER_BUSY while another goes on.
   */
  submit(submission: Submission): RunView {
    const { scenario: text, path } = submission;
    const { chains } = this.#dependencies;
    const scenario = admitScenario(parseScenario(text, { path: basename(path), chains }), this.#options);
    if (this.#closing) throw new AppError("OVERSEER_BUSY", "the overseer is ending and takes no run any more");
    if (this.#current !== null) {
      throw new AppError("OVERSEER_BUSY", `the run ${this.#current.id} goes on; one run has the beacons at a time`, {
        hint: `wait for its end, or stop it with: overseer stop ${this.#current.id} --on URL`,
      });
    }
    const { clock, tell } = this.#dependencies;
    const now = new Date(clock.wallMillis());
    const id = createRunId(scenario.name, now);
    const shared = {
      ...{ id, name: scenario.name, folder: join(this.#options.reports, id), startedAt: now.toISOString() },
      ...{ feed: new RunFeed(), stop: new AbortController(), kill: new AbortController() },
      ...{ followers: new Set<RunFollower>(), isReporting: false },
    };
    const current: CurrentRun = { ...shared, ended: this.#conduct(shared, scenario, submission) };
    this.#current = current;
    tell(`run ${id} is submitted`);
    return this.#viewOf(current);
  }

  /** Ends the sending or, with `force`, everything. Throws USAGE for a run that does not go on. */
  stop(id: string, force: boolean): RunView {
    const current = this.#current;
    if (current?.id !== id) throw new AppError("USAGE", `the run ${id} does not go on`);
    this.#dependencies.tell(`run ${id} is told to stop${force ? " at once" : ""}`);
    current.stop.abort(new AppError("STOPPED", "stopped by an operator"));
    if (force) current.kill.abort(new AppError("STOPPED", "ended at once by an operator"));
    return this.#viewOf(current);
  }

  /** Those of the folder of reports, and the one that goes on, the newest first. */
  async list(): Promise<RunView[]> {
    const ended = await listEndedRuns(this.#options.reports);
    const known = new Map([...this.#failed.values(), ...ended].map((run) => [run.id, run]));
    if (this.#current !== null) known.set(this.#current.id, this.#viewOf(this.#current));
    return [...known.values()].sort((a, b) => b.id.localeCompare(a.id));
  }

  /** Null for a run that nobody knows. */
  async find(id: string): Promise<RunView | null> {
    if (this.#current?.id === id) return this.#viewOf(this.#current);
    return this.#failed.get(id) ?? endedRun(this.#options.reports, id);
  }

  folderOf(run: RunView): string {
    return join(this.#options.reports, run.id);
  }

  /** Tells what is kept of it after message number `after`, and all that comes; null when it does not go on. */
  follow(id: string, after: number, follower: RunFollower): (() => void) | null {
    const current = this.#current;
    if (current?.id !== id) return null;
    const unfollow = current.feed.follow(after, (message) => follower.onProgress(message));
    current.followers.add(follower);
    return () => {
      unfollow();
      current.followers.delete(follower);
    };
  }

  /** Takes nothing more, ends what goes on as Ctrl-C would, and resolves when that has its report. */
  async close(kill: AbortSignal): Promise<void> {
    this.#closing = true;
    const current = this.#current;
    if (current === null) return;
    current.stop.abort(new AppError("STOPPED", "the overseer is ending"));
    kill.addEventListener("abort", () => current.kill.abort(kill.reason), { once: true });
    if (kill.aborted) current.kill.abort(kill.reason);
    await current.ended;
  }

  async #conduct(run: Omit<CurrentRun, "ended">, scenario: Scenario, submission: Submission): Promise<RunView> {
    // Begun only once it is the current one.
    await Promise.resolve();
    const { exitName, error, answer } = await this.#outcomeOf(run, scenario, submission).catch(
      (caught: unknown): Outcome => ({ exitName: exitNameOf(caught), error: caught, answer: null }),
    );
    const view: RunView = {
      ...{ id: run.id, name: run.name, state: "ended", startedAt: run.startedAt, answer },
      exit: { name: exitName, code: exitCodes[exitName] },
      error: error === null ? null : toErrorData(error),
      files: await listReportFiles(run.folder),
    };
    if (!view.files.includes("run.json")) this.#rememberFailed(view);
    this.#current = null;
    this.#dependencies.tell(`run ${run.id} has ended: ${exitName}${error === null ? "" : `, ${messageOf(error)}`}`);
    for (const follower of run.followers) follower.onEnded(view);
    return view;
  }

  async #outcomeOf(run: Omit<CurrentRun, "ended">, scenario: Scenario, submission: Submission): Promise<Outcome> {
    const { gateway, clock, driverOf, tell, watch } = this.#dependencies;
    const { tool, environment, allowedMainNetwork, engine, keys, reports } = this.#options;
    const count = submission.beacons ?? scenario.beacons.count;
    const result = await conductRun(
      {
        ...{ scenario, scenarioText: submission.scenario, command: submission.command },
        scenarioPath: admittedPath(submission.path, keys ?? reports),
        ...{ runId: run.id, runFolder: run.folder, tool, environment, engine },
        beacons: { kind: "standing", count, gateway, waitMs: submission.waitMs, shareMachine: false, keepSpools: null },
        // Both must have named it: the overseer's owner and whoever starts the run.
        allowedMainNetwork: submission.allowedMainNetwork === allowedMainNetwork ? allowedMainNetwork : null,
        ...{ stop: run.stop.signal, kill: run.kill.signal },
      },
      { driver: driverOf(scenario.chain), progress: run.feed, clock, watch },
    );
    for (const leftover of result.leftovers) tell(`warning: could not clear up: ${leftover}`);
    if (!result.reportable || run.kill.signal.aborted) {
      return { exitName: exitNameOf(result.error), error: result.error ?? run.kill.signal.reason, answer: null };
    }
    run.isReporting = true;
    run.feed.fact("Report", "being made from the ledger …");
    const summary = await makeReport(run.folder, { signal: run.kill.signal });
    return { exitName: summary.exit.name, error: result.error, answer: summary.answer.text };
  }

  #rememberFailed(view: RunView): void {
    this.#failed.set(view.id, view);
    const [oldest] = this.#failed.keys();
    if (this.#failed.size > rememberedFailures && oldest !== undefined) this.#failed.delete(oldest);
  }

  #viewOf({ id, name, startedAt, stop, isReporting }: CurrentRun): RunView {
    const state = isReporting ? "reporting" : stop.signal.aborted ? "stopping" : "running";
    return { id, name, state, startedAt, exit: null, error: null, answer: null, files: [] };
  }
}
