import type { Server } from "socket.io";
import { AppError } from "../../shared/errors/app-error.ts";
import type { BeaconToOverseer, OverseerToBeacon } from "../../shared/protocol/events.ts";
import { type Hello, helloSchema, protocolVersion, type RefusalData } from "../../shared/protocol/messages.ts";
import { release } from "../../shared/release.ts";
import type { Clock } from "../../shared/time/clock.ts";
import { BeaconSession, type BeaconSocket } from "./beacon-session.ts";
import { addressText, Door } from "./door.ts";
import type { TlsIdentity } from "./tls-identity.ts";
import { TokenGuard } from "./token-guard.ts";

export interface GatewayOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly token: string;
  readonly tls: TlsIdentity | null;
}

export interface GatewayEvents {
  /** A beacon that was not there before. */
  onArrival(session: BeaconSession): void;
  /** Somebody was turned away: never more than a name and a cause. */
  onRefusal(name: string, cause: string): void;
}

export interface GatewayDependencies extends GatewayEvents {
  readonly clock: Clock;
}

/** The overseer's door for beacons: Socket.IO's namespace `/beacons`. */
export class BeaconGateway {
  readonly sessions = new Map<string, BeaconSession>();
  readonly door: Door;
  readonly guard: TokenGuard;
  readonly #token: string;
  readonly #clock: Clock;
  readonly #watchers: Set<GatewayEvents>;

  constructor({ host, port, token, tls }: GatewayOptions, dependencies: GatewayDependencies) {
    this.#token = token;
    this.#clock = dependencies.clock;
    this.#watchers = new Set([dependencies]);
    this.guard = new TokenGuard(dependencies.clock);
    this.door = new Door(
      { host, port, tls },
      { onTlsFailure: (address, cause) => this.#tellRefusal(address, `TLS: ${cause}`) },
    );
    this.door.app.get("/healthz", () => ({ status: "ok", beacons: this.sessions.size }));
    this.#serveBeacons();
  }

  /** Starts to listen; returns the URL that beacons dial. Throws PORT_IN_USE or CONFIGURATION_INVALID. */
  async listen(): Promise<string> {
    if (this.#token.length < 16) {
      throw new AppError(
        "CONFIGURATION_INVALID",
        "the token for beacons is too short: at least 16 characters are needed",
      );
    }
    return this.door.listen();
  }

  /** Tells somebody more of what happens; returns what ends it. */
  watch(events: GatewayEvents): () => void {
    this.#watchers.add(events);
    return () => {
      this.#watchers.delete(events);
    };
  }

  async close(): Promise<void> {
    for (const session of this.sessions.values()) session.disconnect();
    await this.door.close();
  }

  #serveBeacons(): void {
    const namespace = this.door.io.of("/beacons") as ReturnType<Server<BeaconToOverseer, OverseerToBeacon>["of"]>;
    namespace.use((socket, next) => {
      const refusal = this.#refusalOf(socket);
      if (refusal === null) next();
      else next(refusal);
    });
    namespace.on("connection", (socket) => {
      const hello = helloSchema.parse(socket.data);
      let session = this.sessions.get(hello.name);
      const isNew = session === undefined || session.hello.instance !== hello.instance;
      if (session === undefined || isNew) {
        session = new BeaconSession(hello, this.#clock);
        this.sessions.set(hello.name, session);
      }
      session.attach(socket);
      if (isNew) for (const watcher of this.#watchers) watcher.onArrival(session);
    });
  }

  #tellRefusal(name: string, cause: string): void {
    for (const watcher of this.#watchers) watcher.onRefusal(name, cause);
  }

  /** Null for a beacon that may come in: what it said of itself is then in the socket's data. */
  #refusalOf(socket: BeaconSocket): Error | null {
    const address = addressText(socket.handshake.address);
    const auth = socket.handshake.auth as Partial<Record<keyof Hello, unknown>>;
    const refuse = (name: string, cause: string): Error => {
      this.#tellRefusal(name, cause);
      return new Error(cause);
    };
    const verdict = this.guard.check(address, auth.token, [this.#token]);
    if (verdict.kind === "held-off") {
      const cause = `${address} has shown too many wrong tokens`;
      if (verdict.isNews) this.#tellRefusal(address, `${cause} and is not listened to for a while`);
      const data: RefusalData = { retryAfterMs: verdict.retryAfterMs };
      return Object.assign(new Error(cause), { data });
    }
    if (verdict.kind === "wrong") return refuse(address, "the token is not the overseer's");
    if (auth.protocolVersion !== protocolVersion) return refuse(nameIn(auth) ?? address, versionsDiffer(auth));
    const hello = helloSchema.safeParse(auth);
    if (!hello.success) {
      const fields = hello.error.issues.map((issue) => issue.path.join(".")).join(", ");
      return refuse(nameIn(auth) ?? address, `the handshake is incomplete: ${fields}`);
    }
    const known = this.sessions.get(hello.data.name);
    if (known !== undefined && known.hello.instance !== hello.data.instance && known.connected) {
      const { hostname } = known.hello.host;
      return refuse(
        hello.data.name,
        `the name ${hello.data.name} is taken by another beacon, on ${hostname}: give this one another with --name`,
      );
    }
    socket.data = hello.data;
    return null;
  }
}

function versionsDiffer({ protocolVersion: theirs, host }: Partial<Record<keyof Hello, unknown>>): string {
  const theirRelease = (host as { version?: unknown } | undefined)?.version;
  const beacon = `the beacon speaks protocol version ${shortText(theirs)} (release ${shortText(theirRelease)})`;
  return `${beacon}, the overseer version ${protocolVersion} (release ${release}): install the same release on both`;
}

/** Of a beacon that is not known well enough to believe what it says. */
function nameIn({ name }: Partial<Record<keyof Hello, unknown>>): string | null {
  return helloSchema.shape.name.safeParse(name).data ?? null;
}

function shortText(value: unknown): string {
  return typeof value === "number" || typeof value === "string" ? String(value).slice(0, 20) : "unknown";
}
