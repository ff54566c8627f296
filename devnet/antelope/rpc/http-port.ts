import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { AppError } from "../../../shared/errors/app-error.ts";
import type { HttpAnswer } from "./error-answer.ts";

/** `http-max-body-size` of nodes as they are installed: what is larger is not read, and its connection is closed. */
const maximumBodyBytes = 2 * 1024 * 1024;
/** How long a node that comes back waits before it tries again to get its port. */
const retryMs = 50;

export type HandleRequest = (path: string, body: string, respond: (answer: HttpAnswer) => void) => void;

/** One node's HTTP port: whole requests in, whole answers out, and the ways in which a node fails its clients. */
export class HttpPort {
  readonly #handle: HandleRequest;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #address: { readonly host: string; readonly port: number } | null = null;
  #isStalled = false;
  #isClosed = false;
  #retry: NodeJS.Timeout | null = null;
  /** What waits for the end of a stall: requests read, answers made. */
  #held: (() => void)[] = [];

  constructor(handle: HandleRequest) {
    this.#handle = handle;
    // Real nodes close no idle connection, and load tools keep theirs for the whole run.
    const timeouts = { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 };
    this.#server = createServer(timeouts, (request, response) => this.#receive(request, response));
    this.#server.on("connection", (socket) => this.#connect(socket));
  }

  async listen(host: string, port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (cause: NodeJS.ErrnoException) => reject(toListenError(cause, host, port)));
      this.#server.listen(port, host, resolve);
    });
    this.#server.removeAllListeners("error");
    const { port: actual } = this.#server.address() as AddressInfo;
    this.#address = { host, port: actual };
    return `http://${host.includes(":") ? `[${host}]` : host}:${actual}`;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.dropConnections();
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
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

  /** Until `reopen`, nobody listens at the port. */
  shut(): void {
    this.#server.close();
    this.#held = [];
    this.dropConnections();
  }

  reopen(): void {
    if (this.#isClosed || this.#address === null) return;
    const { host, port } = this.#address;
    // Somebody else may have taken the port meanwhile, most likely for an outgoing connection that will not last.
    this.#server.once("error", () => {
      this.#retry = setTimeout(() => this.reopen(), retryMs);
    });
    this.#server.listen(port, host, () => this.#server.removeAllListeners("error"));
  }

  #connect(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    if (this.#isStalled) socket.pause();
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    let text = "";
    let bytes = 0;
    // Characters can lie across two chunks, so the decoding is left to the stream.
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => {
      bytes += chunk.length;
      if (bytes > maximumBodyBytes) request.destroy();
      else text += chunk;
    });
    request.on("end", () => {
      this.#whenAwake(() => this.#dispatch(request, text, response));
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

function toListenError(cause: NodeJS.ErrnoException, host: string, port: number): AppError {
  if (cause.code === "EADDRINUSE") {
    return new AppError("PORT_IN_USE", `Port ${port} on ${host} is in use by another program.`, {
      cause,
      hint: "Choose another port, or 0 for any free one.",
    });
  }
  return new AppError("NETWORK_UNREACHABLE", `Cannot listen on ${host}:${port}: ${cause.message}`, { cause });
}
