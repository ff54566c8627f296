import type { CommandModule } from "yargs";

export function schemaCommand(handler: () => Promise<void>): CommandModule {
  return { command: "schema", describe: "print the JSON Schema of scenario files, for editors", handler };
}
