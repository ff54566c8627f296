import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../shared/errors/app-error.ts";
import { spoolPrefixOf } from "../../shared/ledger/spool-name.ts";
import type { Reply } from "../../shared/protocol/messages.ts";

/**
 * Hands in what earlier processes of this beacon have spooled of a run and nobody has taken. What is acknowledged is
 * removed. Returns the number of chunks; throws when one was not taken.
 */
export async function handInLeftovers(
  directory: string,
  runId: string,
  sendChunk: (bytes: Uint8Array) => Promise<Reply>,
): Promise<number> {
  const prefix = spoolPrefixOf(runId);
  const spools = (await readdir(directory).catch(() => [])).filter((name) => name.startsWith(prefix));
  let chunks = 0;
  for (const spool of spools) {
    const folder = join(directory, spool);
    const files = (await readdir(folder)).filter((name) => name.endsWith(".chunk")).sort();
    for (const file of files) {
      const path = join(folder, file);
      const reply = await sendChunk(await readFile(path));
      if (!reply.ok) throw new AppError("INTERNAL", `chunk ${file} was not taken: ${reply.error.message}`);
      await rm(path, { force: true });
      chunks++;
    }
    await rm(folder, { recursive: true, force: true });
  }
  return chunks;
}
