import { ConnectionSet } from "../broadcasting/connection-set.ts";
import type { Broadcaster, BroadcasterOptions } from "../driver.ts";
import { BroadcastConnection } from "./broadcast-connection.ts";

/** Several connections to one node, taken in turn. */
export class BitsharesBroadcaster implements Broadcaster {
  readonly #connections: ConnectionSet<BroadcastConnection>;
  #turn = 0;

  constructor(options: BroadcasterOptions) {
    const { endpoint, handlers } = options;
    this.#connections = new ConnectionSet(
      options,
      (events) =>
        new BroadcastConnection(endpoint, {
          handlers,
          onOpen: () => events.onOpen(),
          onLost: (error) => events.onLost(error),
        }),
    );
  }

  get openConnections(): number {
    return this.#connections.openCount;
  }

  get hasRoom(): boolean {
    return this.#connections.openCount > 0;
  }

  get inFlight(): number {
    return this.#connections.slots.reduce((sum, connection) => sum + (connection?.inFlight ?? 0), 0);
  }

  get bufferedBytes(): number {
    return this.#connections.slots.reduce((sum, connection) => sum + (connection?.bufferedBytes ?? 0), 0);
  }

  open(): Promise<void> {
    return this.#connections.open();
  }

  send(token: number, body: Uint8Array): boolean {
    const { slots } = this.#connections;
    for (let tries = 0; tries < slots.length; tries++) {
      const connection = slots[this.#turn];
      this.#turn = this.#turn + 1 < slots.length ? this.#turn + 1 : 0;
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
    for (const connection of this.#connections.slots) connection?.flush();
  }

  close(): Promise<void> {
    return this.#connections.close();
  }
}
