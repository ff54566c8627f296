import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError, fromErrorData, messageOf } from "../../../shared/errors/app-error.ts";
import type { ExitName } from "../../../shared/errors/exit-codes.ts";
import type { RunSummary } from "../../reporting/run-summary.ts";
import type { RunProgress } from "../../run/progress.ts";
import type { OperatorClient } from "../../serve/operator-client.ts";
import type { ProgressMessage, RunView } from "../../serve/operator-protocol.ts";
import { operatorClientOf } from "../operate/overseer-options.ts";
import { TerminalProgress } from "../progress/terminal-progress.ts";
import { renderError } from "../render-error.ts";
import type { RunArguments } from "./run-command.ts";
import { progressOf, type RunContext, type RunSignals, showResult } from "./run-handler.ts";

/**
 * Gives the scenario to a served overseer, shows what it tells as if it were here, brings the report and ends as the run
 * did. Ctrl-C stops the run there, once as here and twice at once.
 */
export async function runElsewhere(
  args: RunArguments & { readonly on: string },
  context: RunContext,
): Promise<ExitName> {
  const { io, signals } = context;
  const scenario = await readScenario(args.file);
  const client = await operatorClientOf(args);
  try {
    await client.status();
    const submitted = await client.submit({
      scenario,
      path: args.file,
      beacons: args.beacons ?? null,
      waitMs: args.wait * 1000,
      allowedMainNetwork: args.allowMainNetwork ?? null,
      command: [...context.command],
    });
    const progress = progressOf(args, io);
    if (!args.quiet) progress.fact("Run", `${submitted.id} on ${args.on}`);
    const ended = await followToItsEnd(client, submitted.id, progress, signals, io.err);
    if (progress instanceof TerminalProgress) progress.finish();
    if (!ended.files.includes("run.json")) throw errorOf(ended);
    const folder = join(args.reports, ended.id);
    await client.fetchReport(ended, folder, signals.kill);
    const summary = JSON.parse(await readFile(join(folder, "run.json"), "utf8")) as RunSummary;
    if (ended.error !== null) io.err(renderError(fromErrorData(ended.error), io));
    showResult(summary, folder, args, io);
    return summary.exit.name;
  } finally {
    await client.close();
  }
}

async function followToItsEnd(
  client: OperatorClient,
  runId: string,
  progress: RunProgress,
  { stop, kill }: RunSignals,
  tell: (text: string) => void,
): Promise<RunView> {
  const ask = (force: boolean): void => {
    client.stop(runId, force).catch((error: unknown) => tell(`warning: not stopped: ${messageOf(error)}\n`));
  };
  const onStop = (): void => ask(false);
  const leaving = new AbortController();
  const onKill = (): void => {
    ask(true);
    // The overseer answers within moments; who is cut off from it does not wait for that.
    setTimeout(() => leaving.abort(kill.reason), leaveAfterMs).unref();
  };
  stop.addEventListener("abort", onStop, { once: true });
  kill.addEventListener("abort", onKill, { once: true });
  if (stop.aborted) onStop();
  const handlers = {
    onProgress: (message: ProgressMessage) => show(message, progress),
    onAway: (why: string) => tell(`warning: the overseer is away (${why}); the run goes on there\n`),
  };
  return client.follow(runId, handlers, leaving.signal);
}

const leaveAfterMs = 15_000;

function show(message: ProgressMessage, progress: RunProgress): void {
  switch (message.type) {
    case "fact":
      if (message.copyable) progress.copyable(message.label, message.text);
      else progress.fact(message.label, message.text);
      return;
    case "setup":
      progress.setup(message.view);
      return;
    case "preparing":
      progress.preparing(message.view);
      return;
    case "live":
      progress.live(message.view);
      return;
    case "event":
      progress.event(message.event);
  }
}

function errorOf({ id, error, exit }: RunView): AppError {
  if (error !== null) return fromErrorData(error);
  return new AppError("REPORT_FAILED", `the run ${id} has left no report (${exit?.name ?? "unknown"})`);
}

async function readScenario(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new AppError("SCENARIO_UNREADABLE", `${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
