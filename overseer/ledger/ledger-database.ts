import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { cannotWrite } from "./write-atomically.ts";

/**
 * Two fifths of the 1 GiB that a report may take: Node, the chunk being decoded and what DuckDB allocates outside its
 * buffer manager need as much again. What does not fit is spilled into the run's folder.
 */
const memoryLimit = "400MB";

export type SqlValue = string | number | boolean | null | readonly number[];
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** A DuckDB of its own for one report, in memory, spilling to a working folder that goes away with it. */
export class LedgerDatabase {
  readonly connection: DuckDBConnection;
  /** A place for files in the making, on the same file system as the run's folder. */
  readonly workFolder: string;
  readonly #instance: DuckDBInstance;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, workFolder: string) {
    this.#instance = instance;
    this.connection = connection;
    this.workFolder = workFolder;
  }

  static async open(runFolder: string): Promise<LedgerDatabase> {
    const workFolder = join(runFolder, `.report-${randomBytes(4).toString("hex")}`);
    try {
      await mkdir(workFolder);
    } catch (error) {
      throw cannotWrite(runFolder, error);
    }
    try {
      const instance = await DuckDBInstance.create(":memory:", {
        memory_limit: memoryLimit,
        temp_directory: join(workFolder, "spill"),
        threads: String(Math.min(4, availableParallelism())),
        // Rows are found by their sequence number, never by their position: free to work out of order in less memory.
        preserve_insertion_order: "false",
      });
      return new LedgerDatabase(instance, await instance.connect(), workFolder);
    } catch (error) {
      await rm(workFolder, { recursive: true, force: true });
      throw error;
    }
  }

  async run(sql: string): Promise<void> {
    await this.connection.run(sql);
  }

  /** All rows; whole numbers of 64 bits come as numbers, which is exact for every count and instant of a run. */
  async rows(sql: string): Promise<SqlRow[]> {
    const reader = await this.connection.runAndReadAll(sql);
    return reader.getRowObjectsJS().map(toPlainRow);
  }

  async row(sql: string): Promise<SqlRow> {
    const [first] = await this.rows(sql);
    if (first === undefined) throw new Error(`no row from: ${sql}`);
    return first;
  }

  async close(): Promise<void> {
    this.connection.closeSync();
    this.#instance.closeSync();
    await rm(this.workFolder, { recursive: true, force: true });
  }
}

function toPlainRow(row: Record<string, unknown>): SqlRow {
  const plain: Record<string, SqlValue> = {};
  for (const [name, value] of Object.entries(row)) {
    plain[name] = Array.isArray(value) ? value.map(Number) : toPlainValue(value);
  }
  return plain;
}

function toPlainValue(value: unknown): SqlValue {
  return typeof value === "bigint" ? Number(value) : ((value ?? null) as SqlValue);
}

/** As a literal in SQL. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
