import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AppError } from "../../shared/errors/app-error.ts";

/** Between two attempts to get a port back that a client's own connection happens to sit on. */
const retryMs = 20;

/** The listening socket of one node: opened, shut during outages, and opened again on the same port. */
export class ListeningPort {
  readonly #server: Server;
  #host = "";
  #port = 0;
  #isWanted = false;
  #retry: NodeJS.Timeout | null = null;

  constructor(server: Server) {
    this.#server = server;
    server.on("close", () => {
      if (this.#isWanted) this.#open();
    });
  }

  /** Resolves to the port; rejects with PORT_IN_USE or NETWORK_UNREACHABLE. */
  async listen(host: string, port: number): Promise<number> {
    const server = this.#server;
    await new Promise<void>((resolve, reject) => {
      const onError = (cause: NodeJS.ErrnoException): void => reject(toListenError(cause, host, port));
      server.once("error", onError);
      server.listen(port, host, () => {
        server.off("error", onError);
        resolve();
      });
    });
    this.#host = host;
    this.#port = (server.address() as AddressInfo).port;
    // A port that cannot be had back at once is tried again; nothing else is reported here.
    server.on("error", () => {
      if (this.#isWanted) this.#retry = setTimeout(() => this.#open(), retryMs);
    });
    return this.#port;
  }

  /** Whoever has connections that the HTTP server does not know of any more, such as WebSockets, ends those. */
  shut(): void {
    this.#isWanted = false;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#server.close();
    this.#server.closeAllConnections();
  }

  reopen(): void {
    this.#isWanted = true;
    // Connections that are still ending keep the server half closed; its close event then opens it.
    if (!this.#server.listening) this.#open();
  }

  async close(): Promise<void> {
    this.#isWanted = false;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #open(): void {
    if (!this.#server.listening) this.#server.listen(this.#port, this.#host);
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
