import { z } from "zod";
import { refused } from "./schema-parts.ts";

const expectedPace = 'expected original, or a multiple of it such as "2 x" or "0.5 x", from 0.01 to 100';
const pacePattern = "^\\d+(\\.\\d+)?\\s*x$";
const slowest = 0.01;
const fastest = 100;

const pace = z
  .union(
    [
      z.literal("original").transform(() => 1),
      z
        .string(refused(expectedPace))
        .transform((written, context): number => {
          const factor = new RegExp(pacePattern).test(written.trim()) ? Number.parseFloat(written) : Number.NaN;
          if (factor >= slowest && factor <= fastest) return factor;
          context.issues.push({ code: "custom", message: expectedPace, input: written });
          return z.NEVER;
        })
        .meta({ pattern: pacePattern }),
    ],
    refused(expectedPace),
  )
  .prefault("original")
  .describe("How fast captured time passes: as it did, or a multiple of it. Only of phases that replay.");

export const replaySchema = z
  .strictObject(
    {
      capture: z
        .string(refused("expected the path of a capture"))
        .min(1, refused("expected the path of a capture"))
        .describe("Path of a file of overseer capture, relative to the scenario."),
      pace,
      kinds: z
        .array(z.string(), refused("expected a list of kinds of operations"))
        .min(1, refused("expected at least one kind of operations"))
        .nullable()
        .default(null)
        .describe("Only these kinds of operations, as the capture names them. Without it: all that can be replayed."),
      parameters: z
        .record(
          z.string(),
          z.record(z.string(), z.unknown(), refused("expected parameters of a named operation")),
          refused("expected kinds with the parameters of their operations"),
        )
        .default({})
        .describe("Parameters of the named operations that stand for a kind, such as amounts."),
    },
    refused("expected { capture: FILE }, with pace, kinds and parameters"),
  )
  .describe("Sends what users of a real network sent, instead of a mix.");

export type ValidatedReplay = z.output<typeof replaySchema>;
