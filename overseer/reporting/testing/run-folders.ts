import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildLedger, type Ledger } from "../../ledger/build-ledger.ts";
import { readEvidence } from "../../ledger/read-evidence.ts";
import type { RunSummary } from "../run-summary.ts";
import { summarise } from "../summarise.ts";
import { type SyntheticRun, writeSyntheticRun } from "./synthetic-run.ts";

/** A folder of its own for `work`, gone afterwards. */
export async function withRunFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "run-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The summary of a run that is made up, and whatever `look` wants of its ledger. */
export async function summaryOf(run: SyntheticRun, look?: (ledger: Ledger) => Promise<void>): Promise<RunSummary> {
  return withRunFolder(async (folder) => {
    await writeSyntheticRun(folder, run);
    const evidence = await readEvidence(folder);
    const ledger = await buildLedger(evidence);
    try {
      await look?.(ledger);
      return await summarise(ledger, evidence);
    } finally {
      await ledger.close();
    }
  });
}
