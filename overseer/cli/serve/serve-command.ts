import type { ArgumentsCamelCase, CommandModule, InferredOptionTypes, Options } from "yargs";
import { metricsOptions } from "../../../shared/metrics/metrics-request.ts";
import { doorOptions } from "../door-options.ts";

const serveOptions = {
  ...doorOptions,
  "operator-token-file": {
    type: "string",
    demandOption: true,
    describe: "file with the token of those who start runs",
  },
  "viewer-token-file": { type: "string", describe: "file with the token of those who only look" },
  ...metricsOptions,
  reports: { type: "string", default: "reports", describe: "folder for reports" },
  keys: { type: "string", describe: "folder with the key files that submitted scenarios may name" },
  "secret-env": {
    type: "string",
    array: true,
    default: [] as string[],
    describe: "variable with a secret that submitted scenarios may name; again for more",
  },
  "allow-main-network": { type: "string", describe: "chain id of the public main network that operators may load" },
} satisfies Record<string, Options>;

type ServeOptions = InferredOptionTypes<typeof serveOptions>;

/** What `overseer serve` takes. */
export type ServeArguments = ArgumentsCamelCase<ServeOptions>;

export function serveCommand(handler: (args: ServeArguments) => Promise<void>): CommandModule<object, ServeOptions> {
  return {
    command: "serve",
    describe: "keep beacons connected and take runs from operators",
    builder: (yargs) => yargs.options(serveOptions),
    handler,
  };
}
