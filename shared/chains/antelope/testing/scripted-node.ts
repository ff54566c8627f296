import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ScriptedAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ScriptedRequest {
  /** Last part of the path. */
  readonly call: string;
  readonly path: string;
  readonly body: string;
}

/** An Antelope node on this host that answers as the test says; get_info is answered by itself. */
export class ScriptedNode {
  /** Null keeps the node silent. */
  answerTo: (request: ScriptedRequest) => ScriptedAnswer | null = () => null;
  /** Written instead of an answer to everything but get_info. */
  rawAnswer: string | null = null;
  readonly received: ScriptedRequest[] = [];
  /** Connections that were made so far. */
  connections = 0;
  endpoint = "";
  readonly #server = createServer({ keepAliveTimeout: 0 }, (request, response) => void this.#serve(request, response));

  static async listen(answerTo?: ScriptedNode["answerTo"]): Promise<ScriptedNode> {
    const node = new ScriptedNode();
    if (answerTo) node.answerTo = answerTo;
    node.#server.on("connection", () => node.connections++);
    node.#server.listen(0, "127.0.0.1");
    await once(node.#server, "listening");
    node.endpoint = `http://127.0.0.1:${(node.#server.address() as AddressInfo).port}`;
    return node;
  }

  cutConnections(): void {
    this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cutConnections();
    await closed;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of incoming) pieces.push(piece as Buffer);
    const path = incoming.url ?? "";
    const request = { path, call: path.slice(path.lastIndexOf("/") + 1), body: Buffer.concat(pieces).toString() };
    this.received.push(request);
    if (this.rawAnswer !== null && request.call !== "get_info") {
      response.socket?.end(this.rawAnswer);
      return;
    }
    const answer = this.answerTo(request) ?? (request.call === "get_info" ? { status: 200, body: "{}" } : null);
    if (answer === null) return;
    response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
    response.end(answer.body);
  }
}
