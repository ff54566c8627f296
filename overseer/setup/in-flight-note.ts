import { readFile, rm, writeFile } from "node:fs/promises";
import { z } from "zod";
import { AppError, messageOf } from "../../shared/errors/app-error.ts";
import { waitUntil } from "../../shared/time/wait.ts";

const noteSchema = z.object({ chainId: z.string(), untilSeconds: z.number(), process: z.number().int() });

/**
 * A note beside the scenario of when the last of what was sent can get into a block. Whoever finds one left over by a
 * setup that was killed waits until then before it looks at the chain: otherwise it would send again what is still on
 * its way. Holds no secrets.
 */
export class InFlightNote {
  readonly #path: string;
  readonly #chainId: string;

  constructor(scenarioPath: string, chainId: string) {
    this.#path = `${scenarioPath}.setup-under-way`;
    this.#chainId = chainId;
  }

  async write(untilSeconds: number): Promise<void> {
    const note = { chainId: this.#chainId, untilSeconds, process: process.pid };
    try {
      await writeFile(this.#path, JSON.stringify(note), { mode: 0o600 });
    } catch (error) {
      throw new AppError("CONFIGURATION_INVALID", `cannot write ${this.#path}: ${messageOf(error)}`, {
        cause: error,
        hint: "Setup keeps a note there of what is on its way, so that nothing is paid twice after a crash.",
      });
    }
  }

  /** Everything that was sent has an end. */
  remove(): Promise<void> {
    return rm(this.#path, { force: true });
  }

  /** Throws CONFIGURATION_INVALID while another process is at it. `headSeconds`: the chain's time. */
  async settle(options: {
    readonly headSeconds: () => Promise<number>;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
    readonly onWait: (seconds: number) => void;
  }): Promise<void> {
    const note = await this.#read();
    if (note === null || note.chainId !== this.#chainId) return;
    if (note.process !== process.pid && isRunning(note.process)) {
      throw new AppError("CONFIGURATION_INVALID", `process ${note.process} is setting up this scenario`, {
        hint: `Wait until it is done. If that is another program, delete ${this.#path}.`,
      });
    }
    const left = note.untilSeconds - (await options.headSeconds());
    if (left >= 0) options.onWait(left);
    await waitUntil(async () => (await options.headSeconds()) > note.untilSeconds, {
      ...options,
      everyMs: 500,
      onTimeout: () =>
        new AppError("NETWORK_NOT_READY", "the chain's time does not go on: is the network producing blocks?"),
    });
    await this.remove();
  }

  async #read(): Promise<z.output<typeof noteSchema> | null> {
    try {
      return noteSchema.parse(JSON.parse(await readFile(this.#path, "utf8")));
    } catch {
      // None, or one that a crash left half-written: then nothing was sent after it.
      return null;
    }
  }
}

function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}
