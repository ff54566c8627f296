import { codeOfOutcome } from "../../shared/chains/outcome.ts";
import type { OutcomeColumns } from "../../shared/ledger/columns.ts";
import { type OutcomeCount, OutcomeTally } from "../../shared/ledger/outcome-tally.ts";
import type { Router } from "../../shared/workload/route.ts";

const unknown = codeOfOutcome("pending");
const cancelled = codeOfOutcome("cancelled");

export interface NodeOutcomesOptions {
  readonly transactions: number;
  readonly nodes: number;
  /** To which node each transaction goes. */
  readonly router: Pick<Router, "nodeOf">;
}

/** Outcomes by node and reason, as far as beacons have handed them in. Each transaction counts once, however often it comes. */
export class NodeOutcomes {
  /** Looked up beforehand: the router is made to be asked in order, and rows of many beacons are in none. */
  readonly #nodeOf: Uint8Array;
  readonly #outcomes: Uint8Array;
  readonly #reasons: Uint8Array;
  readonly #tally: OutcomeTally;

  constructor({ transactions, nodes, router }: NodeOutcomesOptions) {
    this.#nodeOf = new Uint8Array(transactions);
    for (let sequence = 0; sequence < transactions; sequence++) this.#nodeOf[sequence] = router.nodeOf(sequence);
    this.#outcomes = new Uint8Array(transactions);
    this.#reasons = new Uint8Array(transactions);
    this.#tally = new OutcomeTally(nodes);
  }

  get entries(): readonly OutcomeCount[] {
    return this.#tally.entries;
  }

  add(columns: OutcomeColumns): void {
    for (const [row, sequence] of columns.sequence.entries()) {
      const before = this.#outcomes[sequence] as number;
      const outcome = columns.outcome[row] as number;
      // Cancelled by a beacon that was lost, sent by the one that took over: which row comes first is chance.
      if (before !== unknown && (before === outcome || outcome === cancelled)) continue;
      const node = this.#nodeOf[sequence] as number;
      const reason = columns.reason[row] as number;
      if (before !== unknown) this.#tally.add(node, before, this.#reasons[sequence] as number, -1);
      this.#tally.add(node, outcome, reason);
      this.#outcomes[sequence] = outcome;
      this.#reasons[sequence] = reason;
    }
  }
}
