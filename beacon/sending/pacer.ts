import { Worker } from "node:worker_threads";
import { workerLocation } from "../worker-location.ts";

/** Wakes the sender at an instant. Only the last instant asked for counts; a wake may also come for nothing. */
export interface Pacer {
  /** On the host's monotonic clock; Infinity: not until asked again. */
  wakeAt(micros: number): void;
  close(): Promise<void>;
}

/** What the pacing thread shares with the sender: a deadline, and a counter that is raised with every new one. */
export interface PacerMemory {
  readonly deadlineNanos: SharedArrayBuffer;
  readonly version: SharedArrayBuffer;
}

/** Stands for "no deadline" in `deadlineNanos`, and "end" respectively. */
export const noDeadline = -1n;
export const endDeadline = -2n;

/**
 * Timers of the event loop have whole milliseconds: they wake half a millisecond late on average. So a thread of its own
 * sleeps in `Atomics.wait`, which is exact to some 60 µs, and posts a message when the time has come. There is at most
 * one message under way: the thread posts once for each deadline, and the sender sets the next one only after it.
 * `docs/adr/0004-pacing.md` has the alternatives with their figures.
 */
export class ThreadPacer implements Pacer {
  readonly #worker: Worker;
  readonly #deadline: BigInt64Array;
  readonly #version: Int32Array;
  #asked = Number.POSITIVE_INFINITY;

  constructor(onWake: () => void, onError: (error: unknown) => void) {
    const memory: PacerMemory = {
      deadlineNanos: new SharedArrayBuffer(8),
      version: new SharedArrayBuffer(4),
    };
    this.#deadline = new BigInt64Array(memory.deadlineNanos);
    this.#version = new Int32Array(memory.version);
    this.#deadline[0] = noDeadline;
    const { filename, execArgv } = workerLocation("pacer-worker", import.meta.url);
    this.#worker = new Worker(new URL(filename), { workerData: memory, execArgv });
    this.#worker.on("error", onError);
    this.#worker.on("message", () => {
      this.#asked = Number.POSITIVE_INFINITY;
      onWake();
    });
  }

  wakeAt(micros: number): void {
    if (micros === this.#asked) return;
    this.#asked = micros;
    this.#publish(Number.isFinite(micros) ? BigInt(Math.max(0, Math.ceil(micros * 1000))) : noDeadline);
  }

  async close(): Promise<void> {
    this.#publish(endDeadline);
    await this.#worker.terminate();
  }

  #publish(deadline: bigint): void {
    Atomics.store(this.#deadline, 0, deadline);
    Atomics.add(this.#version, 0, 1);
    Atomics.notify(this.#version, 0);
  }
}
