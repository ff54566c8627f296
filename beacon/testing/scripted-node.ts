import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

/** A node for beacons' broadcasts on this host: answers everything at once, unless told otherwise. */
export class ScriptedNode {
  /** By its id; null keeps the node silent. */
  answerTo: (id: number) => string | null = (id) => `{"id":${id},"result":null}`;
  received = 0;
  readonly #server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });

  async listen(): Promise<string> {
    this.#server.on("connection", (socket) => this.#serve(socket));
    if (this.#server.address() === null) await once(this.#server, "listening");
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cutConnections(): void {
    for (const client of this.#server.clients) client.terminate();
  }

  async close(): Promise<void> {
    this.cutConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: WebSocket): void {
    socket.on("message", (data: Buffer) => {
      this.received++;
      const answer = this.answerTo(Number(/^\{"id":(\d+)/.exec(data.toString("latin1", 0, 24))?.[1]));
      if (answer !== null) socket.send(answer, { binary: false });
    });
  }
}
