import { io, type Socket } from "socket.io-client";
import { AppError, messageOf } from "../../shared/errors/app-error.ts";
import type { BeaconToOverseer, OverseerToBeacon } from "../../shared/protocol/events.ts";
import { type Hello, type Reply, type Status, statusReplySchema } from "../../shared/protocol/messages.ts";
import { waitUntil, withDeadline } from "../../shared/time/wait.ts";

export interface OverseerLinkOptions {
  /** `http://host:port` or `https://…`. */
  readonly url: string;
  readonly hello: Hello;
  /** For the first connection; later ones are tried for as long as the process lives. */
  readonly connectTimeoutMs: number;
  /** PEM of the authority that signed the overseer's certificate; null: those of the system. */
  readonly certificateAuthority: string | null;
}

export interface OverseerLinkHandlers {
  onConnected(): void;
  onDisconnected(why: string): void;
  /** The overseer will not have this beacon: trying again is of no use. */
  onRefused(error: AppError): void;
}

/** Messages that may be told at any time. */
type Notice = "prepared" | "failed" | "trouble" | "reasonSample";

/** A question takes a network's round trip; a chunk also the overseer's disk. */
const clockTimeoutMs = 2000;
const chunkTimeoutMs = 15_000;
/** An answer that takes longer still renews a lease from when the status was sent, so there is no hurry to give up. */
const statusTimeoutMs = 60_000;

/**
 * Back-off of reconnection, with Socket.IO's jitter of ± half: the first tries come soon, because most losses are a
 * hiccup, and twenty beacons do not come back in the same instant after an overseer's restart.
 */
const reconnection = { reconnectionDelay: 250, reconnectionDelayMax: 5000, randomizationFactor: 0.5 };

/** The beacon's end of the control connection. */
export class OverseerLink {
  readonly #options: OverseerLinkOptions;
  readonly #socket: Socket<OverseerToBeacon, BeaconToOverseer>;
  #lastError = "no answer";
  #closed = false;

  constructor(options: OverseerLinkOptions, handlers: OverseerLinkHandlers) {
    this.#options = options;
    this.#socket = io(new URL("/beacons", options.url).href, {
      transports: ["websocket"],
      auth: options.hello,
      autoConnect: false,
      ...reconnection,
      ...(options.certificateAuthority === null ? {} : { ca: options.certificateAuthority }),
    });
    this.#socket.on("connect", () => handlers.onConnected());
    this.#socket.on("disconnect", (reason) => {
      handlers.onDisconnected(reason);
      // Socket.IO does not come back by itself after a disconnection that the server asked for.
      if (reason === "io server disconnect") setTimeout(() => this.#comeBack(), reconnection.reconnectionDelay);
    });
    this.#socket.on("connect_error", (error) => {
      this.#lastError = messageOf((error as { description?: unknown }).description ?? error);
      // Inactive means that the overseer's own check has refused the handshake, not that it could not be reached.
      if (!this.#socket.active) {
        handlers.onRefused(new AppError("BEACON_REFUSED", `the overseer refuses this beacon: ${messageOf(error)}`));
      }
    });
  }

  get connected(): boolean {
    return this.#socket.connected;
  }

  /** Throws NETWORK_UNREACHABLE when the time is up, or the signal's reason. */
  async connect(signal: AbortSignal): Promise<void> {
    this.#socket.connect();
    const { url, connectTimeoutMs } = this.#options;
    await waitUntil(() => this.#socket.connected, {
      timeoutMs: connectTimeoutMs,
      signal,
      onTimeout: () =>
        new AppError(
          "NETWORK_UNREACHABLE",
          `the overseer at ${url} could not be reached within ${connectTimeoutMs / 1000} s: ${this.#lastError}`,
          { hint: "check --overseer, and that the overseer is running and listens on that address" },
        ),
    });
  }

  on<E extends keyof OverseerToBeacon>(event: E, handler: OverseerToBeacon[E]): void {
    // The typed overload of socket.io-client cannot follow a generic event name.
    (this.#socket as unknown as { on(event: E, handler: OverseerToBeacon[E]): void }).on(event, handler);
  }

  /** Kept and sent after reconnection. */
  tell<E extends Notice>(event: E, message: Parameters<BeaconToOverseer[E]>[0]): void {
    (this.#socket as unknown as Emitter<E>).emit(event, message);
  }

  /**
   * Returns the milliseconds of the lease that the overseer grants for it. Left out while there is no connection, because
   * it means nothing when it comes late; then, and when no answer comes, this rejects.
   */
  async tellStatus(status: Status): Promise<number> {
    // Not `volatile`: of several in one turn, Socket.IO would drop all but the first.
    if (!this.#socket.connected) throw new AppError("NETWORK_UNREACHABLE", "there is no connection to the overseer");
    const reply: unknown = await this.#socket.timeout(statusTimeoutMs).emitWithAck("status", status);
    return statusReplySchema.parse(reply).leaseMs;
  }

  async askClock(): Promise<number> {
    return this.#socket.timeout(clockTimeoutMs).emitWithAck("clock");
  }

  /** Rejects when the connection breaks or the time is up: then it is not known whether the chunk has arrived. */
  async sendChunk(runId: string, bytes: Uint8Array, signal: AbortSignal): Promise<Reply> {
    return withDeadline(this.#socket.timeout(chunkTimeoutMs).emitWithAck("chunk", runId, bytes), {
      // Later than the acknowledgement's own time-out: this one is for the signal.
      timeoutMs: chunkTimeoutMs + 1000,
      signal,
      onTimeout: () => new AppError("NETWORK_UNREACHABLE", "the overseer did not acknowledge a chunk in time"),
    });
  }

  close(): void {
    this.#closed = true;
    this.#socket.disconnect();
  }

  #comeBack(): void {
    if (!this.#closed) this.#socket.connect();
  }
}

interface Emitter<E extends Notice> {
  emit(event: E, message: Parameters<BeaconToOverseer[E]>[0]): void;
}
