import { mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type Docker from "dockerode";
import { extract } from "tar-stream";
import { writeAtomically } from "../ledger/write-atomically.ts";
import { stopSeconds, storagePath } from "./containers.ts";
import { asking } from "./engine.ts";

const harmless = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,200}$/;

/**
 * Copies what a beacon in a container has of the ledger and could not hand in any more, to files of the same names below
 * `folder`. The container is stopped for it, if it still runs: nothing is written any more then.
 */
export async function keepSpool(container: Docker.Container, folder: string): Promise<void> {
  // What it says at a stop is of no interest: most have ended, or were never started.
  await container.stop({ t: stopSeconds }).catch(() => undefined);
  const archive = await asking("cannot read what a beacon left", container.getArchive({ path: storagePath }));
  await copyChunks(archive, folder);
}

/** Chunks of the ledger only, whole ones, each in a folder of its own spool: an archive may hold anything, or break off. */
export async function copyChunks(archive: NodeJS.ReadableStream, folder: string): Promise<void> {
  const entries = extract();
  entries.on("entry", ({ name, type }, content, next) => {
    const [spool, file] = [basename(dirname(name)), basename(name)];
    if (type !== "file" || !file.endsWith(".chunk") || ![spool, file].every((part) => harmless.test(part))) {
      content.on("end", next).resume();
      return;
    }
    const path = join(folder, spool, file);
    mkdir(dirname(path), { recursive: true })
      .then(async () => writeAtomically(path, await buffer(content)))
      .then(() => next(), next);
  });
  await pipeline(archive, entries);
}
