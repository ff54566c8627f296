import { ConnectionSet } from "../broadcasting/connection-set.ts";
import type { Broadcaster, BroadcasterOptions } from "../driver.ts";
import type { AntelopeData } from "./chain-data.ts";
import { HttpConnection } from "./http-connection.ts";

/** Several connections to one node, each with one request at a time. The one that has been free the longest is taken. */
export class AntelopeBroadcaster implements Broadcaster {
  readonly #connections: ConnectionSet<HttpConnection>;
  /** In the order in which they became free; those that were lost since are passed over. */
  readonly #free = new Set<HttpConnection>();

  constructor(options: BroadcasterOptions) {
    const { endpoint, handlers } = options;
    const call = (options.data as AntelopeData).broadcastCall;
    this.#connections = new ConnectionSet(options, (events) => {
      const connection: HttpConnection = new HttpConnection(
        { endpoint, call },
        {
          handlers,
          onOpen: () => events.onOpen(),
          onFree: () => this.#free.add(connection),
          onLost: (error) => events.onLost(error),
        },
      );
      return connection;
    });
  }

  get openConnections(): number {
    return this.#connections.openCount;
  }

  get hasRoom(): boolean {
    return this.#firstFree() !== undefined;
  }

  get inFlight(): number {
    return this.#connections.slots.filter((connection) => connection !== null && connection.token >= 0).length;
  }

  get bufferedBytes(): number {
    return this.#connections.slots.reduce((sum, connection) => sum + (connection?.bufferedBytes ?? 0), 0);
  }

  open(): Promise<void> {
    return this.#connections.open();
  }

  send(token: number, body: Uint8Array): boolean {
    const connection = this.#firstFree();
    if (connection === undefined) return false;
    this.#free.delete(connection);
    connection.send(token, body);
    return true;
  }

  giveUp(token: number): void {
    this.#connections.slots.find((connection) => connection?.token === token)?.giveUp();
  }

  flush(): void {
    // Nothing is held back: each request is a write of its own, to a connection of its own.
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  #firstFree(): HttpConnection | undefined {
    for (const connection of this.#free) {
      if (connection.isFree) return connection;
      this.#free.delete(connection);
    }
    return undefined;
  }
}
