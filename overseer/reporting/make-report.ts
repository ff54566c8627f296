import { join } from "node:path";
import { buildLedger, writeLedgerParquet } from "../ledger/build-ledger.ts";
import { readEvidence } from "../ledger/read-evidence.ts";
import { writeAtomically } from "../ledger/write-atomically.ts";
import { reportContentOf } from "./content/report-content.ts";
import { toHtml } from "./formats/report-html.ts";
import { writeMarkdown } from "./formats/report-md.ts";
import { toRunJson } from "./formats/run-json.ts";
import type { RunSummary } from "./run-summary.ts";
import { summarise } from "./summarise.ts";

export interface MakeReportOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes `ledger.parquet`, `run.json`, `report.md` with `charts/` and `report.html` in a run's folder from its evidence;
 * what is there already is replaced. `run.json` is written last: where it is, the rest is whole.
 * Throws AppError: USAGE when the folder is no run's, REPORT_FAILED when evidence is damaged or something cannot be
 * written, and the signal's reason when it is aborted.
 */
export async function makeReport(runFolder: string, options: MakeReportOptions = {}): Promise<RunSummary> {
  const { signal } = options;
  const evidence = await readEvidence(runFolder);
  const ledger = await buildLedger(evidence, { signal });
  const interrupt = (): void => ledger.database.connection.interrupt();
  signal?.addEventListener("abort", interrupt, { once: true });
  let summary: RunSummary;
  try {
    summary = await summarise(ledger, evidence);
    signal?.throwIfAborted();
    await writeLedgerParquet(ledger, join(runFolder, "ledger.parquet"));
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", interrupt);
    await ledger.close();
  }
  signal?.throwIfAborted();
  const content = reportContentOf(summary);
  await writeMarkdown(content, runFolder);
  await writeAtomically(join(runFolder, "report.html"), await toHtml(content));
  await writeAtomically(join(runFolder, "run.json"), toRunJson(summary));
  return summary;
}
