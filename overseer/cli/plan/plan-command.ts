import type { CommandModule } from "yargs";

/** What `overseer plan` takes. */
export interface PlanArguments {
  file: string;
  beacons: number | undefined;
  offline: boolean;
  json: boolean;
}

export function planCommand(handler: (args: PlanArguments) => Promise<void>): CommandModule<object, PlanArguments> {
  return {
    command: "plan <file>",
    describe: "show what a run would do, without doing it",
    builder: (yargs) =>
      yargs
        .positional("file", { type: "string", demandOption: true, describe: "scenario file (YAML or JSON)" })
        .option("beacons", { type: "number", describe: "plan for this many beacons [the scenario's]" })
        .option("offline", {
          type: "boolean",
          default: false,
          describe: "look at no network: neither funds nor signing speed are known then",
        })
        .option("json", { type: "boolean", default: false, describe: "the same as JSON on stdout" }),
    handler,
  } as CommandModule<object, PlanArguments>;
}
