import { BulkClient, type BulkOptions, type BulkResult, type BulkTarget } from "./bulk-client.ts";
import { indexTemplateOf } from "./index-template.ts";
import { readSummary } from "./read-summary.ts";
import { documentsOf } from "./run-documents.ts";

export interface ExportResult extends BulkResult {
  readonly runId: string;
  readonly index: string;
}

/**
 * Writes what `run.json` says of a run into the index `<prefix>-<year>.<month of its start>`. The name and the ids follow
 * from the run, so that doing it again changes nothing. Throws as `readSummary` and `BulkClient` do.
 */
export async function exportRun(
  runFolder: string,
  prefix: string,
  target: BulkTarget,
  options: BulkOptions,
): Promise<ExportResult> {
  const summary = await readSummary(runFolder);
  const { runId, startedAt } = summary;
  const index = `${prefix}-${new Date(startedAt).toISOString().slice(0, 7).replace("-", ".")}`;
  const client = new BulkClient(target, options);
  try {
    await client.putTemplate(prefix, indexTemplateOf(prefix));
    return { runId, index, ...(await client.write(index, documentsOf(summary))) };
  } finally {
    await client.close();
  }
}
