import type { ExitName } from "../../../shared/errors/exit-codes.ts";
import { scenarioJsonSchema } from "../../../shared/scenario/schema.ts";
import type { CliIo } from "../io.ts";

/** The text of `docs/scenario.schema.json`. */
export function schema(io: Pick<CliIo, "out">): Promise<ExitName> {
  io.out(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
  return Promise.resolve("passed");
}
