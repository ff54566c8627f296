/** What a command may touch of the outside world; only `main.ts` knows the process itself. */
export interface CliIo {
  /** Results: stdout. */
  out(text: string): void;
  /** Progress, logs and errors: stderr. */
  err(text: string): void;
  /** Width of the terminal, 80 where there is none; asked anew each time, because windows are resized. */
  readonly columns: number;
  /** Whether colours are wanted: a terminal, no NO_COLOR, not TERM=dumb. */
  readonly color: boolean;
  /** Whether stderr is a terminal on which lines can be redrawn. */
  readonly interactive: boolean;
  /** Tells something above what is redrawn on the terminal; null where nothing is. Set by whoever draws. */
  above: ((text: string) => void) | null;
  readonly env: Readonly<Record<string, string | undefined>>;
}
