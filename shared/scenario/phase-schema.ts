import { z } from "zod";
import type { RateSegment, SlotArrivals } from "./scenario.ts";
import { duration, limits, rate, refused, text, whole } from "./schema-parts.ts";
import { expectedRate, expectedRateOrUnlimited } from "./units.ts";

/** Parameter of an issue that says: not a wrong value, but another alternative of a union. */
const misfit = { misfit: true } as const;

/** Of runs and of phases. */
export const runName = text(
  'expected a name of letters, digits, "-" and "_" that starts with a letter or digit, at most 64 characters',
  /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/,
);

const phaseCommon = {
  name: runName.describe("Unique; thresholds and the report use it."),
  measure: z
    .boolean(refused("expected true or false"))
    .default(true)
    .describe("false for a warm-up: shown in the timeline but left out of the figures that answer the question."),
};
const pacedCommon = {
  ...phaseCommon,
  arrivals: z
    .enum(["even", "poisson"], refused("expected even or poisson"))
    .default("even")
    .describe("even: at equal distances as the rate says; poisson: by chance, as independent users come."),
};
const stretch = duration(1000, "1ms");
const expectedReplay = 'expected how much of the capture to replay, such as "60s", or rest';
const stepRates = z
  .array(rate(expectedRate), refused('expected a list of rates such as ["100 tx/s", "200 tx/s"]'))
  .min(1, refused("expected at least one rate"))
  .max(10_000, refused("expected at most 10,000 steps"));

/** "unlimited" is no wrong rate but a sign that another form of phase is meant. */
const constantRate = z
  .string(refused(expectedRateOrUnlimited))
  .refine((written) => written !== "unlimited", { error: expectedRateOrUnlimited, params: misfit, abort: true })
  .pipe(rate(expectedRateOrUnlimited));

export const phaseSchema = z.union(
  [
    z
      .strictObject({
        ...phaseCommon,
        rate: z.literal("unlimited", refused(expectedRateOrUnlimited)).describe("As fast as the nodes answer."),
        for: stretch.describe("How long at most."),
        inFlight: whole(1, 1_000_000, "a number of transactions")
          .default(64)
          .describe("How many transactions, of all beacons together, may be without an answer at any time."),
        transactions: whole(1, limits.transactions, "a number of transactions").describe(
          "How many to sign beforehand; the phase ends early when they are used up.",
        ),
      })
      .transform(({ name, measure, for: durationMicros, inFlight, transactions }) => ({
        name,
        measured: measure,
        durationMicros,
        transactions: transactions as number | null,
        load: { kind: "unlimited" as const, inFlight },
      })),
    z
      .strictObject({
        ...phaseCommon,
        replay: z
          .union(
            [z.literal("rest").transform(() => null), stretch.transform((micros) => micros as number | null)],
            refused(expectedReplay),
          )
          .describe(
            "How much of the capture, in captured time, from where the phase before ended; rest for all of it.",
          ),
      })
      .transform(({ name, measure, replay }) => ({
        name,
        measured: measure,
        /** This and the number of transactions are known once the capture is. */
        durationMicros: 0,
        transactions: null as number | null,
        load: { kind: "captured" as const, capturedMicros: replay, arrivals: null as SlotArrivals | null },
      })),
    z
      .strictObject({
        ...pacedCommon,
        rate: constantRate.describe("A constant rate; 0 tx/s for a pause."),
        for: stretch.describe("How long."),
      })
      .transform(({ rate: perSecond, for: durationMicros, ...common }) =>
        paced(common, [{ durationMicros, fromPerSecond: perSecond, toPerSecond: perSecond }]),
      ),
    z
      .strictObject({
        ...pacedCommon,
        from: rate(expectedRate).describe("The rate at the start."),
        to: rate(expectedRate).describe("The rate at the end; it goes there in a straight line."),
        for: stretch.describe("How long."),
      })
      .transform(({ from, to, for: durationMicros, ...common }) =>
        paced(common, [{ durationMicros, fromPerSecond: from, toPerSecond: to }]),
      ),
    z
      .strictObject({
        ...pacedCommon,
        steps: stepRates.describe("The rate of each step."),
        each: stretch.describe("How long each step is."),
      })
      .transform(({ steps, each, ...common }) => paced(common, stairs(steps, each))),
    z
      .strictObject({
        ...pacedCommon,
        from: rate(expectedRate).describe("The rate of the first step."),
        to: rate(expectedRate).describe("No step goes beyond this."),
        by: rate(expectedRate).describe("From one step to the next, upwards or downwards as from and to say."),
        each: stretch.describe("How long each step is."),
      })
      .transform(({ from, to, by, each, ...common }, context) => {
        const rates = stepsBetween(from, to, by);
        if (rates.length > 0 && rates.length <= 10_000) return paced(common, stairs(rates, each));
        const message = "expected a step above 0 that gives at most 10,000 steps";
        context.issues.push({ code: "custom", message, input: by, path: ["by"] });
        return z.NEVER;
      }),
  ],
  refused('expected a phase such as { name: hold, rate: "50 tx/s", for: 30s }'),
);

interface PacedCommon {
  readonly name: string;
  readonly measure: boolean;
  readonly arrivals: "even" | "poisson";
}

function paced({ name, measure, arrivals }: PacedCommon, segments: readonly RateSegment[]) {
  return {
    name,
    measured: measure,
    durationMicros: segments.reduce((sum, segment) => sum + segment.durationMicros, 0),
    /** Known once the segments are counted. */
    transactions: null as number | null,
    load: { kind: "paced" as const, segments, arrivals },
  };
}

function stairs(rates: readonly number[], durationMicros: number): RateSegment[] {
  return rates.map((perSecond) => ({ durationMicros, fromPerSecond: perSecond, toPerSecond: perSecond }));
}

/** `from`, `from ± by` … `to`; empty when `by` leads nowhere. Rounded so that 0.1 + 0.2 stays a rate of 0.3. */
function stepsBetween(from: number, to: number, by: number): number[] {
  if (by <= 0) return from === to ? [from] : [];
  const steps = Math.floor(Math.abs(to - from) / by + 1e-9);
  if (steps >= 10_000) return [];
  return Array.from({ length: steps + 1 }, (_, k) => Number((from + Math.sign(to - from) * k * by).toFixed(9)));
}
