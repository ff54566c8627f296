import type { CommandModule } from "yargs";

/** What `overseer validate` takes. */
export interface ValidateArguments {
  files: string[];
  json: boolean;
}

export function validateCommand(
  handler: (args: ValidateArguments) => Promise<void>,
): CommandModule<object, ValidateArguments> {
  return {
    command: "validate <files..>",
    describe: "say everything that is wrong with scenario files",
    builder: (yargs) =>
      yargs
        .positional("files", {
          type: "string",
          array: true,
          demandOption: true,
          describe: "scenario files (YAML or JSON)",
        })
        .option("json", { type: "boolean", default: false, describe: "problems as JSON on stdout" }),
    handler,
  } as CommandModule<object, ValidateArguments>;
}
