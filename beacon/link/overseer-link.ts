import { io, type Socket } from "socket.io-client";
import { AppError, messageOf } from "../../shared/errors/app-error.ts";
import type { BeaconToOverseer, OverseerToBeacon } from "../../shared/protocol/events.ts";
import {
  type Hello,
  type Reply,
  refusalDataSchema,
  type Status,
  statusReplySchema,
} from "../../shared/protocol/messages.ts";
import { waitUntil, withDeadline } from "../../shared/time/wait.ts";

export interface OverseerLinkOptions {
  /** `http://host:port` or `https://…`. */
  readonly url: string;
  readonly hello: Hello;
  /** For the first connection; later ones are tried for as long as the process lives. */
  readonly connectTimeoutMs: number;
  readonly tls: LinkTls;
}

/** For `https://`; the overseer's certificate is always checked. */
export interface LinkTls {
  /** PEM of the authority behind the overseer's certificate; null: those that Node knows. */
  readonly authority: string | null;
  /** By what this beacon proves itself to an overseer that asks for more than a token. */
  readonly identity: { readonly certificate: string; readonly key: string } | null;
}

export interface OverseerLinkHandlers {
  onConnected(): void;
  onDisconnected(why: string): void;
  /** Not connected, and tried again as a rule. */
  onFailed(why: string): void;
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
  #lastError: ConnectionFailure = { text: "no answer", isFinal: false, hint: null };
  #closed = false;
  #wasConnected = false;

  constructor(options: OverseerLinkOptions, handlers: OverseerLinkHandlers) {
    this.#options = options;
    const { authority, identity } = options.tls;
    this.#socket = io(new URL("/beacons", options.url).href, {
      transports: ["websocket"],
      auth: options.hello,
      autoConnect: false,
      ...reconnection,
      // Said, so that no variable of the environment turns it off.
      rejectUnauthorized: true,
      ...(authority === null ? {} : { ca: authority }),
      ...(identity === null ? {} : { cert: identity.certificate, key: identity.key }),
    });
    this.#socket.on("connect", () => {
      this.#wasConnected = true;
      handlers.onConnected();
    });
    this.#socket.on("disconnect", (reason) => {
      handlers.onDisconnected(reason);
      // Socket.IO does not come back by itself after a disconnection that the server asked for.
      if (reason === "io server disconnect") this.#comeBackAfter(reconnection.reconnectionDelay);
    });
    this.#socket.on("connect_error", (error) => {
      const why = describeFailure(error);
      handlers.onFailed(why.text);
      this.#lastError = why;
      // Inactive means that the overseer's own check has refused the handshake, not that it could not be reached.
      if (!this.#socket.active) this.#refused(error, handlers);
      else if (why.isFinal && !this.#wasConnected) handlers.onRefused(distrust(options.url, why));
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
          `the overseer at ${url} could not be reached within ${connectTimeoutMs / 1000} s: ${this.#lastError.text}`,
          {
            hint:
              this.#lastError.hint ?? "check --overseer, and that the overseer is running and listens on that address",
          },
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

  #refused(error: Error, handlers: OverseerLinkHandlers): void {
    const data = refusalDataSchema.safeParse((error as { data?: unknown }).data);
    if (data.success) {
      this.#comeBackAfter(data.data.retryAfterMs);
      return;
    }
    handlers.onRefused(new AppError("BEACON_REFUSED", `the overseer refuses this beacon: ${messageOf(error)}`));
  }

  #comeBackAfter(ms: number): void {
    setTimeout(() => {
      if (!this.#closed) this.#socket.connect();
    }, ms).unref();
  }
}

interface ConnectionFailure {
  readonly text: string;
  /** It would be the same the next time. */
  readonly isFinal: boolean;
  readonly hint: string | null;
}

const authorityHint = "give the certificate of the overseer's authority with --ca FILE";

/** What a failed check of the overseer's certificate means for whoever started the beacon; by Node's codes. */
const finalFailures: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: authorityHint,
  SELF_SIGNED_CERT_IN_CHAIN: authorityHint,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: authorityHint,
  UNABLE_TO_GET_ISSUER_CERT: authorityHint,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: authorityHint,
  CERT_SIGNATURE_FAILURE: authorityHint,
  CERT_UNTRUSTED: authorityHint,
  CERT_HAS_EXPIRED: "the overseer needs a new certificate, or a clock is wrong",
  CERT_NOT_YET_VALID: "a clock is wrong, here or where the certificate was made",
  ERR_TLS_CERT_ALTNAME_INVALID: "dial the overseer by a name or address that stands in its certificate",
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: "the overseer wants a certificate of beacons: --tls-cert and --tls-key",
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: "the overseer does not trust the authority behind --tls-cert",
};

const plainHint = "the overseer does not speak TLS there: use http://";
/** All that is seen of it on this side when one speaks TLS and the other does not, or a certificate is not liked. */
const hangUpHint =
  "whoever listens there hung up: check that --overseer begins as the overseer says (https:// or http://), and --tls-cert";

function describeFailure(error: Error): ConnectionFailure {
  const description: unknown = (error as { description?: unknown }).description ?? error;
  const cause: unknown = (description as { error?: unknown }).error ?? description;
  const code = String((cause as { code?: unknown }).code);
  const text = messageOf(cause).trim();
  // OpenSSL's own reason, which has no code of its own when it comes in the middle of a write.
  if (text.includes("wrong version number")) return { text, isFinal: true, hint: plainHint };
  const hint = finalFailures[code];
  if (hint !== undefined) return { text, isFinal: true, hint };
  return { text, isFinal: false, hint: code === "ECONNRESET" ? hangUpHint : null };
}

function distrust(url: string, { text, hint }: ConnectionFailure): AppError {
  return new AppError("NETWORK_UNREACHABLE", `there is no safe way to the overseer at ${url}: ${text}`, {
    ...(hint === null ? {} : { hint }),
  });
}

interface Emitter<E extends Notice> {
  emit(event: E, message: Parameters<BeaconToOverseer[E]>[0]): void;
}
