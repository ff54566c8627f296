import { type Outcome, outcomes, type Reason, reasons } from "../chains/outcome.ts";

export interface OutcomeCount {
  /** Position in the network's list. */
  readonly node: number;
  readonly outcome: Outcome;
  readonly reason: Reason;
  readonly count: number;
}

/** How many transactions of each node came to which end, and why. Takes the codes of the ledger's columns. */
export class OutcomeTally {
  readonly #counts: Float64Array;
  readonly #nodes: number;

  constructor(nodes: number) {
    this.#nodes = nodes;
    this.#counts = new Float64Array(nodes * outcomes.length * reasons.length);
  }

  add(node: number, outcome: number, reason: number, by = 1): void {
    const at = (node * outcomes.length + outcome) * reasons.length + reason;
    this.#counts[at] = (this.#counts[at] as number) + by;
  }

  copy(): OutcomeTally {
    const copy = new OutcomeTally(this.#nodes);
    copy.#counts.set(this.#counts);
    return copy;
  }

  /** Those that are not 0. */
  get entries(): OutcomeCount[] {
    const found: OutcomeCount[] = [];
    for (const [at, count] of this.#counts.entries()) {
      if (count === 0) continue;
      const row = Math.floor(at / reasons.length);
      found.push({
        node: Math.floor(row / outcomes.length),
        outcome: outcomes[row % outcomes.length] as Outcome,
        reason: reasons[at % reasons.length] as Reason,
        count,
      });
    }
    return found;
  }
}
