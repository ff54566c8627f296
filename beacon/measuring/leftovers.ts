import { createHash } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../shared/errors/app-error.ts";
import type { Reply } from "../../shared/protocol/messages.ts";

/** A run's id comes from outside and becomes part of a path: only harmless characters of it, made unique by a digest. */
export function spoolNameOf(runId: string, epoch: number): string {
  return `${spoolPrefixOf(runId)}${epoch}`;
}

function spoolPrefixOf(runId: string): string {
  const digest = createHash("sha256").update(runId).digest("hex").slice(0, 8);
  return `${runId.replace(/[^A-Za-z0-9_-]/g, "-").slice(0, 80)}-${digest}-`;
}

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
