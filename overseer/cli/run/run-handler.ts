import { join } from "node:path";
import type { ChainDriver } from "../../../shared/chains/driver.ts";
import { AppError, messageOf } from "../../../shared/errors/app-error.ts";
import type { ExitName } from "../../../shared/errors/exit-codes.ts";
import type { ChainCatalogues } from "../../../shared/scenario/check-scenario.ts";
import { loadScenario } from "../../../shared/scenario/load-scenario.ts";
import type { Scenario } from "../../../shared/scenario/scenario.ts";
import { systemClock } from "../../../shared/time/clock.ts";
import { engineAddressOf } from "../../deploy/engine-address.ts";
import type { RunManifest } from "../../ledger/evidence.ts";
import { makeReport } from "../../reporting/make-report.ts";
import type { RunSummary } from "../../reporting/run-summary.ts";
import { conductRun } from "../../run/conductor.ts";
import type { RunProgress } from "../../run/progress.ts";
import { createRunId } from "../../run/run-id.ts";
import type { BeaconsRequest, RemoteBeacons } from "../../run/run-request.ts";
import type { RunWatch } from "../../run/run-watch.ts";
import { type DoorArguments, type DoorContext, deployedDoorOf, doorOf } from "../door.ts";
import type { CliIo } from "../io.ts";
import { JsonProgress } from "../progress/json-progress.ts";
import { PlainProgress } from "../progress/plain-progress.ts";
import { TerminalProgress } from "../progress/terminal-progress.ts";
import { renderError } from "../render-error.ts";
import { tokensOf, withMetrics } from "../with-metrics.ts";
import { resultText } from "./result-text.ts";
import type { RunArguments } from "./run-command.ts";

export interface RunSignals {
  readonly stop: AbortSignal;
  readonly kill: AbortSignal;
}

export interface RunContext extends DoorContext {
  readonly signals: RunSignals;
  /** Arguments as typed. */
  readonly command: readonly string[];
  readonly tool: RunManifest["tool"];
  readonly chains: ChainCatalogues;
  driverOf(chain: string): ChainDriver;
}

/** Runs a scenario, writes its report, says how it went. Throws what happened before there was anything to report. */
export async function run(args: RunArguments, context: RunContext): Promise<ExitName> {
  const { scenario, text } = await loadScenario(args.file, context.chains);
  const beacons = await beaconsOf(args, scenario, context);
  return withMetrics({ args, otherTokens: tokensOf(beacons) }, (watch, metricsUrl) =>
    conductAndReport(args, context, { scenario, text, beacons, watch, metricsUrl }),
  );
}

interface ReadyRun {
  readonly scenario: Scenario;
  readonly text: string;
  readonly beacons: BeaconsRequest;
  readonly watch: RunWatch;
  readonly metricsUrl: string | null;
}

async function conductAndReport(args: RunArguments, context: RunContext, ready: ReadyRun): Promise<ExitName> {
  const { io, signals, command, tool } = context;
  const { scenario, text, beacons, watch, metricsUrl } = ready;
  const runId = createRunId(scenario.name, new Date(systemClock.wallMillis()));
  const runFolder = join(args.reports, runId);
  const progress = progressOf(args, io);
  if (metricsUrl !== null) progress.copyable("Metrics", metricsUrl);
  const result = await conductRun(
    {
      scenario,
      scenarioPath: args.file,
      scenarioText: text,
      command,
      runId,
      runFolder,
      beacons,
      allowedMainNetwork: args.allowMainNetwork ?? null,
      tool,
      environment: io.env,
      engine: engineAddressOf(args, io.env),
      ...signals,
    },
    { driver: context.driverOf(scenario.chain), progress, clock: systemClock, watch },
  );
  if (progress instanceof TerminalProgress) progress.finish();
  for (const leftover of result.leftovers) io.err(`warning: could not clear up: ${leftover}\n`);
  if (!result.reportable) throw result.error;
  if (signals.kill.aborted) {
    tellWhatIsLeft(runFolder, io);
    throw result.error ?? signals.kill.reason;
  }
  if (result.error !== null) io.err(renderError(result.error, io));
  if (!args.quiet) progress.fact("Report", "being made from the ledger …");
  const summary = await reportOf(runFolder, signals.kill, io);
  showResult(summary, runFolder, args, io);
  return summary.exit.name;
}

function tellWhatIsLeft(runFolder: string, io: CliIo): void {
  io.err(`What came in until then is in ${runFolder}; make a report of it with: overseer report ${runFolder}\n`);
}

async function reportOf(runFolder: string, signal: AbortSignal, io: CliIo): Promise<RunSummary> {
  try {
    return await makeReport(runFolder, { signal });
  } catch (error) {
    if (signal.aborted) {
      tellWhatIsLeft(runFolder, io);
      throw signal.reason;
    }
    throw new AppError("REPORT_FAILED", `the run ended, but its report could not be made: ${messageOf(error)}`, {
      cause: error,
      hint: `the evidence is safe in ${runFolder}; try again with: overseer report ${runFolder}`,
    });
  }
}

export function showResult(summary: RunSummary, runFolder: string, args: Pick<RunArguments, "json">, io: CliIo): void {
  const report = join(runFolder, "report.html");
  if (args.json) {
    const { exit, verdicts, answer } = summary;
    const result = { type: "result", exit, verdicts, answer, report, runFolder };
    io.out(`${JSON.stringify(result)}\n`);
    return;
  }
  io.out(resultText(summary, report, io));
}

export function progressOf(args: Pick<RunArguments, "json" | "quiet">, io: CliIo): RunProgress {
  if (args.json) return new JsonProgress((text) => io.out(text));
  if (args.quiet) return new SilentProgress();
  if (!io.interactive)
    return new PlainProgress(
      (text) => io.err(text),
      () => systemClock.nowMicros(),
    );
  const progress = new TerminalProgress({ write: (text) => io.err(text), columns: () => io.columns, color: io.color });
  io.above = (text) => progress.note(text);
  return progress;
}

class SilentProgress implements RunProgress {
  fact(): void {
    // Quiet: only the result is told.
  }
  copyable(): void {
    // As above.
  }
  setup(): void {
    // As above.
  }
  preparing(): void {
    // As above.
  }
  live(): void {
    // As above.
  }
  event(): void {
    // As above: events are in the report.
  }
}

async function beaconsOf(args: RunArguments, scenario: Scenario, context: DoorContext): Promise<BeaconsRequest> {
  if (args.expect === undefined)
    return ownBeaconsOf(args, args.beacons ?? scenario.beacons.count, scenario, context.io);
  return { kind: "remote", ...(await remoteBeaconsOf({ ...args, expect: args.expect }, context)) };
}

/** Those that the overseer starts itself, on this machine or in containers. */
export async function ownBeaconsOf(
  args: DoorArguments,
  count: number,
  { beacons }: Scenario,
  io: CliIo,
): Promise<BeaconsRequest> {
  requireCount("--beacons", count);
  const { deploy } = beacons;
  if (deploy !== null) return { kind: "deployed", count, wanted: deploy, listen: await deployedDoorOf(args, io) };
  return { kind: "local", count };
}

/** What `--expect` and the options that go with it ask for. */
export async function remoteBeaconsOf(
  args: DoorArguments & { readonly expect: number; readonly wait: number },
  context: DoorContext,
): Promise<RemoteBeacons> {
  requireCount("--expect", args.expect);
  return { count: args.expect, door: await doorOf(args, context), waitMs: args.wait * 1000 };
}

export function requireCount(option: string, value: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= 1000) return;
  throw new AppError("USAGE", `${option} must be a whole number from 1 to 1000, not ${value}`);
}
