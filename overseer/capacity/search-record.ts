import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { AppError, messageOf } from "../../shared/errors/app-error.ts";
import { writeAtomically } from "../ledger/write-atomically.ts";

const pointSchema = z.object({
  stage: z.enum(["climb", "bisect", "confirm"]),
  ratePerSecond: z.number().positive(),
  verdict: z.enum(["sustained", "overloaded", "generator-bound"]),
  carriedPerSecond: z.number().nullable(),
  inclusionP99Micros: z.number().nullable(),
  /** Not told by older releases. */
  inclusionP99AtLeast: z.boolean().default(false),
  missedBlocks: z.number(),
  findings: z.array(z.string()),
  runFolder: z.string(),
});

const recordSchema = z.object({
  schemaVersion: z.literal(1),
  /** ISO 8601. */
  startedAt: z.string(),
  scenarioPath: z.string(),
  /** As it stood in the file when the search began. */
  scenarioText: z.string(),
  beacons: z.number().int().min(1),
  /** They are elsewhere and dial in; this machine's otherwise, as in all searches of older releases. */
  remote: z.boolean().default(false),
  points: z.array(pointSchema),
});

/** What `search.json` holds: all that a search needs to go on where it was. */
export type SearchRecord = Readonly<z.infer<typeof recordSchema>>;

const fileName = "search.json";

export async function writeSearchRecord(folder: string, record: SearchRecord): Promise<void> {
  await writeAtomically(join(folder, fileName), `${JSON.stringify(record, null, 1)}\n`);
}

/** Throws USAGE where the folder is not that of a search. */
export async function readSearchRecord(folder: string): Promise<SearchRecord> {
  let reason: string;
  try {
    const parsed = recordSchema.safeParse(JSON.parse(await readFile(join(folder, fileName), "utf8")));
    if (parsed.success) return parsed.data;
    reason = `${fileName} has another form`;
  } catch (error) {
    reason = messageOf(error);
  }
  throw new AppError("USAGE", `${folder} is not the folder of a search: ${reason}`);
}
