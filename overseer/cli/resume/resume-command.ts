import type { ArgumentsCamelCase, CommandModule, InferredOptionTypes, Options } from "yargs";
import { doorOptions } from "../door-options.ts";

const resumeOptions = {
  expect: { type: "number", describe: "wait for this many beacons from elsewhere to hand in what they have" },
  ...doorOptions,
  wait: { type: "number", default: 300, describe: "with --expect: seconds to wait for the beacons" },
  json: { type: "boolean", default: false, describe: "progress and result as JSON lines on stdout" },
  quiet: { type: "boolean", default: false, describe: "no progress, only the result" },
} satisfies Record<string, Options>;

type ResumeOptions = InferredOptionTypes<typeof resumeOptions> & { run: string };

/** What `overseer resume` takes. */
export type ResumeArguments = ArgumentsCamelCase<ResumeOptions>;

export function resumeCommand(handler: (args: ResumeArguments) => Promise<void>): CommandModule<object, ResumeOptions> {
  return {
    command: "resume <run>",
    describe: "finish collection and report of a run whose overseer died",
    builder: (yargs) =>
      yargs
        .positional("run", { type: "string", demandOption: true, describe: "folder of the run" })
        .options(resumeOptions),
    handler,
  };
}
