import type { EventRecord } from "../ledger/evidence.ts";
import type { LiveView, PreparingView, RunProgress, SetupView } from "../run/progress.ts";
import type { ProgressMessage } from "./operator-protocol.ts";

type Told = ProgressMessage extends infer M ? (M extends ProgressMessage ? Omit<M, "number"> : never) : never;

/** A run with trouble on every node tells a few hundred; the whole is in its evidence. */
const keptMessages = 2000;

/** What a run tells, for as many as listen: facts and events are kept for those who come later, figures are not. */
export class RunFeed implements RunProgress {
  readonly #kept: ProgressMessage[] = [];
  readonly #listeners = new Set<(message: ProgressMessage) => void>();
  #next = 0;

  fact(label: string, text: string): void {
    this.#tell({ type: "fact", label, text, copyable: false }, true);
  }

  copyable(label: string, text: string): void {
    this.#tell({ type: "fact", label, text, copyable: true }, true);
  }

  setup(view: SetupView): void {
    this.#tell({ type: "setup", view }, view.done >= view.steps);
  }

  preparing(view: PreparingView): void {
    // The last of them says what all of it took.
    this.#tell({ type: "preparing", view }, view.prepared >= view.planned);
  }

  live(view: LiveView): void {
    this.#tell({ type: "live", view }, false);
  }

  event(event: EventRecord): void {
    this.#tell({ type: "event", event }, true);
  }

  /** Tells all that is kept after number `after`, then everything as it comes; returns what ends it. */
  follow(after: number, listener: (message: ProgressMessage) => void): () => void {
    for (const message of this.#kept) if (message.number > after) listener(message);
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #tell(told: Told, isKept: boolean): void {
    const message: ProgressMessage = { ...told, number: this.#next++ };
    if (isKept) this.#kept.push(message);
    if (this.#kept.length > keptMessages) this.#kept.shift();
    for (const listener of this.#listeners) listener(message);
  }
}
