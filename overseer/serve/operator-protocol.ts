import { z } from "zod";
import { type ErrorData, errorCodes } from "../../shared/errors/app-error.ts";
import { exitCodes } from "../../shared/errors/exit-codes.ts";
import type { EventRecord } from "../ledger/evidence.ts";
import type { LiveView, PreparingView, SetupView } from "../run/progress.ts";

/** Raised whenever an older peer would misunderstand; an operator's program of another number is told so. */
export const operatorProtocolVersion = 1;

/** What those who have a token may do: a viewer looks, an operator also starts and stops runs. */
export const operatorRoles = ["viewer", "operator"] as const;
export type OperatorRole = (typeof operatorRoles)[number];

/** As large as a scenario that names a hundred thousand accounts. */
export const mostScenarioBytes = 8 * 1024 * 1024;

/** `POST /api/runs` */
export const submissionSchema = z.strictObject({
  /** The file's text, YAML or JSON. */
  scenario: z.string().min(1),
  /** Its name, for the report. */
  path: z.string().min(1).max(500),
  /** Of those that are there; null: as many as the scenario wants. */
  beacons: z.number().int().min(1).max(1000).nullable(),
  /** To wait for them. */
  waitMs: z.number().int().min(0).max(3_600_000),
  /** Chain id of the main network that may be loaded, if the overseer's owner has allowed it too. */
  allowedMainNetwork: z.string().nullable(),
  /** As typed by the operator. */
  command: z.array(z.string().max(1000)).max(100),
});
export type Submission = z.output<typeof submissionSchema>;

/** `POST /api/runs/:id/stop` */
export const stopSchema = z.strictObject({
  /** False ends the sending, as a first Ctrl-C does; true ends everything at once. */
  force: z.boolean(),
});

const errorSchema = z.object({
  code: z.enum(Object.keys(errorCodes) as [ErrorData["code"], ...ErrorData["code"][]]),
  message: z.string(),
  problems: z.array(z.object({ path: z.string(), value: z.string().optional(), expected: z.string() })),
  hint: z.string().optional(),
}) as unknown as z.ZodType<ErrorData>;

/** Every answer that is no success. */
export const failureSchema = z.object({ error: errorSchema });

const exitNames = Object.keys(exitCodes) as [keyof typeof exitCodes, ...(keyof typeof exitCodes)[]];

export const runViewSchema = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(["running", "stopping", "reporting", "ended"]),
  startedAt: z.string(),
  /** Null until it has ended. */
  exit: z.object({ name: z.enum(exitNames), code: z.number() }).nullable(),
  /** What ended it early. */
  error: errorSchema.nullable(),
  answer: z.string().nullable(),
  /** What can be fetched of its report, by name. */
  files: z.array(z.string()),
});
export type RunView = z.output<typeof runViewSchema>;

export const beaconViewSchema = z.object({
  name: z.string(),
  labels: z.record(z.string(), z.string()),
  hostname: z.string(),
  cpus: z.number(),
  memoryBytes: z.number(),
  release: z.string(),
  state: z.string(),
  /** The run that it has part in. */
  runId: z.string().nullable(),
  connected: z.boolean(),
});
export type BeaconView = z.output<typeof beaconViewSchema>;

export const statusViewSchema = z.object({
  protocolVersion: z.number(),
  release: z.string(),
  role: z.enum(operatorRoles),
  beacons: z.number(),
  /** The run that goes on. */
  run: z.string().nullable(),
});
export type StatusView = z.output<typeof statusViewSchema>;

/** What a run tells while it goes on, numbered from 0 so that who was away can ask for the rest. */
export type ProgressMessage = { readonly number: number } & (
  | { readonly type: "fact"; readonly label: string; readonly text: string; readonly copyable: boolean }
  | { readonly type: "setup"; readonly view: SetupView }
  | { readonly type: "preparing"; readonly view: PreparingView }
  | { readonly type: "live"; readonly view: LiveView }
  | { readonly type: "event"; readonly event: EventRecord }
);

/** Socket.IO's namespace `/operators`: progress alone; everything else is HTTP. */
export interface ServerToOperator {
  progress(runId: string, message: ProgressMessage): void;
  ended(run: RunView): void;
}

export interface OperatorToServer {
  /** From the message after `after` on; -1 for all that is kept. Answered with why not, or null. */
  follow(runId: string, after: number, reply: (refusal: ErrorData | null) => void): void;
}
