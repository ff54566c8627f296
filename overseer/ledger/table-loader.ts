import {
  DOUBLE,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBVector,
  UINTEGER,
  USMALLINT,
  UTINYINT,
} from "@duckdb/node-api";

const sqlTypes = { u8: "UTINYINT", u16: "USMALLINT", u32: "UINTEGER", f64: "DOUBLE" } as const;
const vectorTypes: Record<LoadedType, DuckDBType> = { u8: UTINYINT, u16: USMALLINT, u32: UINTEGER, f64: DOUBLE };

type LoadedType = keyof typeof sqlTypes;

export interface LoadedColumn {
  readonly name: string;
  readonly type: LoadedType;
}

/** Values of a column: one for each row, or one for all rows. */
export type ColumnValues = ArrayLike<number> | number;

/** DuckDB's vector size: more rows do not fit into one of its data chunks. */
const rowsPerVector = 2048;

/** Creates a table and fills it from typed arrays, a vector at a time: per value one store into memory and no call. */
export class TableLoader {
  readonly #columns: readonly LoadedColumn[];
  readonly #appender: DuckDBAppender;

  private constructor(columns: readonly LoadedColumn[], appender: DuckDBAppender) {
    this.#columns = columns;
    this.#appender = appender;
  }

  static async create(
    connection: DuckDBConnection,
    table: string,
    columns: readonly LoadedColumn[],
  ): Promise<TableLoader> {
    const definitions = columns.map((column) => `"${column.name}" ${sqlTypes[column.type]}`).join(", ");
    await connection.run(`CREATE TABLE ${table} (${definitions})`);
    return new TableLoader(columns, await connection.createAppender(table));
  }

  append(rows: number, values: Readonly<Record<string, ColumnValues>>): void {
    for (let first = 0; first < rows; first += rowsPerVector) {
      const count = Math.min(rowsPerVector, rows - first);
      const chunk = DuckDBDataChunk.create(
        this.#columns.map((column) => vectorTypes[column.type]),
        count,
      );
      for (const [index, column] of this.#columns.entries()) {
        fill(chunk.getColumnVector(index), values[column.name] as ColumnValues, first, count);
      }
      this.#appender.appendDataChunk(chunk);
    }
  }

  close(): void {
    this.#appender.closeSync();
  }
}

interface WritableVector {
  setItem(index: number, value: number): void;
}

function fill(vector: DuckDBVector, values: ColumnValues, first: number, count: number): void {
  const target = vector as DuckDBVector & WritableVector;
  if (typeof values === "number") for (let i = 0; i < count; i++) target.setItem(i, values);
  else for (let i = 0; i < count; i++) target.setItem(i, values[first + i] as number);
  vector.flush();
}
