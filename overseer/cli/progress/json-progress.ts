import type { EventRecord } from "../../ledger/evidence.ts";
import type { LiveView, PreparingView, RunProgress, SetupView } from "../../run/progress.ts";

/** For machines: one JSON object a line, told apart by `type`. Units are in the field names, as everywhere. */
export class JsonProgress implements RunProgress {
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  fact(label: string, text: string): void {
    this.#line("fact", { label: label.toLowerCase(), text });
  }

  copyable(label: string, text: string): void {
    this.fact(label, text);
  }

  setup(view: SetupView): void {
    this.#line("setup", view);
  }

  preparing(view: PreparingView): void {
    this.#line("preparing", view);
  }

  live(view: LiveView): void {
    this.#line("live", view);
  }

  event(event: EventRecord): void {
    this.#line("event", event);
  }

  #line(type: string, value: object): void {
    this.#write(`${JSON.stringify({ type, ...value })}\n`);
  }
}
