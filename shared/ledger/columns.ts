/**
 * The ledger's two tables as they travel from beacons to the overseer, in fixed-width columns. `prepared` holds what is
 * known once a transaction is signed, `outcomes` what became of it. Rows are keyed by the sequence number; a row may
 * arrive more than once (at-least-once delivery) and is then the same.
 */
export type ColumnType = "u8" | "u16" | "u32" | "f64" | "u64";

export interface ColumnLayout {
  readonly name: string;
  readonly type: ColumnType;
}

export const preparedLayout = [
  { name: "sequence", type: "u32" },
  { name: "phase", type: "u8" },
  { name: "node", type: "u8" },
  /** Mix entry of the first operation; `mixedClass` where the transaction's operations differ. */
  { name: "operationClass", type: "u8" },
  { name: "operations", type: "u16" },
  /** Size in a block. */
  { name: "bytes", type: "u32" },
  { name: "matchKey", type: "u64" },
] as const satisfies readonly ColumnLayout[];

export const outcomesLayout = [
  { name: "sequence", type: "u32" },
  /** Microseconds since T0 on the overseer's clock; NaN where it did not happen. */
  { name: "due", type: "f64" },
  { name: "sent", type: "f64" },
  { name: "answered", type: "f64" },
  /** Microseconds of the time from due to sent in which an in-flight bound or an unreachable node kept it back. */
  { name: "held", type: "u32" },
  /** Codes of `chains/outcome.ts`. */
  { name: "outcome", type: "u8" },
  { name: "reason", type: "u8" },
] as const satisfies readonly ColumnLayout[];

/** `operationClass` of a transaction whose operations are of several mix entries. */
export const mixedClass = 255;

type ArrayOf = { u8: Uint8Array; u16: Uint16Array; u32: Uint32Array; f64: Float64Array; u64: BigUint64Array };
export type Columns<L extends readonly ColumnLayout[]> = { [C in L[number] as C["name"]]: ArrayOf[C["type"]] };
export type PreparedColumns = Columns<typeof preparedLayout>;
export type OutcomeColumns = Columns<typeof outcomesLayout>;

export const layouts = { prepared: preparedLayout, outcomes: outcomesLayout } as const;
export type TableName = keyof typeof layouts;

const constructors = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f64: Float64Array, u64: BigUint64Array };

export function bytesPerRow(layout: readonly ColumnLayout[]): number {
  return layout.reduce((sum, column) => sum + constructors[column.type].BYTES_PER_ELEMENT, 0);
}

/** Columns for `rows` rows in one new buffer, or laid over `buffer`. Wide columns first, so that all are aligned. */
export function createColumns<L extends readonly ColumnLayout[]>(
  layout: L,
  rows: number,
  buffer: ArrayBufferLike = new ArrayBuffer(columnsBytes(layout, rows)),
): Columns<L> {
  const columns: Record<string, unknown> = {};
  let offset = 0;
  for (const column of byWidth(layout)) {
    const arrayType = constructors[column.type];
    columns[column.name] = new arrayType(buffer as ArrayBuffer, offset, rows);
    offset += rows * arrayType.BYTES_PER_ELEMENT;
  }
  return columns as Columns<L>;
}

export function columnsBytes(layout: readonly ColumnLayout[], rows: number): number {
  return bytesPerRow(layout) * rows;
}

/** Rows `first` … `end - 1` in a buffer of their own. */
export function sliceColumns<L extends readonly ColumnLayout[]>(
  layout: L,
  columns: Columns<L>,
  first: number,
  end: number,
): ArrayBuffer {
  const buffer = new ArrayBuffer(columnsBytes(layout, end - first));
  const target = createColumns(layout, end - first, buffer) as Record<string, Uint8Array>;
  const source = columns as Record<string, Uint8Array>;
  for (const column of layout) {
    (target[column.name] as Uint8Array).set((source[column.name] as Uint8Array).subarray(first, end));
  }
  return buffer;
}

function byWidth(layout: readonly ColumnLayout[]): ColumnLayout[] {
  const width = (column: ColumnLayout): number => constructors[column.type].BYTES_PER_ELEMENT;
  return [...layout].sort((a, b) => width(b) - width(a));
}
