/** One thing measured against another in the same run: figures of loaded machines mean nothing alone, ratios do. */
export interface BenchResult {
  readonly name: string;
  readonly ratio: number;
  readonly goal: number;
  /** The absolute figures behind the ratio. */
  readonly detail: string;
}
