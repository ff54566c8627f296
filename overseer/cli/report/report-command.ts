import type { CommandModule } from "yargs";

/** What `overseer report` takes. */
export interface ReportArguments {
  run: string;
  json: boolean;
}

export function reportCommand(
  handler: (args: ReportArguments) => Promise<void>,
): CommandModule<object, ReportArguments> {
  return {
    command: "report <run>",
    describe: "make the report of a run again from its evidence",
    builder: (yargs) =>
      yargs
        .positional("run", { type: "string", demandOption: true, describe: "folder of the run" })
        .option("json", { type: "boolean", default: false, describe: "the result as JSON on stdout" }),
    handler,
  } as CommandModule<object, ReportArguments>;
}
