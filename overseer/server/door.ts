import fastify, { type FastifyInstance } from "fastify";
import { Server } from "socket.io";
import { AppError, messageOf } from "../../shared/errors/app-error.ts";
import type { TlsIdentity } from "./tls-identity.ts";

export interface DoorOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Null: whoever can listen on the way sees everything, tokens and keys included. */
  readonly tls: TlsIdentity | null;
}

export interface DoorEvents {
  /** Somebody came who does not speak TLS as this door wants it. */
  onTlsFailure(address: string, cause: string): void;
}

/** Beacons send chunks below 1 MB; the rest is for the largest status of many phases and nodes. */
const maximumMessageBytes = 4 * 1024 * 1024;
/** A handshake on a slow line takes a few round trips; who takes longer only holds a socket. */
const handshakeTimeoutMs = 10_000;

/** Where the overseer listens: Fastify with Socket.IO on one port, over TLS if it has a certificate. */
export class Door {
  readonly app: FastifyInstance;
  readonly io: Server;
  readonly #options: DoorOptions;

  constructor(options: DoorOptions, events: DoorEvents) {
    this.#options = options;
    this.app = createApp(options.tls);
    this.app.server.on("tlsClientError", (error: Error, socket: { remoteAddress?: string }) => {
      events.onTlsFailure(addressText(socket.remoteAddress), messageOf(error));
    });
    this.io = new Server(this.app.server, {
      transports: ["websocket"],
      maxHttpBufferSize: maximumMessageBytes,
      serveClient: false,
      // A half-open connection must be given up well within a lease, so that the beacon comes back in time.
      pingInterval: 2000,
      pingTimeout: 4000,
      // Browsers send an Origin, programs do not; CORS does not guard WebSockets, so a web page must be refused here.
      allowRequest: (request, decide) => decide(null, request.headers.origin === undefined),
    });
  }

  /** Starts to listen; returns the URL that is dialled. Throws PORT_IN_USE or CONFIGURATION_INVALID. */
  async listen(): Promise<string> {
    const { host, port, tls } = this.#options;
    try {
      await this.app.listen({ host, port });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "EADDRINUSE") {
        throw new AppError("PORT_IN_USE", `port ${port} on ${host} is in use`, {
          cause: error,
          hint: "choose another with --listen HOST:PORT, or 0 as port for any free one",
        });
      }
      throw new AppError("CONFIGURATION_INVALID", `cannot listen on ${host}:${port}: ${messageOf(error)}`, {
        cause: error,
      });
    }
    const address = this.app.server.address();
    const actualPort = typeof address === "object" && address !== null ? address.port : port;
    return urlOf(tls, host, actualPort);
  }

  async close(): Promise<void> {
    await this.io.close();
    await this.app.close();
  }
}

/** `https://host:port`, with brackets around an IPv6 address. */
export function urlOf(tls: TlsIdentity | null, host: string, port: number | string): string {
  return `${tls === null ? "http" : "https"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** As people write it: IPv4 without the prefix that a socket for both families gives it. */
export function addressText(address: string | undefined): string {
  return (address ?? "an unknown address").replace(/^::ffff:/, "");
}

function createApp(tls: TlsIdentity | null): FastifyInstance {
  const common = { logger: false, forceCloseConnections: true } as const;
  if (tls === null) return fastify(common);
  const app = fastify({
    ...common,
    https: {
      cert: tls.certificate,
      key: tls.key,
      minVersion: "TLSv1.2",
      handshakeTimeout: handshakeTimeoutMs,
      ...(tls.clientAuthority === null ? {} : { ca: tls.clientAuthority, requestCert: true, rejectUnauthorized: true }),
    },
  });
  // The same routes and hooks, whatever carries them.
  return app as unknown as FastifyInstance;
}
