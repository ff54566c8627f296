import type { ArgumentsCamelCase, CommandModule, InferredOptionTypes, Options } from "yargs";

/** Also of the verbs that may need an engine besides. */
export const engineOptions = {
  engine: { type: "string", describe: "address of the container engine [default: DOCKER_HOST, or this machine's]" },
  certificates: {
    type: "string",
    describe: "folder with ca.pem, cert.pem and key.pem for a remote engine [default: DOCKER_CERT_PATH]",
  },
} satisfies Record<string, Options>;

type EngineOptions = InferredOptionTypes<typeof engineOptions>;

/** What all the verbs of `overseer deploy` take. */
export type EngineArguments = EngineOptions;
export type UpArguments = ArgumentsCamelCase<EngineOptions & { file: string; attached: boolean }>;
export type ScaleArguments = ArgumentsCamelCase<EngineOptions & { file: string; count: number }>;
export type StatusArguments = ArgumentsCamelCase<EngineOptions & { name: string | undefined; json: boolean }>;
export type LogsArguments = ArgumentsCamelCase<EngineOptions & { name: string; tail: number }>;
export type DownArguments = ArgumentsCamelCase<EngineOptions & { name: string }>;
export type FoundArguments = ArgumentsCamelCase<{ file: string }>;
export type BootArguments = ArgumentsCamelCase<{
  folder: string;
  endpoint: string | undefined;
  contracts: string | undefined;
}>;
export type SweepArguments = ArgumentsCamelCase<EngineOptions & { all: boolean }>;

export interface DeployHandlers {
  up(args: UpArguments): Promise<void>;
  scale(args: ScaleArguments): Promise<void>;
  status(args: StatusArguments): Promise<void>;
  logs(args: LogsArguments): Promise<void>;
  down(args: DownArguments): Promise<void>;
  sweep(args: SweepArguments): Promise<void>;
  found(args: FoundArguments): Promise<void>;
  boot(args: BootArguments): Promise<void>;
}

export function deployCommand(handlers: DeployHandlers): CommandModule {
  return {
    command: "deploy",
    describe: "beacons and test networks in containers",
    builder: (yargs) =>
      yargs
        .options(engineOptions)
        .command({
          command: "up <file>",
          describe: "make what the deployment's file asks for, as far as it is not there",
          builder: (verb) =>
            verb
              .positional("file", { type: "string", demandOption: true, describe: "deployment's file (YAML or JSON)" })
              .option("attached", {
                type: "boolean",
                default: false,
                describe: "stay, and take everything down at Ctrl-C",
              }),
          handler: handlers.up as never,
        })
        .command({
          command: "scale <file> <count>",
          describe: "have another number of beacons",
          builder: (verb) =>
            verb
              .positional("file", { type: "string", demandOption: true, describe: "deployment's file" })
              .positional("count", { type: "number", demandOption: true, describe: "1 to 1000" }),
          handler: handlers.scale as never,
        })
        .command({
          command: "status [name]",
          describe: "what there is, of one deployment or of all",
          builder: (verb) =>
            verb
              .positional("name", { type: "string", describe: "deployment" })
              .option("json", { type: "boolean", default: false, describe: "as JSON" }),
          handler: handlers.status as never,
        })
        .command({
          command: "logs <name>",
          describe: "what a deployment's programs said last",
          builder: (verb) =>
            verb
              .positional("name", { type: "string", demandOption: true, describe: "deployment" })
              .option("tail", { type: "number", default: 100, describe: "lines of each" }),
          handler: handlers.logs as never,
        })
        .command({
          command: "down <name>",
          describe: "remove everything of a deployment",
          builder: (verb) => verb.positional("name", { type: "string", demandOption: true, describe: "deployment" }),
          handler: handlers.down as never,
        })
        .command({
          command: "sweep",
          describe: "remove what was left by a set-up that failed or was killed",
          builder: (verb) =>
            verb.option("all", { type: "boolean", default: false, describe: "also what was meant to stay" }),
          handler: handlers.sweep as never,
        })
        .command({
          command: "found <file>",
          describe: "make the files of a network of real nodes: genesis, configuration, keys",
          builder: (verb) =>
            verb.positional("file", { type: "string", demandOption: true, describe: "deployment's file" }),
          handler: handlers.found as never,
        })
        .command({
          command: "boot <folder>",
          describe: "bring such a network, once it runs, to the state that runs need",
          builder: (verb) =>
            verb
              .positional("folder", { type: "string", demandOption: true, describe: "the network's files" })
              .option("endpoint", { type: "string", describe: "node to do it through [default: as the folder says]" })
              .option("contracts", { type: "string", describe: "folder of the published contracts (Antelope)" }),
          handler: handlers.boot as never,
        })
        .demandCommand(1, "which verb: up, scale, status, logs, down, sweep, found or boot?"),
    handler: () => undefined,
  };
}
