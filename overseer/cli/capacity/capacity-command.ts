import type { ArgumentsCamelCase, CommandModule, InferredOptionTypes, Options } from "yargs";
import { metricsOptions } from "../../../shared/metrics/metrics-request.ts";
import { engineOptions } from "../deploy/deploy-command.ts";
import { doorOptions } from "../door-options.ts";

const capacityOptions = {
  resume: { type: "string", describe: "folder of a search that was interrupted, to go on with it" },
  beacons: { type: "number", describe: "beacons to start, here or in containers [default: the scenario's]" },
  expect: {
    type: "number",
    describe: "wait for this many beacons from elsewhere instead of starting some; they come back for each point",
    conflicts: "beacons",
  },
  ...doorOptions,
  wait: { type: "number", default: 300, describe: "with --expect: seconds to wait for the beacons" },
  ...metricsOptions,
  reports: { type: "string", default: "reports", describe: "folder for reports" },
  "allow-main-network": { type: "string", describe: "chain id of the public main network that may be loaded" },
  ...engineOptions,
  json: { type: "boolean", default: false, describe: "progress and result as JSON lines on stdout" },
  quiet: { type: "boolean", default: false, describe: "no progress, only the result" },
} satisfies Record<string, Options>;

type CapacityOptions = InferredOptionTypes<typeof capacityOptions> & { file: string | undefined };

/** What `overseer capacity` takes. */
export type CapacityArguments = ArgumentsCamelCase<CapacityOptions>;

export function capacityCommand(
  handler: (args: CapacityArguments) => Promise<void>,
): CommandModule<object, CapacityOptions> {
  return {
    command: "capacity [file]",
    describe: "search the highest rate that a network sustains",
    builder: (yargs) =>
      yargs
        .positional("file", { type: "string", describe: "scenario file (YAML or JSON); its capacity section says how" })
        .options(capacityOptions),
    handler,
  };
}
