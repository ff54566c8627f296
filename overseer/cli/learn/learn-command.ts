import type { ArgumentsCamelCase, CommandModule, InferredOptionTypes, Options } from "yargs";

/** How blocks are read, by every command that reads some. */
export const readingOptions = {
  chain: { type: "string", demandOption: true, describe: "chain family of the node, such as bitshares" },
  blocks: {
    type: "string",
    demandOption: true,
    describe: "both ends of a range, or last:N for the newest irreversible ones",
  },
  "chain-id": { type: "string", describe: "refuse a node of any other chain" },
  rate: { type: "number", default: 50, describe: "blocks asked for each second at most" },
  "in-flight": { type: "number", default: 4, describe: "blocks asked for at a time at most" },
} satisfies Record<string, Options>;

const learnOptions = {
  ...readingOptions,
  output: { type: "string", describe: "file for the scenario [default: stdout]" },
  report: { type: "string", describe: "folder for a page that shows each fit beside the observation" },
  templates: {
    type: "boolean",
    default: false,
    describe: "also imitate what needs contracts that an embedded network does not have",
  },
  quiet: { type: "boolean", default: false, describe: "no progress, only the result" },
} satisfies Record<string, Options>;

type LearnOptions = InferredOptionTypes<typeof learnOptions> & { endpoint: string };

/** What `overseer learn` takes. */
export type LearnArguments = ArgumentsCamelCase<LearnOptions>;

export function learnCommand(handler: (args: LearnArguments) => Promise<void>): CommandModule<object, LearnOptions> {
  return {
    command: "learn <endpoint>",
    describe: "write a scenario that imitates what users of a network send",
    builder: (yargs) =>
      yargs
        .positional("endpoint", {
          type: "string",
          demandOption: true,
          describe: "address of a node, which is only read",
        })
        .options(learnOptions),
    handler,
  };
}
