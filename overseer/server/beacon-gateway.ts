import { createHash, timingSafeEqual } from "node:crypto";
import fastify, { type FastifyInstance } from "fastify";
import { Server } from "socket.io";
import { AppError, messageOf } from "../../shared/errors/app-error.ts";
import type { BeaconToOverseer, OverseerToBeacon } from "../../shared/protocol/events.ts";
import { helloSchema, protocolVersion } from "../../shared/protocol/messages.ts";
import type { Clock } from "../../shared/time/clock.ts";
import { BeaconSession } from "./beacon-session.ts";

export interface GatewayOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly token: string;
}

export interface GatewayDependencies {
  readonly clock: Clock;
  /** A beacon that was not there before. */
  onArrival(session: BeaconSession): void;
  /** Somebody was turned away: never more than a name and a cause. */
  onRefusal(name: string, cause: string): void;
}

/** Beacons send chunks below 1 MB; the rest is for the largest status of many phases and nodes. */
const maximumMessageBytes = 4 * 1024 * 1024;

const loopbackHosts = new Set(["127.0.0.1", "localhost", "::1"]);

export function isLoopback(host: string): boolean {
  return loopbackHosts.has(host) || host.startsWith("127.");
}

/** The overseer's door for beacons: Fastify with Socket.IO, namespace `/beacons`. */
export class BeaconGateway {
  readonly sessions = new Map<string, BeaconSession>();
  readonly #options: GatewayOptions;
  readonly #dependencies: GatewayDependencies;
  readonly #app: FastifyInstance;
  readonly #io: Server;

  constructor(options: GatewayOptions, dependencies: GatewayDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#app = fastify({ logger: false, forceCloseConnections: true });
    this.#app.get("/healthz", () => ({ status: "ok", beacons: this.sessions.size }));
    this.#io = new Server(this.#app.server, {
      transports: ["websocket"],
      maxHttpBufferSize: maximumMessageBytes,
      serveClient: false,
      // A half-open connection must be given up well within a lease, so that the beacon comes back in time.
      pingInterval: 2000,
      pingTimeout: 4000,
      // Browsers send an Origin, beacons do not; CORS does not guard WebSockets, so a web page must be refused here.
      allowRequest: (request, decide) => decide(null, request.headers.origin === undefined),
    });
    this.#serveBeacons();
  }

  /** Starts to listen; returns the URL that beacons dial. Throws PORT_IN_USE or CONFIGURATION_INVALID. */
  async listen(): Promise<string> {
    const { host, port, token } = this.#options;
    if (token.length < 16) {
      throw new AppError(
        "CONFIGURATION_INVALID",
        "the token for beacons is too short: at least 16 characters are needed",
      );
    }
    try {
      await this.#app.listen({ host, port });
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
    const address = this.#app.server.address();
    const actualPort = typeof address === "object" && address !== null ? address.port : port;
    return `http://${host.includes(":") ? `[${host}]` : host}:${actualPort}`;
  }

  async close(): Promise<void> {
    for (const session of this.sessions.values()) session.disconnect();
    await this.#io.close();
    await this.#app.close();
  }

  #serveBeacons(): void {
    const expected = digest(this.#options.token);
    const namespace = this.#io.of("/beacons") as ReturnType<Server<BeaconToOverseer, OverseerToBeacon>["of"]>;
    namespace.use((socket, next) => {
      const refuse = (name: string, cause: string): void => {
        this.#dependencies.onRefusal(name, cause);
        next(new Error(cause));
      };
      const auth: unknown = socket.handshake.auth;
      const token = (auth as { token?: unknown }).token;
      if (typeof token !== "string" || !timingSafeEqual(digest(token), expected)) {
        refuse("unknown", "the token is not the overseer's");
        return;
      }
      const version = (auth as { protocolVersion?: unknown }).protocolVersion;
      if (version !== protocolVersion) {
        refuse(
          "unknown",
          `protocol version ${String(version)} is not the overseer's ${protocolVersion}: use the same release`,
        );
        return;
      }
      const hello = helloSchema.safeParse(auth);
      if (!hello.success) {
        refuse("unknown", `the handshake is incomplete: ${hello.error.issues.map((i) => i.path.join(".")).join(", ")}`);
        return;
      }
      const known = this.sessions.get(hello.data.name);
      if (known !== undefined && known.hello.instance !== hello.data.instance && known.connected) {
        refuse(hello.data.name, `the name ${hello.data.name} is taken by another beacon`);
        return;
      }
      socket.data = hello.data;
      next();
    });
    namespace.on("connection", (socket) => {
      const hello = helloSchema.parse(socket.data);
      let session = this.sessions.get(hello.name);
      const isNew = session === undefined || session.hello.instance !== hello.instance;
      if (session === undefined || isNew) {
        session = new BeaconSession(hello, this.#dependencies.clock);
        this.sessions.set(hello.name, session);
      }
      session.attach(socket);
      if (isNew) this.#dependencies.onArrival(session);
    });
  }
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
