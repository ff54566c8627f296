import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { AppError, messageOf } from "../errors/app-error.ts";
import { isLoopback, parseListenAddress } from "../listening/listen-address.ts";
import { expositionContentType, expositionOf, type MetricFamily } from "./exposition-text.ts";
import type { MetricsRequest } from "./metrics-request.ts";

/** A few scrapers and somebody who looks: who holds more connections than this is no scraper. */
const mostConnections = 32;
const requestTimeoutMs = 10_000;

/** Serves `/metrics` and nothing else. What it tells is read when it is asked, and only then. */
export class MetricsServer {
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  /** Throws PORT_IN_USE or CONFIGURATION_INVALID; nothing listens then. */
  static async start(request: MetricsRequest, read: () => readonly MetricFamily[]): Promise<MetricsServer> {
    const { host, port } = request;
    const server = createServer(
      { requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs },
      (message, reply) => answer(message, reply, request, read),
    );
    server.maxConnections = mostConnections;
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) => reject(refusalOf(request, error)));
      server.listen({ host, port }, resolve);
    });
    // A scrape that breaks off is the scraper's matter.
    server.on("error", () => undefined);
    const address = server.address();
    const actualPort = typeof address === "object" && address !== null ? address.port : port;
    return new MetricsServer(server, `http://${host.includes(":") ? `[${host}]` : host}:${actualPort}/metrics`);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

function answer(
  { method, url, headers }: IncomingMessage,
  reply: ServerResponse,
  { host, token }: MetricsRequest,
  read: () => readonly MetricFamily[],
): void {
  reply.setHeader("cache-control", "no-store");
  reply.setHeader("x-content-type-options", "nosniff");
  // A web page that has its own name point to this machine gets at what no token guards.
  if (token === null && isLoopback(host) && !isLoopback(nameIn(headers.host))) {
    end(reply, 421, "figures of this machine are under its own name\n");
    return;
  }
  if (token !== null && !shows(headers.authorization, token)) {
    reply.setHeader("www-authenticate", "Bearer");
    end(reply, 401, "a token is needed\n");
    return;
  }
  if (url?.split("?", 1)[0] !== "/metrics") {
    end(reply, 404, "figures are under /metrics\n");
    return;
  }
  if (method !== "GET" && method !== "HEAD") {
    reply.setHeader("allow", "GET, HEAD");
    end(reply, 405, "figures can only be read\n");
    return;
  }
  try {
    const text = expositionOf(read());
    reply.setHeader("content-type", expositionContentType);
    reply.end(method === "HEAD" ? undefined : text);
  } catch (error) {
    // Figures that cannot be read are no reason to end a run.
    end(reply, 500, `the figures could not be read: ${messageOf(error)}\n`);
  }
}

function end(reply: ServerResponse, status: number, text: string): void {
  reply.statusCode = status;
  reply.setHeader("content-type", "text/plain; charset=utf-8");
  reply.end(text);
}

function nameIn(host: string | undefined): string {
  return parseListenAddress(host ?? "")?.host ?? host?.replace(/^\[(.*)\]$/, "$1") ?? "";
}

/** Does not tell by the time it takes how near it was. */
function shows(authorization: string | undefined, token: string): boolean {
  const [, shown = ""] = /^Bearer (\S+)$/i.exec(authorization ?? "") ?? [];
  return timingSafeEqual(digestOf(shown), digestOf(token));
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function refusalOf({ host, port }: MetricsRequest, error: NodeJS.ErrnoException): AppError {
  if (error.code === "EADDRINUSE") {
    return new AppError("PORT_IN_USE", `port ${port} on ${host} is in use`, {
      cause: error,
      hint: "choose another with --metrics HOST:PORT, or 0 as port for any free one",
    });
  }
  return new AppError("CONFIGURATION_INVALID", `cannot serve metrics on ${host}:${port}: ${messageOf(error)}`, {
    cause: error,
  });
}
