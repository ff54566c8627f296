import { Ansis } from "ansis";
import stringWidth from "string-width";
import type { EventRecord } from "../../ledger/evidence.ts";
import type { LiveView, PreparingView, RunProgress, SetupView } from "../../run/progress.ts";
import { wrapped } from "../problems.ts";
import { eventText } from "./plain-progress.ts";
import {
  bar,
  beaconsText,
  chainText,
  countsText,
  latencyText,
  preparingText,
  ratesText,
  setupText,
  stageText,
} from "./wording.ts";

export interface TerminalProgressOptions {
  readonly write: (text: string) => void;
  /** Asked at every drawing, because windows are resized. */
  readonly columns: () => number;
  readonly color: boolean;
}

const labelWidth = 10;
const barWidth = 24;

/** Redraws a block of lines in place; what is told meanwhile scrolls above it. */
export class TerminalProgress implements RunProgress {
  readonly #options: TerminalProgressOptions;
  readonly #paint: Ansis;
  #drawn = 0;
  #block: readonly string[] = [];

  constructor(options: TerminalProgressOptions) {
    this.#options = options;
    this.#paint = new Ansis(options.color ? 3 : 0);
  }

  fact(label: string, text: string): void {
    const indent = " ".repeat(labelWidth);
    const lines = this.#fitted(text, labelWidth).map((line, i) =>
      i === 0 ? this.#labelled(label, line) : indent + line,
    );
    this.#above(lines.join("\n"));
  }

  /** What is neither part of the block nor of the run's own story. */
  note(text: string): void {
    this.#above(this.#fitted(text, 0).join("\n"));
  }

  copyable(label: string, text: string): void {
    this.#above(`${this.#paint.bold(label.padEnd(labelWidth))}${text}`);
  }

  setup(view: SetupView): void {
    const line = this.#labelled("Setup", `${bar(view.done / Math.max(1, view.steps), barWidth)} ${setupText(view)}`);
    if (view.done < view.steps) this.#draw([line]);
    else {
      this.#draw([]);
      this.#above(line);
    }
  }

  preparing(view: PreparingView): void {
    const line = this.#labelled(
      "Prepare",
      `${bar(view.prepared / Math.max(1, view.planned), barWidth)} ${preparingText(view)}`,
    );
    if (view.prepared < view.planned) this.#draw([line]);
    else {
      this.#draw([]);
      this.#above(line);
    }
  }

  live(view: LiveView): void {
    const phase = view.phase;
    const share = phase === null ? 1 : phase.intoMicros / phase.durationMicros;
    const progress = view.stage === "broadcasting" ? `${bar(share, barWidth)} ` : "";
    this.#draw([
      "",
      this.#labelled(
        view.stage === "broadcasting" && phase !== null ? `${phase.number}/${phase.of}` : "",
        `${progress}${stageText(view)}`,
      ),
      this.#labelled("Rates", ratesText(view)),
      this.#labelled("Latency", latencyText(view)),
      this.#labelled("Counts", countsText(view)),
      this.#labelled("Chain", chainText(view)),
      this.#labelled("Beacons", beaconsText(view)),
    ]);
  }

  event(event: EventRecord): void {
    if (event.severity === "info" && event.kind === "phase") return;
    const paint = { info: this.#paint.dim, warning: this.#paint.yellow, error: this.#paint.red }[event.severity];
    this.#above(
      this.#fitted(eventText(event), 0)
        .map((line) => paint(line))
        .join("\n"),
    );
  }

  /** Leaves the last block standing and the cursor below it. */
  finish(): void {
    this.#drawn = 0;
    this.#block = [];
  }

  get #width(): number {
    // One less than there is: a full last column makes some terminals wrap.
    return Math.max(20, this.#options.columns() - 1);
  }

  /** What is told once is told whole, on as many lines as it takes; only a word that is wider than the window is cut. */
  #fitted(text: string, indent: number): string[] {
    const room = this.#width - indent;
    return wrapped(text, room).map((line) => truncate(line, room));
  }

  #labelled(label: string, text: string): string {
    const room = this.#width - labelWidth;
    return `${this.#paint.bold(label.padEnd(labelWidth))}${truncate(text, room)}`;
  }

  #above(line: string): void {
    const block = this.#block;
    this.#options.write(`${this.#erase()}${line}\n`);
    this.#drawn = 0;
    this.#draw(block);
  }

  #draw(block: readonly string[]): void {
    const text = block.map((line) => `${line}\n`).join("");
    this.#options.write(this.#erase() + text);
    this.#drawn = block.length;
    this.#block = block;
  }

  #erase(): string {
    // To the first column: a terminal shows a key such as ^C where the cursor is.
    return this.#drawn === 0 ? "" : `\u001b[${this.#drawn}F\u001b[0J`;
  }
}

/** Cut to `width` columns with an ellipsis. */
function truncate(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let cut = text.slice(0, width);
  while (stringWidth(cut) > width - 1) cut = cut.slice(0, -1);
  return `${cut}…`;
}
