import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { AppError, messageOf } from "../../shared/errors/app-error.ts";
import { maximumRowsPerChunk } from "../../shared/ledger/chunk.ts";
import type { TableName } from "../../shared/ledger/columns.ts";
import type { Reply } from "../../shared/protocol/messages.ts";

export interface SpoolOptions {
  /** Of this run, beacon and epoch alone. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** The part of `node:fs/promises` that is used; injected so that a full disk can be tried out. */
export interface SpoolFiles {
  makeDirectory(path: string): Promise<void>;
  /** Under the final name only when complete. */
  writeWhole(path: string, bytes: Uint8Array): Promise<void>;
  remove(path: string): Promise<void>;
}

export interface SpoolDependencies {
  readonly files: SpoolFiles;
  /** The bytes of rows `first` … `end` − 1 as chunk `number`; the same every time. */
  readonly encode: (table: TableName, number: number, first: number, end: number) => Uint8Array;
  /** Rejects when it is not known whether the chunk has arrived. */
  readonly upload: (bytes: Uint8Array, signal: AbortSignal) => Promise<Reply>;
  readonly onTrouble: (text: string) => void;
}

interface SpooledChunk {
  readonly table: TableName;
  readonly number: number;
  readonly first: number;
  readonly end: number;
  /** Null when the disk would not take it: then it lives in memory only. */
  path: string | null;
}

/** Enough to keep a connection with a long way busy; at up to 700 KB each the overseer is not flooded. */
const uploadsAtOnce = 4;
const retryDelayMs = 500;

/**
 * Rows on their way to the overseer: written to disk first, so that they outlive this process, then uploaded, and removed
 * from disk when the overseer has acknowledged them. A disk that is full or broken costs that safety and nothing else.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #dependencies: SpoolDependencies;
  readonly #chunks: Record<TableName, number> = { prepared: 0, outcomes: 0 };
  readonly #unwritten: SpooledChunk[] = [];
  readonly #unsent: SpooledChunk[] = [];
  #writing: Promise<void> | null = null;
  #uploading = 0;
  #spooledRows = 0;
  #acknowledgedRows = 0;
  #unacknowledged = 0;
  #diskTold = false;
  #uploadTold = false;
  #waiting: (() => void)[] = [];

  constructor(options: SpoolOptions, dependencies: SpoolDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    options.signal.addEventListener("abort", () => this.#wakeWaiting(), { once: true });
  }

  get spooledRows(): number {
    return this.#spooledRows;
  }

  get acknowledgedRows(): number {
    return this.#acknowledgedRows;
  }

  get unacknowledgedChunks(): number {
    return this.#unacknowledged;
  }

  chunks(table: TableName): number {
    return this.#chunks[table];
  }

  /** Takes rows `first` … `end` − 1 of a table, which must be final. */
  add(table: TableName, first: number, end: number): void {
    for (let from = first; from < end; from += maximumRowsPerChunk) {
      const until = Math.min(end, from + maximumRowsPerChunk);
      const number = this.#chunks[table]++;
      this.#unwritten.push({ table, number, first: from, end: until, path: null });
      this.#spooledRows += until - from;
      this.#unacknowledged++;
    }
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when everything taken so far is on disk, or cannot be. */
  async written(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
  }

  /** Resolves when everything taken so far is acknowledged; rejects with the signal's reason. */
  async acknowledged(): Promise<void> {
    const { signal } = this.#options;
    while (this.#unacknowledged > 0) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Everything on disk is thrown away. */
  async remove(): Promise<void> {
    await this.written();
    await this.#dependencies.files.remove(this.#options.directory);
  }

  async #writeAll(): Promise<void> {
    await Promise.resolve();
    for (let chunk = this.#unwritten.shift(); chunk !== undefined; chunk = this.#unwritten.shift()) {
      await this.#write(chunk);
      this.#unsent.push(chunk);
      this.#startUploads();
    }
    this.#writing = null;
  }

  async #write(chunk: SpooledChunk): Promise<void> {
    const { files } = this.#dependencies;
    const name = `${chunk.table}-${String(chunk.number).padStart(6, "0")}.chunk`;
    const path = join(this.#options.directory, name);
    try {
      if (chunk.number === 0) await files.makeDirectory(this.#options.directory);
      await files.writeWhole(path, this.#encode(chunk));
      chunk.path = path;
    } catch (error) {
      if (this.#diskTold) return;
      this.#diskTold = true;
      this.#dependencies.onTrouble(`the ledger cannot be spooled to disk and is kept in memory: ${messageOf(error)}`);
    }
  }

  #startUploads(): void {
    while (this.#uploading < uploadsAtOnce && this.#unsent.length > 0 && !this.#options.signal.aborted) {
      const chunk = this.#unsent.shift() as SpooledChunk;
      this.#uploading++;
      void this.#upload(chunk).finally(() => {
        this.#uploading--;
        this.#startUploads();
      });
    }
  }

  /** Tries until it is acknowledged; the overseer takes a chunk that comes twice for one. */
  async #upload(chunk: SpooledChunk): Promise<void> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      if (await this.#uploadOnce(chunk)) {
        await this.#drop(chunk);
        this.#acknowledgedRows += chunk.end - chunk.first;
        this.#unacknowledged--;
        this.#wakeWaiting();
        return;
      }
      await delay(retryDelayMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #uploadOnce(chunk: SpooledChunk): Promise<boolean> {
    try {
      const reply = await this.#dependencies.upload(this.#encode(chunk), this.#options.signal);
      if (reply.ok) return true;
      throw new AppError("INTERNAL", reply.error.message);
    } catch (error) {
      if (!this.#uploadTold && !this.#options.signal.aborted) {
        this.#uploadTold = true;
        this.#dependencies.onTrouble(`a ledger chunk was not acknowledged and is sent again: ${messageOf(error)}`);
      }
      return false;
    }
  }

  #wakeWaiting(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async #drop(chunk: SpooledChunk): Promise<void> {
    if (chunk.path === null) return;
    try {
      await this.#dependencies.files.remove(chunk.path);
    } catch (error) {
      this.#dependencies.onTrouble(`an acknowledged chunk could not be removed: ${messageOf(error)}`);
    }
  }

  #encode({ table, number, first, end }: SpooledChunk): Uint8Array {
    return this.#dependencies.encode(table, number, first, end);
  }
}

export const diskFiles: SpoolFiles = {
  async makeDirectory(path) {
    await mkdir(path, { recursive: true });
  },
  async writeWhole(path, bytes) {
    await writeFile(`${path}.part`, bytes);
    await rename(`${path}.part`, path);
  },
  async remove(path) {
    await rm(path, { recursive: true, force: true });
  },
};
