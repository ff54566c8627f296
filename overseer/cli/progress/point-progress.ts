import type { LiveView, PreparingView, RunProgress, SetupView } from "../../run/progress.ts";
import type { CliIo } from "../io.ts";
import { formatRate, preparingText, setupText, stageText } from "./wording.ts";

/** How far the point is that is being measured: one line, redrawn on a terminal, gone when the point is told. */
export class PointProgress implements RunProgress {
  readonly #io: CliIo;
  #drawn = false;

  constructor(io: CliIo) {
    this.#io = io;
  }

  fact(): void {
    // The head of a run is the same for every point.
  }

  copyable(): void {
    // As above.
  }

  event(): void {
    // In the point's own report.
  }

  setup(view: SetupView): void {
    this.#draw(setupText(view));
  }

  preparing(view: PreparingView): void {
    this.#draw(preparingText(view));
  }

  live(view: LiveView): void {
    const { due, included } = view.rates;
    const rates = view.stage === "broadcasting" ? `: due ${formatRate(due)}  included ${formatRate(included)}` : "";
    this.#draw(`${stageText(view)}${rates}`);
  }

  /** Leaves nothing of it. */
  clear(): void {
    if (this.#drawn) this.#io.err("\r\u001b[2K");
    this.#drawn = false;
  }

  #draw(text: string): void {
    // In a pipe there is a line for each point that is done, which is soon enough.
    if (!this.#io.interactive) return;
    this.#drawn = true;
    // A line that wraps could not be taken back.
    this.#io.err(`\r\u001b[2K${`measuring ${text}`.slice(0, this.#io.columns - 1)}`);
  }
}
