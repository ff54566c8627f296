import type { ArgumentsCamelCase, CommandModule, InferredOptionTypes, Options } from "yargs";
import { readingOptions } from "../learn/learn-command.ts";

const captureOptions = {
  ...readingOptions,
  output: { type: "string", demandOption: true, describe: "file for the capture, such as evening.capture.gz" },
  names: { type: "boolean", default: false, describe: "keep the accounts' names; otherwise they are numbers" },
  quiet: { type: "boolean", default: false, describe: "no progress, only the result" },
} satisfies Record<string, Options>;

type CaptureOptions = InferredOptionTypes<typeof captureOptions> & { endpoint: string };

/** What `overseer capture` takes. */
export type CaptureArguments = ArgumentsCamelCase<CaptureOptions>;

export function captureCommand(
  handler: (args: CaptureArguments) => Promise<void>,
): CommandModule<object, CaptureOptions> {
  return {
    command: "capture <endpoint>",
    describe: "keep what users of a network send, to replay it on a test network",
    builder: (yargs) =>
      yargs
        .positional("endpoint", {
          type: "string",
          demandOption: true,
          describe: "address of a node, which is only read",
        })
        .options(captureOptions),
    handler,
  };
}
