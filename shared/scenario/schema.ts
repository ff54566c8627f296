import { z } from "zod";
import { maximumOperations } from "../workload/shape.ts";
import { capacitySchema } from "./capacity-schema.ts";
import { labelKeyPattern, labelValuePattern } from "./labels.ts";
import { networkSchema } from "./network-schema.ts";
import { observeSchema } from "./observe-schema.ts";
import { phaseSchema, runName } from "./phase-schema.ts";
import { replaySchema } from "./replay-schema.ts";
import type {
  CapturedDistribution,
  DeployWanted,
  FillDistribution,
  OperationsDistribution,
  Route,
  ShareRule,
} from "./scenario.ts";
import {
  bytes,
  containerShape,
  duration,
  grouped,
  limits,
  refused,
  secretSourceSchema,
  whole,
} from "./schema-parts.ts";
import { amountPattern, expectedAmount, isAmount } from "./units.ts";

/**
 * The form of a scenario file. Input is what is written, output has units converted and defaults filled in; what only
 * shows between fields is checked afterwards, in `check-scenario.ts`. Every message is a clause that reads on after the
 * value that was found.
 */

const keySourceSchema = secretSourceSchema.describe(
  'Where the private keys are: a file or variable with JSON, either { "account": "key", … } or one key for all.',
);

const namesSchema = z
  .union(
    [
      z
        .array(z.string().min(1), refused("expected a list of account names"))
        .min(1, refused("expected at least one account name"))
        .max(limits.accounts, refused(`expected at most ${grouped(limits.accounts)} accounts`)),
      z.strictObject({
        prefix: z.string().min(1).describe("What every name starts with; a number follows."),
        count: whole(1, limits.accounts, "a number of accounts").describe("How many accounts."),
        first: whole(0, 1_000_000_000).default(1).describe("The first number."),
      }),
    ],
    refused("expected a list of account names or { prefix: …, count: … }"),
  )
  .describe("Names of existing accounts, as a list or as a prefix with numbers.");

const expectedExponent = "expected an exponent above 0 and at most 4, such as 1.1";
const popularity = z
  .union(
    [
      z.literal("uniform").transform(() => null),
      z
        .strictObject({
          zipf: z
            .number(refused(expectedExponent))
            .gt(0, refused(expectedExponent))
            .max(4, refused(expectedExponent))
            .describe("The k-th most popular account has a weight of k to the minus this."),
        })
        .transform(({ zipf }) => zipf as number | null),
    ],
    refused('expected "uniform" or { zipf: 1.1 }'),
  )
  .prefault("uniform")
  .describe("How often accounts are drawn, as senders and as receivers: all alike, or a few much more than the rest.");

const amount = z
  .string(refused(expectedAmount))
  .refine(isAmount, refused(expectedAmount))
  .meta({ pattern: amountPattern });

const createSchema = z
  .strictObject(
    {
      count: whole(1, limits.accounts, "a number of accounts").describe("How many accounts."),
      prefix: z
        .string(refused("expected what every name starts with"))
        .min(1, refused("expected what every name starts with"))
        .describe("What every name starts with; the chain decides how it goes on."),
      balance: z
        .union(
          [amount.transform((one) => [one]), z.array(amount).min(1)],
          refused("expected an amount or a list of amounts"),
        )
        .describe(
          "What each account has at least before a run; of assets that are not named, as many as of the first.",
        ),
      resources: z
        .record(z.string(), z.union([z.string(), z.number()]).transform(String), refused("expected resources by name"))
        .default({})
        .describe("What each account has besides, in the chain's own terms: ram, cpu and net on Antelope."),
    },
    refused("expected { count: …, prefix: …, balance: … }"),
  )
  .describe("Accounts to make on a network that is there.");

const funderSchema = z
  .strictObject(
    {
      name: z.string().min(1, refused("expected the name of an account")).describe("Name of the funding account."),
      key: keySourceSchema.describe("Where its private key is: a file or an environment variable."),
    },
    refused("expected { name: …, key: { env: … } }"),
  )
  .describe("The account that pays for what is made.");

const createdKeysSchema = z
  .union(
    [
      z.strictObject({
        phrase: keySourceSchema.describe("Where a secret phrase is that all keys are derived from."),
      }),
      z.strictObject({
        file: z
          .string()
          .min(1, refused("expected the path of a file"))
          .describe("Path, relative to the scenario; made with random keys where there is none."),
      }),
    ],
    refused("expected { phrase: { env: … } } or { file: … }"),
  )
  .describe("Where the keys of the accounts that are made come from.");

const accountsSchema = z
  .union(
    [
      z.strictObject({
        count: whole(1, limits.accounts, "a number of accounts").describe("How many accounts to make."),
        balance: amount.describe("What each account has at the start, such as 1000 BTS."),
        popularity,
      }),
      z.strictObject({ names: namesSchema, keys: keySourceSchema, popularity }),
      z.strictObject({ create: createSchema, from: funderSchema, keys: createdKeysSchema, popularity }),
    ],
    refused("expected { count: …, balance: … }, { names: …, keys: … } or { create: …, from: …, keys: … }"),
  )
  .describe(
    "Accounts that sign: made for an embedded network, existing ones and where their keys are, or made on a network that is there.",
  );

const expectedLabels = "expected labels such as { region: eu }";
const where = z
  .record(
    z.string().regex(labelKeyPattern, refused(expectedLabels)),
    z.string(refused(expectedLabels)).regex(labelValuePattern, refused(expectedLabels)),
    refused(expectedLabels),
  )
  .default({})
  .describe("Labels that a beacon must have for this share. Without any: every beacon that fits no share before it.");
const shareWeight = whole(1, 100, "a weight");

const shareSchema = z
  .union(
    [
      z
        .strictObject({
          where,
          weight: shareWeight.describe("Of all beacons that fit together; they have equal parts of it."),
        })
        .transform(({ where, weight }): ShareRule => ({ where, weight, of: "all" })),
      z
        .strictObject({ where, each: shareWeight.describe("Of each beacon that fits.") })
        .transform(({ where, each }): ShareRule => ({ where, weight: each, of: "each" })),
    ],
    refused("expected { where: { … }, weight: 3 }, or each: 3 instead of the weight"),
  )
  .describe("A part of the load, and the labels of the beacons that it is for.");

const deployModes = ["containers", "swarm"] as const;
const expectedDeploy = "expected containers, swarm or { mode: containers, … }";

const deploySchema = z.union(
  [
    z.enum(deployModes, refused(expectedDeploy)).transform(
      (mode): DeployWanted => ({
        mode,
        image: null,
        cpus: null,
        memoryBytes: null,
      }),
    ),
    z
      .strictObject({
        mode: z
          .enum(deployModes, refused("expected containers or swarm"))
          .describe("Containers of one engine, or a service of a swarm."),
        ...containerShape,
      })
      .transform(({ memory, ...rest }): DeployWanted => ({ ...rest, memoryBytes: memory })),
  ],
  refused(expectedDeploy),
);

const beaconsSchema = z
  .strictObject(
    {
      count: whole(1, limits.beacons, "a number of beacons")
        .default(1)
        .describe("How many beacons share the load; the overseer starts them itself unless told otherwise."),
      deploy: deploySchema
        .nullable()
        .default(null)
        .describe("Where the run deploys its beacons. Without it: processes of the overseer's machine."),
      shares: z
        .array(shareSchema, refused("expected a list of shares such as { where: { region: eu }, weight: 3 }"))
        .max(limits.shares, refused(`expected at most ${limits.shares} shares`))
        .default([])
        .describe("How the load is dealt out by the beacons' labels. Without it: evenly."),
      signingThreads: whole(1, 256, "a number of threads")
        .nullable()
        .default(null)
        .describe("Signing threads of each beacon. Without it: one for each core, shared among a host's beacons."),
      connectionsPerNode: whole(1, 256, "a number of connections")
        .nullable()
        .default(null)
        .describe("Connections of each beacon to each node. Without it: as many as suit the chain's protocol."),
      lease: duration(2_000_000, "2s")
        .prefault("15s")
        .describe(
          "A beacon that the overseer has not answered for this long stops sending; a little later it is lost.",
        ),
      signingWindow: duration(10_000_000, "10s")
        .nullable()
        .default(null)
        .describe(
          "The longest stretch of the schedule that is signed at once. Without it: as long as the network allows.",
        ),
    },
    refused("expected the beacons' settings such as { count: 2 }"),
  )
  .describe("The load generators.");

const weight = z.number(refused("expected a weight of 0 or more")).min(0, refused("expected a weight of 0 or more"));
const operationCount = whole(1, maximumOperations, "a number of operations");

/** How large operations are is not known before the chain is. */
export type WrittenDistribution =
  | Exclude<OperationsDistribution, FillDistribution | CapturedDistribution>
  | Pick<FillDistribution, "kind" | "bytes">;

export const operationsPerTransactionSchema = z
  .union(
    [
      operationCount.transform((count): WrittenDistribution => ({ kind: "fixed", count })),
      z
        .strictObject({
          uniform: z
            .tuple([operationCount, operationCount], refused("expected [minimum, maximum]"))
            .refine(([minimum, maximum]) => minimum <= maximum, refused("expected the minimum before the maximum"))
            .describe("[minimum, maximum], both included, all equally likely."),
        })
        .transform(({ uniform: [minimum, maximum] }): WrittenDistribution => ({ kind: "uniform", minimum, maximum })),
      z
        .strictObject({
          geometric: z
            .strictObject({
              mean: z
                .number(refused("expected a mean of 1 or more"))
                .min(1, refused("expected a mean of 1 or more"))
                .max(maximumOperations, refused(`expected a mean of at most ${maximumOperations}`))
                .describe("Mean before it is cut at max."),
              max: operationCount.describe("Longer transactions are cut to this."),
            })
            .refine(({ mean, max }) => mean <= max, refused("expected a mean of at most max"))
            .describe("Mostly short with a long tail: the number of trials up to a success with p = 1 / mean."),
        })
        .transform(({ geometric: { mean, max } }): WrittenDistribution => ({ kind: "geometric", mean, maximum: max })),
      z
        .strictObject({
          table: z
            .record(z.string(), weight, refused("expected weights by number of operations such as { 1: 90, 5: 10 }"))
            .describe("Weight of each number of operations, such as { 1: 90, 2: 8, 5: 2 }.")
            .transform((table, context): WrittenDistribution => {
              const counts = Object.keys(table).map(Number);
              const weights = Object.values(table);
              const good = counts.every((n) => Number.isInteger(n) && n >= 1 && n <= maximumOperations);
              if (good && weights.some((w) => w > 0)) return { kind: "table", counts, weights };
              const message = `expected numbers of operations from 1 to ${maximumOperations} with weights, one of them above 0`;
              context.issues.push({ code: "custom", message, input: table });
              return z.NEVER;
            }),
        })
        .transform(({ table }) => table),
      z
        .strictObject({ fillBytes: bytes.describe("Size of a packed transaction, such as 60 KiB.") })
        .transform(({ fillBytes }): WrittenDistribution => ({ kind: "fill", bytes: fillBytes })),
    ],
    refused("expected a whole number, or one of uniform, geometric, table and fillBytes such as { uniform: [1, 5] }"),
  )
  .describe("How many operations each transaction has: a fixed number or a distribution.");

export const mixEntrySchema = z.union(
  [
    weight.transform((value) => ({ weight: value, operation: null, template: null, parameters: {} })),
    z
      .looseObject({
        weight: weight.describe("How often it is drawn, relative to the other entries."),
        operation: z
          .string(refused("expected the name of an operation"))
          .optional()
          .describe("The chain's operation, where the entry has a name of its own."),
        template: z
          .record(z.string(), z.unknown(), refused("expected the operation's fields"))
          .optional()
          .describe("The operation's fields, with typed placeholders where they vary."),
      })
      .transform(({ weight: value, operation, template, ...parameters }) => ({
        weight: value,
        operation: operation ?? null,
        template: template ?? null,
        parameters,
      })),
  ],
  refused("expected a weight such as 60, or { weight: 60, … } with the operation's parameters"),
);

export const routeSchema = z
  .union(
    [
      z.literal("equal").transform((): Route => ({ kind: "equal" })),
      z
        .strictObject({ node: whole(1, limits.nodes, "the number of a node").describe("Number of the node, from 1.") })
        .transform(({ node }): Route => ({ kind: "node", node: node - 1 })),
      z
        .strictObject({
          weights: z
            .array(weight, refused("expected a weight for each node"))
            .min(1, refused("expected a weight for each node"))
            .refine((weights) => weights.some((value) => value > 0), refused("expected a weight above 0"))
            .describe("A weight for each node, in their order."),
        })
        .transform(({ weights }): Route => ({ kind: "weights", weights })),
    ],
    refused('expected "equal", { node: 1 } or { weights: [3, 1, 1] }'),
  )
  .describe("Which node a transaction goes to: all alike, one node, or by weight.");

const expectedMix = "expected operations with weights such as { transfer: 1 }";

const workloadSchema = z
  .strictObject(
    {
      operationsPerTransaction: operationsPerTransactionSchema.prefault(1),
      mix: z
        .record(z.string(), mixEntrySchema, refused(expectedMix))
        .optional()
        .describe("What transactions are made of: each operation with its weight, and its parameters if it has any."),
      replay: replaySchema.optional(),
      route: routeSchema.prefault("equal"),
    },
    refused("expected the workload: a mix, operationsPerTransaction, route"),
  )
  .refine(({ mix, replay }) => mix !== undefined || replay !== undefined, { error: expectedMix, path: ["mix"] })
  .describe("What is sent, and to which nodes.");

const comparison = z.string(refused('expected a comparison such as ">= 99.9 %"'));

export const thresholdSchema = z.union(
  [
    comparison.transform((is) => ({ is, abortOnFail: false, afterMicros: 0 })),
    z
      .strictObject({
        is: comparison.describe('The comparison, such as ">= 99.9 %".'),
        abortOnFail: z
          .boolean(refused("expected true or false"))
          .default(false)
          .describe(
            "Stops the run as soon as the threshold fails; for rejected.share, unanswered.share and shed.share.",
          ),
        after: duration(0, "0s")
          .prefault("0s")
          .describe("From the phase's start: before this it does not stop the run."),
      })
      .transform(({ is, abortOnFail, after }) => ({ is, abortOnFail, afterMicros: after })),
  ],
  refused('expected a comparison such as ">= 99.9 %" or { is: …, abortOnFail: true }'),
);

const sendingSchema = z
  .strictObject(
    {
      shedAfter: duration(1000, "1ms")
        .prefault("1s")
        .describe("A transaction that could not be sent this long after it was due is shed: counted, never sent late."),
      inFlight: whole(1, 1_000_000, "a number of transactions")
        .default(10_000)
        .describe("Transactions of one beacon that may be without an answer at a time; beyond it, due ones are shed."),
      answerTimeout: duration(1000, "1ms")
        .prefault("10s")
        .describe("A transaction without an answer for this long counts as unanswered."),
    },
    refused("expected shedAfter, inFlight and answerTimeout"),
  )
  .describe("Bounds that beacons keep while sending.");

/** One field of the file each; `parse-scenario.ts` also uses them one by one, to say all problems at once. */
export const scenarioSchema = z
  .strictObject(
    {
      $schema: z.string().optional().describe("Address of this schema, for editors."),
      name: runName.describe("Names the run's folder and report."),
      question: z
        .string(refused("expected the question that the run answers, in a sentence"))
        .trim()
        .min(1, refused("expected the question that the run answers, in a sentence"))
        .max(500, refused("expected at most 500 characters"))
        .describe("The question that the run answers; the report opens with it."),
      description: z
        .string(refused("expected text"))
        .max(10_000, refused("expected at most 10,000 characters"))
        .nullable()
        .default(null)
        .describe("Anything a reader of the report should know besides."),
      chain: z.string(refused("expected the name of a chain")).describe("The chain family, such as bitshares."),
      network: networkSchema,
      accounts: accountsSchema,
      beacons: beaconsSchema.prefault({}),
      seed: whole(0, Number.MAX_SAFE_INTEGER)
        .default(1)
        .describe("Decides everything random: the same seed gives the same transactions."),
      workload: workloadSchema,
      phases: z
        .array(phaseSchema, refused("expected a list of phases"))
        .min(1, refused("expected at least one phase"))
        .max(limits.phases, refused(`expected at most ${limits.phases} phases`))
        .describe("What happens one after the other, each with its load."),
      drain: duration(0, "0s")
        .prefault("30s")
        .describe("How long at most to watch the chain after the last phase until everything is included or expired."),
      lifetime: duration(1_000_000, "1s")
        .nullable()
        .default(null)
        .describe("How long a transaction stays valid after it was due, in whole seconds. Default: drain plus 60s."),
      thresholds: z
        .record(z.string(), thresholdSchema, refused("expected metrics with comparisons"))
        .default({})
        .describe("What must hold for the run to pass: [phase.]metric with a comparison."),
      sending: sendingSchema.prefault({}),
      capacity: capacitySchema.prefault({}),
      observe: observeSchema.prefault({}),
      onBeaconLost: z
        .enum(["fail", "continue", "redistribute"], refused("expected fail, continue or redistribute"))
        .default("continue")
        .describe(
          "What happens to what a lost beacon had left to send: the run fails, it is cancelled, or the others take it over.",
        ),
    },
    refused("expected a scenario: fields with values"),
  )
  .meta({
    title: "Scenario",
    description: "A stress test: the question it answers, the load, and what must hold.",
  });

export type ValidatedScenario = z.output<typeof scenarioSchema>;
export type ValidatedEmbedded = Extract<ValidatedScenario["network"], { embedded: unknown }>["embedded"];
export type ValidatedPhase = z.output<typeof phaseSchema>;
export type ValidatedMixEntry = z.output<typeof mixEntrySchema>;
export type ValidatedThreshold = z.output<typeof thresholdSchema>;

/** For editors: JSON Schema (draft 7, which all of them know) of the file as it is written. */
export function scenarioJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(scenarioSchema, { io: "input", target: "draft-7" }) as Record<string, unknown>;
}
