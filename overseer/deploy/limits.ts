import { z } from "zod";
import { expectedBytes, parseBytes } from "../../shared/scenario/units.ts";

/** What a container may use of its machine; null: all there is. */
export interface Limits {
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
}

export const limitsShape = {
  cpus: z.number().positive().nullable().default(null),
  memory: z
    .union([z.string(), z.number().int()])
    .transform((size, context) => {
      const bytes = parseBytes(String(size));
      if (bytes === null) context.addIssue({ code: "custom", message: expectedBytes });
      return bytes;
    })
    .nullable()
    .default(null),
};
