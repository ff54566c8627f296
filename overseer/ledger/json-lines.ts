import { appendFile, readFile } from "node:fs/promises";
import { AppError } from "../../shared/errors/app-error.ts";
import { cannotWrite } from "./write-atomically.ts";

/**
 * Appends records to a file of JSON lines, in order, without making the caller wait. What comes in while a write is
 * under way goes with the next one, so that bursts cost few writes.
 */
export class JsonLinesWriter<T> {
  readonly #path: string;
  #waiting: string[] = [];
  #writing: Promise<void> = Promise.resolve();
  #failure: AppError | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** The first failure; nothing is written after it. */
  get failure(): AppError | null {
    return this.#failure;
  }

  append(record: T): void {
    if (this.#waiting.push(`${JSON.stringify(record)}\n`) === 1) {
      this.#writing = this.#writing.then(() => this.#writeWaiting());
    }
  }

  /** Resolves once everything appended so far is in the file. Throws AppError REPORT_FAILED. */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#failure !== null) throw this.#failure;
  }

  async #writeWaiting(): Promise<void> {
    const lines = this.#waiting.join("");
    this.#waiting = [];
    if (this.#failure !== null) return;
    try {
      await appendFile(this.#path, lines);
    } catch (error) {
      this.#failure = cannotWrite(this.#path, error);
    }
  }
}

/** Records of the file in order; none when there is no such file. A last line that a crash cut short is left out. */
export async function readJsonLines<T>(path: string): Promise<T[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  return whole
    .split("\n")
    .filter((line) => line !== "")
    .map((line, index) => parseLine<T>(line, path, index + 1));
}

function parseLine<T>(line: string, path: string, number: number): T {
  try {
    return JSON.parse(line) as T;
  } catch (error) {
    throw new AppError("REPORT_FAILED", `${path} is damaged in line ${number}`, { cause: error });
  }
}
