import type { ArgumentsCamelCase, CommandModule, InferredOptionTypes, Options } from "yargs";

const setupOptions = {
  "allow-main-network": {
    type: "string",
    describe: "chain id of the public main network that accounts may be made on",
  },
  json: { type: "boolean", default: false, describe: "progress and result as JSON lines on stdout" },
  quiet: { type: "boolean", default: false, describe: "no progress, only the result" },
} satisfies Record<string, Options>;

type SetupOptions = InferredOptionTypes<typeof setupOptions> & { file: string };

/** What `overseer setup` and `overseer teardown` take. */
export type SetupArguments = ArgumentsCamelCase<SetupOptions>;

type Handler = (args: SetupArguments) => Promise<void>;

export function setupCommand(handler: Handler): CommandModule<object, SetupOptions> {
  return commandOf("setup <file>", "make the accounts, funds and objects that a scenario needs", handler);
}

export function teardownCommand(handler: Handler): CommandModule<object, SetupOptions> {
  return commandOf("teardown <file>", "return what accounts that were made hold to the funding account", handler);
}

function commandOf(command: string, describe: string, handler: Handler): CommandModule<object, SetupOptions> {
  return {
    command,
    describe,
    builder: (yargs) =>
      yargs
        .positional("file", { type: "string", demandOption: true, describe: "scenario file (YAML or JSON)" })
        .options(setupOptions),
    handler,
  };
}
