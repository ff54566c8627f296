import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { exitCodes } from "../../shared/errors/exit-codes.ts";
import { isRunId } from "../run/run-id.ts";
import type { RunView } from "./operator-protocol.ts";
import { listReportFiles } from "./report-files.ts";

const exitNames = Object.keys(exitCodes) as [keyof typeof exitCodes, ...(keyof typeof exitCodes)[]];

/** Of `run.json`, what a list of runs shows. */
const summarySchema = z.object({
  startedAt: z.string(),
  scenario: z.object({ name: z.string() }),
  exit: z.object({ name: z.enum(exitNames) }),
  answer: z.object({ text: z.string() }),
});

/** A run whose report is in the folder of reports; null when it is not there, or not whole. */
export async function endedRun(reports: string, id: string): Promise<RunView | null> {
  if (!isRunId(id)) return null;
  const folder = join(reports, id);
  const text = await readFile(join(folder, "run.json"), "utf8").catch(() => null);
  const summary = text === null ? null : parse(text);
  if (summary === null) return null;
  const { scenario, startedAt, exit, answer } = summary;
  return {
    ...{ id, name: scenario.name, state: "ended", startedAt, error: null, answer: answer.text },
    exit: { name: exit.name, code: exitCodes[exit.name] },
    files: await listReportFiles(folder),
  };
}

export async function listEndedRuns(reports: string): Promise<RunView[]> {
  const ids = (await readdir(reports).catch(() => [])).filter(isRunId);
  const runs = await Promise.all(ids.map((id) => endedRun(reports, id)));
  return runs.filter((run) => run !== null);
}

function parse(text: string): z.output<typeof summarySchema> | null {
  try {
    return summarySchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
