import type { ArgumentsCamelCase, CommandModule } from "yargs";
import { type OverseerArguments, overseerOptions } from "./overseer-options.ts";

type Handler<T> = (args: ArgumentsCamelCase<T>) => Promise<void>;

export type StopArguments = OverseerArguments & { run: string; force: boolean };

export function beaconsCommand(handler: Handler<OverseerArguments>): CommandModule<object, OverseerArguments> {
  return {
    command: "beacons",
    describe: "list the beacons of a served overseer",
    builder: (yargs) => yargs.options(overseerOptions),
    handler,
  };
}

export function runsCommand(handler: Handler<OverseerArguments>): CommandModule<object, OverseerArguments> {
  return {
    command: "runs",
    describe: "list the runs of a served overseer",
    builder: (yargs) => yargs.options(overseerOptions),
    handler,
  };
}

export function stopCommand(handler: Handler<StopArguments>): CommandModule<object, StopArguments> {
  return {
    command: "stop <run>",
    describe: "end the run that a served overseer conducts",
    builder: (yargs) =>
      yargs.positional("run", { type: "string", demandOption: true, describe: "id of the run" }).options({
        ...overseerOptions,
        force: { type: "boolean", default: false, describe: "at once, and without a report" },
      }),
    handler,
  };
}
