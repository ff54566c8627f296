import type { ChainDriver } from "../../../shared/chains/driver.ts";
import type { ExitName } from "../../../shared/errors/exit-codes.ts";
import { systemClock } from "../../../shared/time/clock.ts";
import { makeReport } from "../../reporting/make-report.ts";
import { resumeRun } from "../../run/resume.ts";
import type { CliIo } from "../io.ts";
import { progressOf, remoteBeaconsOf, showResult } from "../run/run-handler.ts";
import type { ResumeArguments } from "./resume-command.ts";

export interface ResumeContext {
  readonly io: CliIo;
  readonly beaconProgram: string;
  readonly signal: AbortSignal;
  driverOf(chain: string): ChainDriver;
}

/** Takes up a run whose overseer died, as far as that goes, and exits as the run's report says. */
export async function resume(args: ResumeArguments, context: ResumeContext): Promise<ExitName> {
  const { io, signal, driverOf } = context;
  const { run: runFolder, expect } = args;
  const progress = progressOf(args, io);
  const remote = expect === undefined ? null : await remoteBeaconsOf({ ...args, expect }, context);
  await resumeRun({ runFolder, remote, signal }, { driverOf, progress, clock: systemClock });
  const summary = await makeReport(runFolder, { signal });
  showResult(summary, runFolder, args, io);
  return summary.exit.name;
}
