#!/usr/bin/env node
import { platform, release as systemRelease } from "node:os";
import { basename, relative } from "node:path";
import { fileURLToPath } from "node:url";
import yargs, { type CommandModule } from "yargs";
import { hideBin } from "yargs/helpers";
import { chainNames, driverOf } from "../shared/chains/registry.ts";
import { AppError, exitNameOf, isAppError } from "../shared/errors/app-error.ts";
import { type ExitName, exitCodes } from "../shared/errors/exit-codes.ts";
import { release } from "../shared/release.ts";
import { supportedChains as chains } from "../shared/scenario/load-scenario.ts";
import { systemClock } from "../shared/time/clock.ts";
import { capacityCommand } from "./cli/capacity/capacity-command.ts";
import { capacity } from "./cli/capacity/capacity-handler.ts";
import { captureCommand } from "./cli/capture/capture-command.ts";
import { capture } from "./cli/capture/capture-handler.ts";
import { deployCommand } from "./cli/deploy/deploy-command.ts";
import * as deploying from "./cli/deploy/deploy-handler.ts";
import { exportCommand } from "./cli/export/export-command.ts";
import { exportFigures } from "./cli/export/export-handler.ts";
import type { CliIo } from "./cli/io.ts";
import { learnCommand } from "./cli/learn/learn-command.ts";
import { learn } from "./cli/learn/learn-handler.ts";
import { beaconsCommand, runsCommand, stopCommand } from "./cli/operate/operate-commands.ts";
import { listBeacons, listRuns, stopRun } from "./cli/operate/operate-handlers.ts";
import { planCommand } from "./cli/plan/plan-command.ts";
import { plan } from "./cli/plan/plan-handler.ts";
import { renderError } from "./cli/render-error.ts";
import { reportCommand } from "./cli/report/report-command.ts";
import { report } from "./cli/report/report-handler.ts";
import { resumeCommand } from "./cli/resume/resume-command.ts";
import { resume } from "./cli/resume/resume-handler.ts";
import { runCommand } from "./cli/run/run-command.ts";
import { runElsewhere } from "./cli/run/run-elsewhere.ts";
import { type RunContext, run } from "./cli/run/run-handler.ts";
import { schemaCommand } from "./cli/schema/schema-command.ts";
import { schema } from "./cli/schema/schema-handler.ts";
import { serveCommand } from "./cli/serve/serve-command.ts";
import { serve } from "./cli/serve/serve-handler.ts";
import { setupCommand, teardownCommand } from "./cli/setup/setup-command.ts";
import { setup } from "./cli/setup/setup-handler.ts";
import { usageError, usageTexts } from "./cli/usage.ts";
import { validateCommand } from "./cli/validate/validate-command.ts";
import { validate } from "./cli/validate/validate-handler.ts";

const tool = {
  name: "loadstone",
  version: release,
  node: process.version,
  platform: `${platform()} ${systemRelease()} ${process.arch}`,
};

/** Installed programs are on the path; otherwise the beacon's file lies beside this one. */
const beaconProgram =
  basename(process.argv[1] ?? "") === "overseer"
    ? "beacon"
    : `node ${relative(process.cwd(), fileURLToPath(new URL("../beacon/main.js", import.meta.url)))}`;

const dumb = process.env.TERM === "dumb";
const io: CliIo = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  get columns() {
    return process.stderr.columns ?? process.stdout.columns ?? 80;
  },
  color: process.stdout.isTTY === true && process.env.NO_COLOR === undefined && !dumb,
  interactive: process.stderr.isTTY === true && !dumb && process.env.CI === undefined,
  above: null,
  env: process.env,
};

// Who reads the results may have seen enough, as `head` has: a run still has to come to its end.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

const stop = new AbortController();
const kill = new AbortController();
const signals = { stop: stop.signal, kill: kill.signal };

const runningCommands = ["run", "capacity", "serve"];

function onSignal(signal: NodeJS.Signals): void {
  if (!stop.signal.aborted) {
    const [command = ""] = hideBin(process.argv);
    const still = runningCommands.includes(command)
      ? "; a run still waits for what is in flight and writes its report"
      : "";
    const text = `${signal}: stopping${still}. Again to end at once.`;
    if (io.above === null) io.err(`\n${text}\n`);
    else io.above(text);
    stop.abort(new AppError("STOPPED", `stopped by ${signal}`));
    return;
  }
  kill.abort(new AppError("STOPPED", `ended at once by a second ${signal}`));
}

async function main(): Promise<ExitName> {
  let result: ExitName = "usage";
  const finish = async (work: Promise<ExitName>): Promise<void> => {
    result = await work;
  };
  const words = hideBin(process.argv);
  const command = ["overseer", ...words];
  const whole: RunContext = { io, beaconProgram, command, tool, chains, driverOf, signals };
  const modules = [
    runCommand((args) =>
      finish(args.on === undefined ? run(args, whole) : runElsewhere({ ...args, on: args.on }, whole)),
    ),
    serveCommand((args) => finish(serve(args, whole))),
    beaconsCommand((args) => finish(listBeacons(args, io))),
    runsCommand((args) => finish(listRuns(args, io))),
    stopCommand((args) => finish(stopRun(args, io))),
    capacityCommand((args) => finish(capacity(args, whole))),
    validateCommand((args) => finish(validate(args, { io, chains }))),
    planCommand((args) => finish(plan(args, { io, chains, driverOf, clock: systemClock, signal: stop.signal }))),
    captureCommand((args) => finish(capture(args, { io, chainNames, driverOf, signal: stop.signal }))),
    learnCommand((args) => finish(learn(args, { io, chainNames, driverOf, signal: stop.signal }))),
    setupCommand((args) => finish(setup("make", args, { io, chains, driverOf, signals }))),
    teardownCommand((args) => finish(setup("return", args, { io, chains, driverOf, signals }))),
    reportCommand((args) => finish(report(args, { io, signal: stop.signal }))),
    exportCommand((args) => finish(exportFigures(args, { io, signal: stop.signal }))),
    resumeCommand((args) => finish(resume(args, { io, beaconProgram, driverOf, signal: stop.signal }))),
    deployCommand({
      up: (args) => finish(deploying.up(args, { io, signal: stop.signal })),
      scale: (args) => finish(deploying.scale(args, { io, signal: stop.signal })),
      status: (args) => finish(deploying.status(args, { io, signal: stop.signal })),
      logs: (args) => finish(deploying.logs(args, { io, signal: stop.signal })),
      down: (args) => finish(deploying.down(args, { io, signal: stop.signal })),
      sweep: (args) => finish(deploying.sweep(args, { io, signal: stop.signal })),
      found: (args) => finish(deploying.found(args, { io, signal: stop.signal })),
      boot: (args) => finish(deploying.boot(args, { io, chains, driverOf, signals })),
    }),
    schemaCommand(() => finish(schema(io))),
  ] as CommandModule[];
  const names = modules.map((module) => String(module.command).split(" ")[0] ?? "");
  const parser = yargs(words)
    .scriptName("overseer")
    .version(release)
    .updateStrings(usageTexts)
    .command(modules)
    .demandCommand(1, "which command?")
    .strict()
    .strictCommands()
    .recommendCommands()
    .wrap(Math.min(100, io.columns))
    .exitProcess(false)
    .help()
    .fail((message, error) => {
      throw error ?? usageError(message, words, names);
    });
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, onSignal);
  const parsed = await parser.parseAsync();
  return parsed.help === true || parsed.version === true ? "passed" : result;
}

let exitName: ExitName;
try {
  exitName = await main();
} catch (error) {
  io.err(renderError(error, io));
  if (!isAppError(error)) io.err(`${error instanceof Error ? error.stack : String(error)}\n`);
  exitName = exitNameOf(error);
}
if (exitName !== "passed") io.err(`exit ${exitCodes[exitName]}: ${exitName}\n`);
process.exitCode = exitCodes[exitName];
