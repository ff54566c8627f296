import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "../../errors/app-error.ts";
import { withDeadline } from "../../time/wait.ts";
import type { BroadcasterOptions } from "../driver.ts";

const firstRetryMs = 100;
const longestRetryMs = 5000;

export interface ConnectionEvents {
  onOpen(): void;
  /** Once and never within the constructor. Null: it ended in good order, as its node wished. */
  onLost(error: string | null): void;
}

export interface KeptConnection {
  close(): Promise<void>;
}

/** Keeps several connections to one node. Each that is lost is opened again, later after every failure. */
export class ConnectionSet<Connection extends KeptConnection> {
  /** Null where one is neither open nor being opened. */
  readonly slots: readonly (Connection | null)[];
  openCount = 0;

  readonly #options: Pick<BroadcasterOptions, "endpoint" | "connections" | "connectTimeoutMs" | "handlers">;
  readonly #create: (events: ConnectionEvents) => Connection;
  readonly #slots: (Connection | null)[];
  readonly #stopped = new AbortController();
  #lastError: string | null = null;
  #onAllOpen: () => void = () => undefined;

  constructor(
    options: Pick<BroadcasterOptions, "endpoint" | "connections" | "connectTimeoutMs" | "handlers">,
    create: (events: ConnectionEvents) => Connection,
  ) {
    this.#options = options;
    this.#create = create;
    this.#slots = new Array<null>(options.connections).fill(null);
    this.slots = this.#slots;
  }

  /** Resolves when all are open. Throws AppError NETWORK_UNREACHABLE when the time is up. */
  async open(): Promise<void> {
    const { endpoint, connectTimeoutMs, connections } = this.#options;
    const allOpen = new Promise<void>((resolve) => {
      this.#onAllOpen = resolve;
    });
    for (let slot = 0; slot < connections; slot++) this.#connect(slot, 0);
    try {
      await withDeadline(allOpen, {
        timeoutMs: connectTimeoutMs,
        onTimeout: () => {
          const seen = `${this.openCount} of ${connections} connections open: ${this.#lastError ?? "no answer"}`;
          return new AppError("NETWORK_UNREACHABLE", `${endpoint}: ${seen}`);
        },
      });
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#slots.filter((connection) => connection !== null).map((open) => open.close()));
  }

  #connect(slot: number, failures: number): void {
    let opened = false;
    this.#slots[slot] = this.#create({
      onOpen: () => {
        opened = true;
        this.openCount++;
        this.#options.handlers.onConnections(this.openCount, null);
        if (this.openCount === this.#slots.length) this.#onAllOpen();
      },
      onLost: (error) => {
        this.#lastError = error;
        this.#slots[slot] = null;
        if (opened) {
          this.openCount--;
          this.#options.handlers.onConnections(this.openCount, this.#stopped.signal.aborted ? null : error);
        }
        void this.#reconnect(slot, opened ? 0 : failures + 1, error === null);
      },
    });
  }

  async #reconnect(slot: number, failures: number, atOnce: boolean): Promise<void> {
    // Spread out, so that many beacons do not come back to a restarted node in the same instant.
    const waitMs = Math.min(longestRetryMs, firstRetryMs * 2 ** failures) * (0.5 + Math.random() / 2);
    try {
      await delay(atOnce ? 0 : waitMs, undefined, { signal: this.#stopped.signal, ref: false });
    } catch {
      return;
    }
    this.#connect(slot, failures);
  }
}
