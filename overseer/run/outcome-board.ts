import { codeOfOutcome } from "../../shared/chains/outcome.ts";
import type { OutcomeColumns } from "../../shared/ledger/columns.ts";
import { dueCursorOf } from "../../shared/scenario/arrivals.ts";
import type { Phase } from "../../shared/scenario/scenario.ts";
import type { WindowRecord } from "../ledger/evidence.ts";

const accepted = codeOfOutcome("accepted");
const cancelled = codeOfOutcome("cancelled");

export interface Outstanding {
  /** Accepted, in no block, and still valid: they may come yet. */
  readonly waiting: number;
  readonly expired: number;
}

/** The outcome of every transaction as far as the beacons have reported it: what the drain waits for. */
export class OutcomeBoard {
  readonly #outcomes: Uint8Array;
  readonly #phases: readonly Phase[];
  #reported = 0;
  #outstanding: Outstanding | null = null;

  constructor(transactions: number, phases: readonly Phase[]) {
    this.#outcomes = new Uint8Array(transactions);
    this.#phases = phases;
  }

  /** Transactions whose outcome is known. */
  get reported(): number {
    return this.#reported;
  }

  /** As it was when somebody last asked for it, which goes over all transactions; null before. */
  get lastOutstanding(): Outstanding | null {
    return this.#outstanding;
  }

  add(columns: OutcomeColumns): void {
    for (const [row, sequence] of columns.sequence.entries()) {
      // Cancelled by a beacon that was lost, sent by the one that took over: which row comes first is chance.
      if (this.#outcomes[sequence] !== 0 && columns.outcome[row] === cancelled) continue;
      if (this.#outcomes[sequence] === 0) this.#reported++;
      this.#outcomes[sequence] = columns.outcome[row] as number;
    }
  }

  /** `windows` in the order of their sequence numbers, of which nothing is left out; `chainTimeMs`: of the newest block. */
  outstanding(
    isIncluded: (sequence: number) => boolean,
    windows: readonly Pick<WindowRecord, "endSequence" | "baseExpirationSeconds">[],
    chainTimeMs: number,
  ): Outstanding {
    let waiting = 0;
    let expired = 0;
    let at = 0;
    for (const phase of this.#phases) {
      const cursor = dueCursorOf(phase.load);
      const end = phase.firstSequence + phase.transactions;
      for (let sequence = phase.firstSequence; sequence < end; sequence++) {
        if (this.#outcomes[sequence] !== accepted || isIncluded(sequence)) continue;
        // Without a limit on the rate, each is signed to stay valid as if it were due at the phase's end.
        const offset = cursor?.dueOffsetMicros(sequence - phase.firstSequence) ?? phase.durationMicros;
        while (at < windows.length - 1 && sequence >= (windows[at]?.endSequence ?? 0)) at++;
        const expiration = (windows[at]?.baseExpirationSeconds ?? 0) + Math.ceil((phase.startMicros + offset) / 1e6);
        if (expiration * 1000 < chainTimeMs) expired++;
        else waiting++;
      }
    }
    this.#outstanding = { waiting, expired };
    return this.#outstanding;
  }
}
