import type { Problem } from "../../errors/app-error.ts";
import { type AmountRange, parseAmountRange } from "../../workload/amount.ts";

export interface Parsed<T> {
  readonly value: T;
  readonly problems: readonly Problem[];
}

/** Parameters of a mix entry as they stand in the file. */
export type RawParameters = Readonly<Record<string, unknown>>;

/** Reads the parameters of one mix entry and gathers everything that is wrong with them. */
export class ParameterReader {
  readonly problems: Problem[] = [];
  readonly #raw: RawParameters;

  constructor(raw: RawParameters, known: readonly string[]) {
    this.#raw = raw;
    for (const key of Object.keys(raw)) {
      if (known.includes(key)) continue;
      const expected = known.length === 0 ? "no parameters here" : `one of the parameters ${known.join(", ")}`;
      this.#problem(key, expected);
    }
  }

  has(key: string): boolean {
    return this.#raw[key] !== undefined;
  }

  /** `parse` gives null for what it cannot read. */
  read<T>(key: string, fallback: T, expected: string, parse: (value: unknown) => T | null): T {
    const value = this.#raw[key];
    if (value === undefined) return fallback;
    const parsed = parse(value);
    if (parsed !== null) return parsed;
    this.#problem(key, expected);
    return fallback;
  }

  amount(key: string, fallback: string, example: string): AmountRange {
    const range = this.read(key, parseAmountRange(fallback) as AmountRange, `an amount such as ${example}`, (value) => {
      const parsed = parseAmountRange(value);
      return parsed && Number(parsed.minimum) > 0 ? parsed : null;
    });
    return range;
  }

  refuse(key: string, expected: string): void {
    if (this.has(key)) this.#problem(key, expected);
  }

  #problem(key: string, expected: string): void {
    const value = this.#raw[key];
    this.problems.push({
      path: key,
      ...(value === undefined ? {} : { value: JSON.stringify(value) }),
      expected: `expected ${expected}`,
    });
  }
}
