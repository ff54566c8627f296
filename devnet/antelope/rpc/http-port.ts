import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { ListeningPort } from "../../network/listening-port.ts";
import type { HttpAnswer } from "./error-answer.ts";

/** `http-max-body-size` of nodes as they are installed: what is larger is not read, and its connection is closed. */
const maximumBodyBytes = 2 * 1024 * 1024;

export type HandleRequest = (path: string, body: string, respond: (answer: HttpAnswer) => void) => void;

/** One node's HTTP port: whole requests in, whole answers out, and the ways in which a node fails its clients. */
export class HttpPort {
  readonly #handle: HandleRequest;
  readonly #port: ListeningPort;
  readonly #sockets = new Set<Socket>();
  #isStalled = false;
  /** What waits for the end of a stall: requests read, answers made. */
  #held: (() => void)[] = [];

  constructor(handle: HandleRequest) {
    this.#handle = handle;
    // Real nodes close no idle connection, and load tools keep theirs for the whole run.
    const timeouts = { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 };
    const server: Server = createServer(timeouts, (request, response) => this.#receive(request, response));
    server.on("connection", (socket) => this.#connect(socket));
    this.#port = new ListeningPort(server);
  }

  async listen(host: string, port: number): Promise<string> {
    const actual = await this.#port.listen(host, port);
    return `http://${host.includes(":") ? `[${host}]` : host}:${actual}`;
  }

  async close(): Promise<void> {
    await this.#port.close();
  }

  /** A stalled node takes connections, for the system does it for it, but neither reads nor answers. */
  setStalled(isStalled: boolean): void {
    this.#isStalled = isStalled;
    for (const socket of this.#sockets) {
      if (isStalled) socket.pause();
      else socket.resume();
    }
    if (isStalled) return;
    const held = this.#held;
    this.#held = [];
    for (const act of held) act();
  }

  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** What was read or made for an answer is lost with the connections. */
  setGone(isGone: boolean): void {
    if (!isGone) {
      this.#port.reopen();
      return;
    }
    this.#held = [];
    this.#port.shut();
    this.dropConnections();
  }

  #connect(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    if (this.#isStalled) socket.pause();
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maximumBodyBytes) request.destroy();
      else chunks.push(chunk);
    });
    request.on("end", () => {
      const body = chunks.length === 1 ? String(chunks[0]) : Buffer.concat(chunks).toString();
      this.#whenAwake(() => this.#dispatch(request, body, response));
    });
  }

  #dispatch(request: IncomingMessage, body: string, response: ServerResponse): void {
    if (request.method === "OPTIONS") {
      this.#send(response, { status: 200, body: "{}" });
      return;
    }
    this.#handle(request.url ?? "/", body, (answer) => this.#whenAwake(() => this.#send(response, answer)));
  }

  #send(response: ServerResponse, { status, body }: HttpAnswer): void {
    response.sendDate = false;
    response.writeHead(status, ["content-type", "application/json", "content-length", String(Buffer.byteLength(body))]);
    response.end(body);
  }

  #whenAwake(act: () => void): void {
    if (this.#isStalled) this.#held.push(act);
    else act();
  }
}
