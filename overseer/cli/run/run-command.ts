import type { ArgumentsCamelCase, CommandModule, InferredOptionTypes, Options } from "yargs";
import { metricsOptions } from "../../../shared/metrics/metrics-request.ts";
import { engineOptions } from "../deploy/deploy-command.ts";
import { doorOptions } from "../door-options.ts";

const runOptions = {
  beacons: { type: "number", describe: "beacons to start on this machine [default: the scenario's]" },
  expect: {
    type: "number",
    describe: "wait for this many beacons from elsewhere instead of starting some",
    conflicts: "beacons",
  },
  on: {
    type: "string",
    describe: "https://host:port of a served overseer that conducts the run; --token-file is then an operator's",
    conflicts: ["expect", "listen", "tls-cert", "tls-key", "tls-client-ca", "metrics"],
  },
  ca: { type: "string", describe: "with --on: PEM file of the authority behind the overseer's certificate" },
  ...doorOptions,
  wait: { type: "number", default: 300, describe: "with --expect or --on: seconds to wait for the beacons" },
  ...metricsOptions,
  reports: { type: "string", default: "reports", describe: "folder for reports" },
  "allow-main-network": { type: "string", describe: "chain id of the public main network that may be loaded" },
  ...engineOptions,
  json: { type: "boolean", default: false, describe: "progress and result as JSON lines on stdout" },
  quiet: { type: "boolean", default: false, describe: "no progress, only the result" },
} satisfies Record<string, Options>;

type RunOptions = InferredOptionTypes<typeof runOptions> & { file: string };

/** What `overseer run` takes. */
export type RunArguments = ArgumentsCamelCase<RunOptions>;

export function runCommand(handler: (args: RunArguments) => Promise<void>): CommandModule<object, RunOptions> {
  return {
    command: "run <file>",
    describe: "run a scenario and write its report",
    builder: (yargs) =>
      yargs
        .positional("file", { type: "string", demandOption: true, describe: "scenario file (YAML or JSON)" })
        .options(runOptions),
    handler,
  };
}
