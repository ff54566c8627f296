import { setTimeout as delay } from "node:timers/promises";
import { withDeadline } from "../../time/wait.ts";
import type { Broadcaster, BroadcasterOptions } from "../driver.ts";
import { BroadcastConnection } from "./broadcast-connection.ts";
import { unreachable } from "./rpc-client.ts";

const firstRetryMs = 100;
const longestRetryMs = 5000;

/** Several connections to one node, taken in turn. Each that is lost is opened again, later after every failure. */
export class BitsharesBroadcaster implements Broadcaster {
  readonly #options: BroadcasterOptions;
  readonly #connections: (BroadcastConnection | null)[];
  readonly #stopped = new AbortController();
  #turn = 0;
  #open = 0;
  #lastError: string | null = null;
  #onAllOpen: () => void = () => undefined;

  constructor(options: BroadcasterOptions) {
    this.#options = options;
    this.#connections = new Array<null>(options.connections).fill(null);
  }

  get openConnections(): number {
    return this.#open;
  }

  get hasRoom(): boolean {
    return this.#open > 0;
  }

  get inFlight(): number {
    return this.#connections.reduce((sum, connection) => sum + (connection?.inFlight ?? 0), 0);
  }

  get bufferedBytes(): number {
    return this.#connections.reduce((sum, connection) => sum + (connection?.bufferedBytes ?? 0), 0);
  }

  async open(): Promise<void> {
    const { endpoint, connectTimeoutMs, connections } = this.#options;
    const allOpen = new Promise<void>((resolve) => {
      this.#onAllOpen = resolve;
    });
    for (let slot = 0; slot < connections; slot++) this.#connect(slot, 0);
    try {
      await withDeadline(allOpen, {
        timeoutMs: connectTimeoutMs,
        onTimeout: () =>
          unreachable(endpoint, `${this.#open} of ${connections} connections open: ${this.#lastError ?? "no answer"}`),
      });
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  send(token: number, body: Uint8Array): boolean {
    const connections = this.#connections;
    for (let tries = 0; tries < connections.length; tries++) {
      const connection = connections[this.#turn];
      this.#turn = this.#turn + 1 < connections.length ? this.#turn + 1 : 0;
      if (connection?.isOpen) {
        connection.send(token, body);
        return true;
      }
    }
    return false;
  }

  giveUp(): void {
    // Answers carry their number, so a late one keeps nothing from being sent.
  }

  flush(): void {
    for (const connection of this.#connections) connection?.flush();
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#connections.filter((connection) => connection !== null).map((open) => open.close()));
  }

  #connect(slot: number, failures: number): void {
    let opened = false;
    const connection = new BroadcastConnection(this.#options.endpoint, {
      handlers: this.#options.handlers,
      onOpen: () => {
        opened = true;
        this.#open++;
        this.#options.handlers.onConnections(this.#open, null);
        if (this.#open === this.#connections.length) this.#onAllOpen();
      },
      onLost: (error) => {
        this.#lastError = error;
        this.#connections[slot] = null;
        if (opened) {
          this.#open--;
          this.#options.handlers.onConnections(this.#open, this.#stopped.signal.aborted ? null : error);
        }
        void this.#reconnect(slot, opened ? 0 : failures + 1);
      },
    });
    this.#connections[slot] = connection;
  }

  async #reconnect(slot: number, failures: number): Promise<void> {
    // Spread out, so that many beacons do not come back to a restarted node in the same instant.
    const waitMs = Math.min(longestRetryMs, firstRetryMs * 2 ** failures) * (0.5 + Math.random() / 2);
    try {
      await delay(waitMs, undefined, { signal: this.#stopped.signal, ref: false });
    } catch {
      return;
    }
    this.#connect(slot, failures);
  }
}
