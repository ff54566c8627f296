import { type Fields, readFlag, readText, readUnsigned } from "./parameters.ts";
import { largestKey, readKey } from "./table-key.ts";

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Of the first row that did not fit; null when that were all. */
  readonly next: Row | null;
}

/** Nodes hand out no more rows at once, whatever is asked for. */
const maximumRows = 1000;

/** What of a table's rows a request wants: `lower_bound` to `upper_bound`, `limit` of them, in `reverse`. */
export function pageRows<Row extends { readonly key: bigint }>(
  rows: readonly Row[],
  fields: Fields,
  description: string,
): Page<Row> {
  const lower = readText(fields, "lower_bound");
  const upper = readText(fields, "upper_bound");
  const from = lower === "" ? 0n : readKey(lower, `lower_bound${description}`);
  const to = upper === "" ? largestKey : readKey(upper, `upper_bound${description}`);
  const chosen = rows.filter(({ key }) => key >= from && key <= to).sort((a, b) => (a.key < b.key ? -1 : 1));
  if (readFlag(fields, "reverse")) chosen.reverse();
  const limit = Math.min(maximumRows, readUnsigned(fields, "limit", 10));
  return { rows: chosen.slice(0, limit), next: chosen[limit] ?? null };
}
