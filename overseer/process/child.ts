import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createWriteStream, type WriteStream } from "node:fs";
import { createInterface } from "node:readline";

export interface ChildOptions {
  readonly name: string;
  /** Module to run: `.js` with Node as it is, `.ts` through tsx, so that sources and build start alike. */
  readonly module: URL;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Everything the child says on stderr goes here. */
  readonly logFile: string;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Enough of a child's last words to explain its death. */
const rememberedLines = 40;

/**
 * A child process with a lifecycle: its stdin is held open for as long as the overseer lives, so that a child that
 * watches it ends by itself even when the overseer is killed.
 */
export class Child {
  readonly name: string;
  readonly exited: Promise<ChildExit>;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lastLines: string[] = [];
  readonly #log: WriteStream;
  #exit: ChildExit | null = null;
  #stopping: Promise<void> | null = null;

  constructor(options: ChildOptions, onLine: (line: string) => void = () => undefined) {
    this.name = options.name;
    const runtime = options.module.pathname.endsWith(".ts") ? ["--import", "tsx"] : [];
    this.#process = spawn(process.execPath, [...runtime, options.module.pathname, ...options.args], {
      stdio: "pipe",
      env: { ...process.env, ...options.env },
      // Not the terminal's process group: Ctrl-C is the overseer's to pass on, in its own order.
      detached: true,
    });
    this.#log = createWriteStream(options.logFile, { flags: "a" });
    this.#log.on("error", () => undefined);
    this.#process.stdin.on("error", () => undefined);
    createInterface({ input: this.#process.stdout }).on("line", onLine);
    createInterface({ input: this.#process.stderr }).on("line", (line) => {
      this.#log.write(`${line}\n`);
      this.#lastLines.push(line);
      if (this.#lastLines.length > rememberedLines) this.#lastLines.shift();
    });
    this.exited = new Promise((resolve) => {
      const finish = (exit: ChildExit): void => {
        if (this.#exit !== null) return;
        this.#exit = exit;
        this.#log.end();
        resolve(exit);
      };
      this.#process.once("error", (error) => {
        this.#lastLines.push(error.message);
        finish({ code: null, signal: null });
      });
      // "close" and not "exit": only then the last words have been read.
      this.#process.once("close", (code, signal) => finish({ code, signal }));
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get running(): boolean {
    return this.#exit === null;
  }

  get lastWords(): readonly string[] {
    return this.#lastLines;
  }

  /** How it ended, for a message. */
  describeExit(): string {
    const exit = this.#exit;
    if (exit === null) return "is running";
    const how = exit.signal === null ? `ended with exit code ${exit.code ?? "unknown"}` : `was ended by ${exit.signal}`;
    const last = this.#lastLines.at(-1);
    return last === undefined ? how : `${how}; its last words: ${messageInLogLine(last)}`;
  }

  /** Asks it to end, and makes it end when it has not after `graceMs`. Safe to call at any time and more than once. */
  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#stop(graceMs);
    return this.#stopping;
  }

  kill(): void {
    if (this.running) this.#process.kill("SIGKILL");
  }

  async #stop(graceMs: number): Promise<void> {
    if (!this.running) return;
    this.#process.kill("SIGTERM");
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), graceMs);
    await this.exited;
    clearTimeout(timer);
  }
}

/** What a line of a JSON log says; any other line is what it says. */
function messageInLogLine(line: string): string {
  try {
    const entry: unknown = JSON.parse(line);
    const message = typeof entry === "object" && entry !== null && "msg" in entry ? entry.msg : null;
    return typeof message === "string" ? message : line;
  } catch {
    return line;
  }
}

/** The entry of another of the programs, beside this one: built next to built, source next to source. */
export function entryOf(program: "beacon" | "devnet"): URL {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`../../${program}/main.${extension}`, import.meta.url);
}
