import type { RunDeployment } from "../deploy/run-deployment.ts";
import { evidencePaths } from "../ledger/evidence-files.ts";
import type { Assignments } from "./assignments.ts";
import type { RunContext } from "./run-context.ts";
import type { KeepSpools } from "./run-request.ts";

/** How the disks of this run's beacons are come at once these are gone; null: only they themselves read them. */
export function keeperOfSpools(
  { request: { beacons } }: RunContext,
  deployment: RunDeployment | null,
): KeepSpools | null {
  if (beacons.kind === "standing") return beacons.keepSpools;
  if (beacons.kind !== "deployed" || deployment === null) return null;
  return (wanted) => deployment.keepSpools({ ...wanted, stay: false });
}

/** Fetches what beacons still owe the ledger, and notes what was to be had and what was not. Never fails. */
export async function fetchSpools(context: RunContext, assignments: Assignments, keep: KeepSpools): Promise<void> {
  const { request, evidenceFailed } = context;
  const { owing } = assignments;
  // What does not let rows be written that come by the wire, lets none of these either.
  if (owing.length === 0 || context.start === null || evidenceFailed.aborted) return;
  const { spool } = evidencePaths(request.runFolder);
  for (const { beacon, chunks, missed } of await keep({ runId: request.runId, beacons: owing, folder: spool })) {
    if (chunks > 0) {
      const what = chunks === 1 ? "1 chunk" : `${chunks} chunks`;
      context.tell("beacon", "info", beacon, `left ${what} of the ledger on its disk, which were fetched from there`);
    }
    for (const why of missed) {
      context.tell("beacon", "warning", beacon, `may have left more of the ledger on its disk: ${why}`);
    }
  }
}
