import { join } from "node:path";

/** Where a run's evidence lies, below the run's folder. */
export function evidencePaths(runFolder: string) {
  const folder = join(runFolder, "evidence");
  return {
    folder,
    manifest: join(folder, "manifest.json"),
    blocks: join(folder, "blocks.jsonl"),
    samples: join(folder, "samples.jsonl"),
    resources: join(folder, "resources.jsonl"),
    events: join(folder, "events.jsonl"),
    reasons: join(folder, "reasons.jsonl"),
    inclusions: join(folder, "inclusions.bin"),
    included: join(folder, "included.jsonl"),
    overseer: join(folder, "overseer.json"),
    spool: join(folder, "spool"),
    chunks: join(folder, "chunks"),
  } as const;
}
