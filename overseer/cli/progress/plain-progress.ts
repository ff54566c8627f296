import type { EventRecord } from "../../ledger/evidence.ts";
import type { LiveView, PreparingView, RunProgress, SetupView } from "../../run/progress.ts";
import { chainText, countsText, latencyText, preparingText, ratesText, setupText, stageText } from "./wording.ts";

/** For pipes and CI: one plain line every few seconds, nothing redrawn. */
const everyMicros = 5e6;

export class PlainProgress implements RunProgress {
  readonly #write: (text: string) => void;
  readonly #nowMicros: () => number;
  #last = Number.NEGATIVE_INFINITY;
  #stage = "";

  constructor(write: (text: string) => void, nowMicros: () => number) {
    this.#write = write;
    this.#nowMicros = nowMicros;
  }

  fact(label: string, text: string): void {
    this.#write(`${label.padEnd(9)} ${text}\n`);
  }

  copyable(label: string, text: string): void {
    this.fact(label, text);
  }

  setup(view: SetupView): void {
    if (view.done < view.steps && !this.#due(view.stage)) return;
    this.fact("Setup", setupText(view));
  }

  preparing(view: PreparingView): void {
    if (view.prepared < view.planned && !this.#due("prepare")) return;
    this.fact("Prepare", preparingText(view));
  }

  live(view: LiveView): void {
    if (!this.#due(view.phase?.name ?? view.stage)) return;
    this.#write(
      `${stageText(view)}: ${ratesText(view)} | ${latencyText(view)} | ${countsText(view)} | ${chainText(view)}\n`,
    );
  }

  event(event: EventRecord): void {
    if (event.severity === "info" && event.kind === "phase") return;
    this.#write(`${eventText(event)}\n`);
  }

  /** A change of stage is told at once, the rest every few seconds. */
  #due(stage: string): boolean {
    const now = this.#nowMicros();
    if (stage === this.#stage && now - this.#last < everyMicros) return false;
    this.#stage = stage;
    this.#last = now;
    return true;
  }
}

export function eventText({ severity, kind, subject, text }: EventRecord): string {
  const who = subject === null ? kind : `${kind} ${subject}`;
  return `${severity === "info" ? "" : `${severity}: `}${who}: ${text}`;
}
