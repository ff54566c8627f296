import { join } from "node:path";
import type { ExitName } from "../../../shared/errors/exit-codes.ts";
import { makeReport } from "../../reporting/make-report.ts";
import type { CliIo } from "../io.ts";
import { resultText } from "../run/result-text.ts";
import type { ReportArguments } from "./report-command.ts";

export interface ReportContext {
  readonly io: CliIo;
  readonly signal: AbortSignal;
}

/** Makes the report again and says what it says. Exits as the run itself did. */
export async function report(args: ReportArguments, { io, signal }: ReportContext): Promise<ExitName> {
  const summary = await makeReport(args.run, { signal });
  const path = join(args.run, "report.html");
  const { exit, verdicts, answer } = summary;
  io.out(
    args.json
      ? `${JSON.stringify({ type: "result", exit, verdicts, answer, report: path, runFolder: args.run })}\n`
      : resultText(summary, path, io),
  );
  return exit.name;
}
