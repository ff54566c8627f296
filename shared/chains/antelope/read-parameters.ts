import { type AmountRange, parseAmountRange } from "../../workload/amount.ts";
import type { ParameterReader } from "../preparing/parameter-reader.ts";
import { isName } from "./names.ts";

/** Both ends included. */
export type WholeRange = readonly [minimum: number, maximum: number];

const symbolPattern = /^[A-Z]{1,7}$/;

/** A positive amount; without a symbol it is one of the core token. */
export function readAmount(reader: ParameterReader, key: string, fallback: string): AmountRange {
  const initial = parseAmountRange(fallback) as AmountRange;
  return reader.read(key, initial, 'an amount such as "1..100 EOS"', (value) => {
    const range = parseAmountRange(value);
    if (!range || Number(range.minimum) === 0) return null;
    return range.symbol === null || symbolPattern.test(range.symbol) ? range : null;
  });
}

/** A whole number such as 100 or a stretch such as "100..200", within `within`. */
export function readWholeRange(
  reader: ParameterReader,
  key: string,
  fallback: WholeRange,
  [lowest, highest]: WholeRange,
): WholeRange {
  const expected = `whole numbers from ${lowest} to ${highest}, such as 100 or "100..200"`;
  return reader.read<WholeRange>(key, fallback, expected, (value) => {
    const range = parseAmountRange(value);
    if (!range || range.symbol !== null) return null;
    const [minimum, maximum] = [Number(range.minimum), Number(range.maximum)];
    const fits = [minimum, maximum].every((n) => Number.isInteger(n) && n >= lowest && n <= highest);
    return fits ? [minimum, maximum] : null;
  });
}

export function readCount(reader: ParameterReader, key: string, fallback: number, highest: number): number {
  return reader.read(key, fallback, `a whole number up to ${highest}`, (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= highest ? value : null,
  );
}

export function readName(reader: ParameterReader, key: string): string | null {
  const expected = "a name of at most 12 characters a to z, 1 to 5 and dots";
  return reader.read<string | null>(key, null, expected, (value) => (isName(value) ? value : null));
}

export function readNames(reader: ParameterReader, key: string): readonly string[] {
  return reader.read<readonly string[]>(key, [], "a list of names", (value) =>
    Array.isArray(value) && value.every(isName) ? value : null,
  );
}
