import { z } from "zod";
import {
  durationPattern,
  expectedBytes,
  expectedDuration,
  parseBytes,
  parseDurationMicros,
  parseRatePerSecond,
  ratePattern,
} from "./units.ts";

/** What the schemas of a scenario are made of. Every message is a clause that reads on after the value that was found. */

/** Bounds that keep a run within what one overseer can sign, send and account for. */
export const limits = {
  /** At 44 bytes of outcome and 24 of preparation each, the ledger of this many stays below 2 GB. */
  transactions: 20_000_000,
  operations: 100_000_000,
  /** `phase` is one byte in the ledger. */
  phases: 255,
  /** `node` is one byte in the ledger. */
  nodes: 255,
  /** What a devnet takes. */
  embeddedNodes: 64,
  /** `operationClass` is one byte in the ledger, and 255 means several. */
  mixEntries: 254,
  beacons: 1000,
  shares: 20,
  accounts: 100_000,
  ratePerSecond: 1_000_000,
  durationMicros: 24 * 3600e6,
} as const;

export function refused(message: string): { readonly error: () => string } {
  return { error: () => message };
}

export function text(expected: string, pattern: RegExp) {
  return z.string(refused(expected)).regex(pattern, refused(expected));
}

export function whole(minimum: number, maximum: number, what = "a whole number") {
  const error = refused(`expected ${what} from ${grouped(minimum)} to ${grouped(maximum)}`);
  return z.number(error).int(error).min(minimum, error).max(maximum, error);
}

export function grouped(value: number): string {
  return value >= 10_000 ? value.toLocaleString("en-US") : String(value);
}

/** What is wrong with a value that is well formed, or null. */
type Bound<T> = (value: T) => string | null;

/** A string that `parse` understands, and that `bound` lets pass. */
function parsed<T>(expected: string, pattern: string, parse: (text: string) => T | null, bound: Bound<T> = () => null) {
  return z
    .string(refused(expected))
    .transform((written, context): T => {
      const value = parse(written);
      const message = value === null ? expected : bound(value);
      if (value !== null && message === null) return value;
      context.issues.push({ code: "custom", message: message ?? expected, input: written });
      return z.NEVER;
    })
    .meta({ pattern });
}

export function duration(minimumMicros: number, minimumText: string) {
  return parsed(expectedDuration, durationPattern, parseDurationMicros, (micros) =>
    micros >= minimumMicros && micros <= limits.durationMicros ? null : `expected from ${minimumText} to 24h`,
  );
}

export function rate(expected: string) {
  return parsed(expected, ratePattern, parseRatePerSecond, (perSecond) =>
    perSecond <= limits.ratePerSecond ? null : `expected at most ${grouped(limits.ratePerSecond)} tx/s`,
  );
}

export const bytes = z.union(
  [
    z.number().int().min(1),
    parsed(expectedBytes, "^\\d+\\s*(B|kB|KiB|MB|MiB)?$", (written) => parseBytes(written) || null),
  ],
  refused(expectedBytes),
);

/** Of whatever runs in containers for a run. */
export const containerShape = {
  image: z
    .string(refused("expected the name of an image"))
    .min(1, refused("expected the name of an image"))
    .nullable()
    .default(null)
    .describe("The image. Without it: ours, of this release."),
  cpus: z
    .number(refused("expected a number of processors above 0"))
    .positive(refused("expected a number of processors above 0"))
    .nullable()
    .default(null)
    .describe("The most processor time that a container gets, in cores."),
  memory: bytes.nullable().default(null).describe("The most memory that a container gets, such as 512 MiB."),
};

/** Where something secret is that does not stand in a scenario. */
export const secretSourceSchema = z.union(
  [
    z.strictObject({
      file: z.string().min(1, refused("expected the path of a file")).describe("Path, relative to the scenario."),
    }),
    z.strictObject({
      env: text("expected the name of an environment variable", /^[A-Za-z_][A-Za-z0-9_]*$/).describe(
        "Name of an environment variable.",
      ),
    }),
  ],
  refused("expected { file: … } or { env: … }: secrets do not stand in a scenario"),
);
