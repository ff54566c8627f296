import type { CommandModule } from "yargs";

/** What `overseer run` takes. */
export interface RunArguments {
  file: string;
  beacons: number | undefined;
  expect: number | undefined;
  listen: string | undefined;
  tokenFile: string | undefined;
  wait: number;
  reports: string;
  allowMainNetwork: string | undefined;
  json: boolean;
  quiet: boolean;
}

export function runCommand(handler: (args: RunArguments) => Promise<void>): CommandModule<object, RunArguments> {
  return {
    command: "run <file>",
    describe: "run a scenario and write its report",
    builder: (yargs) =>
      yargs
        .positional("file", { type: "string", demandOption: true, describe: "scenario file (YAML or JSON)" })
        .option("beacons", { type: "number", describe: "how many beacons to start on this machine [the scenario's]" })
        .option("expect", {
          type: "number",
          describe: "wait for this many beacons from elsewhere instead of starting some",
          conflicts: "beacons",
        })
        .option("listen", { type: "string", describe: "with --expect: HOST:PORT for beacons [127.0.0.1:7411]" })
        .option("token-file", { type: "string", describe: "with --expect: file with the token beacons must show" })
        .option("wait", { type: "number", default: 300, describe: "with --expect: seconds to wait for the beacons" })
        .option("reports", { type: "string", default: "reports", describe: "folder for reports" })
        .option("allow-main-network", { type: "string", describe: "chain id of the main network that may be loaded" })
        .option("json", { type: "boolean", default: false, describe: "progress and result as JSON lines on stdout" })
        .option("quiet", { type: "boolean", default: false, describe: "no progress, only the result" }),
    handler,
  } as CommandModule<object, RunArguments>;
}
