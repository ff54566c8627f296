import { createHash } from "node:crypto";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError, messageOf } from "../../shared/errors/app-error.ts";
import { type Chunk, decodeChunk } from "../../shared/ledger/chunk.ts";
import { cannotWrite, writeAtomically } from "./write-atomically.ts";

/**
 * `known`: the same bytes were there already, nothing was done. `conflicting`: other bytes were there under the same
 * name; both are kept, and the ledger will find where they contradict each other.
 */
export type StoreResult = "stored" | "known" | "conflicting";

export interface StoredChunk {
  readonly beacon: string;
  readonly path: string;
}

const beaconName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** Chunks of beacons' ledgers as files, each once however often it arrives. */
export class ChunkStore {
  readonly #folder: string;
  /** By beacon, names of the files in its folder: most chunks are new, and need not be looked for on the disk. */
  readonly #names = new Map<string, Set<string>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Once this resolves the chunk may be acknowledged. Throws AppError INTERNAL for bytes that are no chunk, and
   * REPORT_FAILED when they cannot be written.
   */
  async store(beacon: string, bytes: Uint8Array): Promise<StoreResult> {
    if (!beaconName.test(beacon)) throw new AppError("INTERNAL", "chunk of a beacon whose name is not a name");
    const { table, epoch, number } = decodeChunk(bytes);
    const names = this.#names.get(beacon) ?? (await this.#openFolder(beacon));
    const folder = join(this.#folder, beacon);
    const name = `${table}-${epoch}-${number}`;
    const path = join(folder, `${name}.chunk`);
    const present = names.has(`${name}.chunk`) ? await readIfThere(path) : null;
    if (present === null) {
      names.add(`${name}.chunk`);
      await writeAtomically(path, bytes);
      return "stored";
    }
    if (present.equals(bytes)) return "known";
    const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
    await writeAtomically(join(folder, `${name}.conflict-${digest}.chunk`), bytes);
    return "conflicting";
  }

  async #openFolder(beacon: string): Promise<Set<string>> {
    const folder = join(this.#folder, beacon);
    try {
      await mkdir(folder, { recursive: true });
    } catch (error) {
      throw cannotWrite(folder, error);
    }
    const found = await namesIn(folder);
    // Another chunk may have come while this one waited: one set for both.
    const names = this.#names.get(beacon) ?? new Set<string>();
    this.#names.set(beacon, names);
    for (const name of found) names.add(name);
    return names;
  }
}

/** Every chunk of a run in an order that does not depend on the file system. */
export async function listChunks(folder: string): Promise<StoredChunk[]> {
  const chunks: StoredChunk[] = [];
  for (const beacon of await namesIn(folder)) {
    for (const file of await namesIn(join(folder, beacon))) {
      if (file.endsWith(".chunk")) chunks.push({ beacon, path: join(folder, beacon, file) });
    }
  }
  return chunks;
}

export async function readChunk(chunk: StoredChunk): Promise<Chunk> {
  try {
    return decodeChunk(plainBytes(await readFile(chunk.path)));
  } catch (error) {
    throw new AppError("REPORT_FAILED", `cannot read ${chunk.path}: ${messageOf(error)}`, { cause: error });
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** The same bytes without Buffer's own `slice`, which does not copy. */
export function plainBytes(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
