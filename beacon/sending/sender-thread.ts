import { Worker } from "node:worker_threads";
import { AppError, fromErrorData, messageOf } from "../../shared/errors/app-error.ts";
import { withDeadline } from "../../shared/time/wait.ts";
import { workerLocation } from "../worker-location.ts";
import type { SenderCommand, SenderNews, SenderSetup } from "./sender-messages.ts";

export interface SenderThreadHandlers {
  onNews(news: Extract<SenderNews, { kind: "connections" | "reason" | "stage" }>): void;
  /** The thread is gone although nobody closed it. */
  onLost(error: AppError): void;
}

/** A thread that is asked to close connections that hang is ended by force after this. */
const closeTimeoutMs = 2000;
/** On top of the connections' own time-out: starting a thread takes a quarter of a second, loaded machines longer. */
const startTimeoutMs = 10_000;

/** The control thread's handle of the sending thread. */
export class SenderThread {
  readonly #setup: SenderSetup;
  readonly #handlers: SenderThreadHandlers;
  readonly #worker: Worker;
  readonly #opened: Promise<void>;
  readonly #closed: Promise<void>;
  #settleOpened: { readonly resolve: () => void; readonly reject: (error: Error) => void } | null = null;
  #settleClosed: () => void = () => undefined;
  #closing = false;

  constructor(setup: SenderSetup, handlers: SenderThreadHandlers) {
    this.#setup = setup;
    this.#handlers = handlers;
    this.#opened = new Promise((resolve, reject) => {
      this.#settleOpened = { resolve, reject };
    });
    this.#opened.catch(() => undefined);
    this.#closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    const { filename, execArgv } = workerLocation("sender-worker", import.meta.url);
    this.#worker = new Worker(new URL(filename), { workerData: setup, execArgv });
    this.#worker.on("message", (news: SenderNews) => this.#onNews(news));
    this.#worker.on("error", (error) => this.#onGone(messageOf(error)));
    this.#worker.on("exit", (code) => this.#onGone(`it ended with code ${code}`));
  }

  /** Resolves when every node has been reached; rejects with the driver's error otherwise. */
  async opened(signal: AbortSignal): Promise<void> {
    const timeoutMs = this.#setup.connectTimeoutMs + startTimeoutMs;
    await withDeadline(this.#opened, {
      timeoutMs,
      signal,
      onTimeout: () => new AppError("NETWORK_UNREACHABLE", `no connection to every node within ${timeoutMs} ms`),
    });
  }

  send(command: SenderCommand): void {
    this.#worker.postMessage(command);
  }

  async close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      this.send({ kind: "close" });
    }
    const giveUp = new AppError("INTERNAL", "the sending thread did not close in time");
    await withDeadline(this.#closed, { timeoutMs: closeTimeoutMs, onTimeout: () => giveUp }).catch(() => undefined);
    await this.#worker.terminate();
  }

  #onNews(news: SenderNews): void {
    switch (news.kind) {
      case "open":
        this.#settleOpened?.resolve();
        break;
      case "openFailed":
        this.#settleOpened?.reject(fromErrorData(news.error));
        break;
      case "closed":
        this.#settleClosed();
        break;
      default:
        this.#handlers.onNews(news);
    }
  }

  #onGone(how: string): void {
    this.#settleClosed();
    if (this.#closing) return;
    this.#closing = true;
    const error = new AppError("INTERNAL", `the sending thread is gone: ${how}`);
    this.#settleOpened?.reject(error);
    this.#handlers.onLost(error);
  }
}
