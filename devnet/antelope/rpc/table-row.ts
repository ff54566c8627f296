/** A row as a contract keeps it. */
export interface Row {
  readonly key: bigint;
  readonly json: object;
  readonly packed: Buffer;
  readonly payer: string;
}
