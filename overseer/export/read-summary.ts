import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { AppError, messageOf } from "../../shared/errors/app-error.ts";
import type { RunSummary } from "../reporting/run-summary.ts";

const series = z.array(z.looseObject({}));

/** What is checked is only that the file is one of ours and has all that is exported. */
const outline = z.looseObject({
  schemaVersion: z.literal(1),
  runId: z.string().min(1),
  startedAt: z.iso.datetime(),
  t0WallMillis: z.number().nullable(),
  scenario: z.looseObject({ name: z.string(), chain: z.string() }),
  verdicts: z.looseObject({ thresholds: z.looseObject({ results: series }), accounting: z.looseObject({}) }),
  answer: z.looseObject({ text: z.string() }),
  overall: z.looseObject({ counts: z.looseObject({}) }),
  phases: series,
  timeline: z.looseObject({ stepSeconds: z.number(), seconds: z.array(z.number()) }),
  blocks: z.looseObject({ series }),
  breakdowns: z.looseObject({ byOperation: series, byNode: series, byBeacon: series }),
  errors: series,
  events: series,
  beacons: z.array(z.looseObject({ series: z.looseObject({ seconds: z.array(z.number()) }) })),
});

/**
 * The `run.json` in a run's folder. Throws AppError: USAGE when there is none, REPORT_FAILED when it is damaged or lacks
 * something, as one of an older release may.
 */
export async function readSummary(runFolder: string): Promise<RunSummary> {
  const path = join(runFolder, "run.json");
  const hint = `overseer report ${runFolder} makes it from the run's evidence`;
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new AppError("USAGE", `${runFolder} has no report to export: ${messageOf(error)}`, {
      cause: error,
      hint: `${hint}; the runs of a capacity search are below its points/`,
    });
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new AppError("REPORT_FAILED", `${path} is damaged: ${messageOf(error)}`, { cause: error, hint });
  }
  const { success, error } = outline.safeParse(content);
  if (success) return content as RunSummary;
  throw new AppError("REPORT_FAILED", `${path} does not have all that is exported`, {
    problems: error.issues.map((issue) => ({ path: issue.path.join("."), expected: issue.message })),
    hint,
  });
}
