import type { ArgumentsCamelCase, CommandModule, InferredOptionTypes, Options } from "yargs";

const exportOptions = {
  to: { type: "string", demandOption: true, describe: "URL of an Elasticsearch or OpenSearch" },
  index: { type: "string", default: "loadstone", describe: "what the names of the indices begin with" },
  "api-key-file": {
    type: "string",
    describe: "file with an API key, as the server encodes it; otherwise LOADSTONE_EXPORT_API_KEY",
  },
  user: { type: "string", describe: "instead of an API key: name of a user" },
  "password-file": { type: "string", describe: "file with that user's password; otherwise LOADSTONE_EXPORT_PASSWORD" },
  ca: { type: "string", describe: "PEM file of the authority behind the server's certificate" },
  json: { type: "boolean", default: false, describe: "the result as JSON on stdout" },
} satisfies Record<string, Options>;

type ExportOptions = InferredOptionTypes<typeof exportOptions> & { run: string };

/** What `overseer export` takes. */
export type ExportArguments = ArgumentsCamelCase<ExportOptions>;

export function exportCommand(handler: (args: ExportArguments) => Promise<void>): CommandModule<object, ExportOptions> {
  return {
    command: "export <run>",
    describe: "send the figures of a finished run to Elasticsearch or OpenSearch",
    builder: (yargs) =>
      yargs
        .positional("run", { type: "string", demandOption: true, describe: "folder of the run" })
        .options(exportOptions),
    handler,
  };
}
