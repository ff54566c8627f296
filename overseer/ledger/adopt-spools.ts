import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { ChunkStore } from "./chunk-store.ts";
import { evidencePaths } from "./evidence-files.ts";

/**
 * Takes what beacons had spooled and could not hand in any more: those of this machine in the run's folder, others' was
 * fetched to there. Chunks that came by the wire as well are known and change nothing. Returns how many were new. Only for
 * beacons that have ended.
 */
export async function adoptSpools(runFolder: string): Promise<number> {
  const paths = evidencePaths(runFolder);
  const store = new ChunkStore(paths.chunks);
  let adopted = 0;
  for (const beacon of await namesIn(paths.spool)) {
    const folder = join(paths.spool, beacon);
    const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".chunk")).sort();
    for (const file of files) {
      if ((await store.store(beacon, await readFile(join(folder, file)))) === "stored") adopted++;
    }
    await rm(folder, { recursive: true, force: true });
  }
  return adopted;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
