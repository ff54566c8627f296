import type { Socket } from "node:net";
import { buildConnector, Client, type Dispatcher } from "undici";
import { messageOf } from "../../errors/app-error.ts";
import { systemClock } from "../../time/clock.ts";
import type { ConnectionEvents } from "../broadcasting/connection-set.ts";
import type { BroadcastHandlers } from "../driver.ts";
import type { Reason } from "../outcome.ts";
import { classifyAnswer } from "./classify-answer.ts";
import { pathOf, splitEndpoint } from "./http-client.ts";

/** Opening one takes longer only where nobody answers. */
const openingTimeoutMs = 30_000;
/** Idle between the phases of a run, a connection should still be there; nodes themselves set no limit. */
const keepAliveMs = 3_600_000;
/** Half of the shortest time for which the client keeps an idle connection, since timers may be a little early. */
const usefulMicros = 0.5e6;
const headers = ["content-type", "application/json"];
const none = -1;
/** While the connection is tried out and not open yet. */
const trial = -2;

export interface HttpConnectionOptions {
  readonly endpoint: string;
  /** Last part of the path that bodies are posted to. */
  readonly call: string;
}

export interface HttpConnectionEvents extends ConnectionEvents {
  readonly handlers: BroadcastHandlers;
  /** Open and without a request: after it was opened, and after each answer. */
  onFree(): void;
}

/**
 * One keep-alive connection to one node, for broadcasts only, with one request at a time: nodes read the next request of a
 * connection only when they have answered the one before it. It is open once the node has answered a request over it.
 *
 * The client writes to a connection that was used before only after one turn of the event loop, to see first whether the
 * node has closed it meanwhile.
 */
export class HttpConnection implements Dispatcher.DispatchHandlers {
  isOpen = false;

  readonly #events: HttpConnectionEvents;
  readonly #client: Client;
  readonly #path: string;
  readonly #openingTimer: NodeJS.Timeout;
  #socket: Socket | null = null;
  #token = trial;
  #answered = 0;
  #openedMicros = Number.POSITIVE_INFINITY;
  #status = 0;
  #receivedMicros = 0;
  #pieces: Buffer[] = [];
  #over = false;
  #onOver: () => void = () => undefined;

  constructor({ endpoint, call }: HttpConnectionOptions, events: HttpConnectionEvents) {
    const { origin, basePath } = splitEndpoint(endpoint);
    this.#events = events;
    this.#path = pathOf(basePath, call);
    const connect = buildConnector({ timeout: openingTimeoutMs });
    this.#client = new Client(origin, {
      pipelining: 1,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      // Whoever sends decides how long answers are waited for.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (options, callback) =>
        connect(options, (...result: buildConnector.CallbackArgs) => {
          this.#socket = result[1];
          callback(...result);
        }),
    });
    this.#client.on("disconnect", (_origin, _targets, error) => {
      // In good order when the node announced it with an answer, or how long it keeps idle connections.
      this.#end(error.code === "UND_ERR_INFO" && this.#wasOfUse() ? null : messageOf(error));
    });
    this.#openingTimer = setTimeout(() => this.#end("no answer"), openingTimeoutMs).unref();
    this.#client.dispatch({ method: "POST", path: pathOf(basePath, "get_info"), headers, body: "{}" }, this);
  }

  get isFree(): boolean {
    return this.isOpen && this.#token === none;
  }

  /** What was sent and waits for its answer; negative when nothing does. */
  get token(): number {
    return this.#token;
  }

  get bufferedBytes(): number {
    return this.#socket?.writableLength ?? 0;
  }

  /** Only while free. */
  send(token: number, body: Uint8Array): void {
    this.#token = token;
    // Copied, because the client writes it later than the caller may overwrite it.
    this.#client.dispatch({ method: "POST", path: this.#path, headers, body: Buffer.from(body) }, this);
  }

  /** Ends the connection, since no other request can go out before the answer; nobody hears of the answer any more. */
  giveUp(): void {
    this.#token = none;
    this.#end("an answer did not come in time");
  }

  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      if (this.#over) resolve();
      else this.#onOver = resolve;
    });
    this.#end("closed");
    return closed;
  }

  onConnect(): void {
    this.#pieces = [];
  }

  onHeaders(status: number): boolean {
    this.#receivedMicros = systemClock.nowMicros();
    this.#status = status;
    return true;
  }

  onData(piece: Buffer): boolean {
    this.#pieces.push(piece);
    return true;
  }

  onComplete(): void {
    const body = this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces);
    this.#pieces = [];
    const token = this.#token;
    this.#token = none;
    if (this.#over) return;
    if (token === trial) {
      this.#onTried(body);
      return;
    }
    this.#answered++;
    const { handlers } = this.#events;
    const { reason, message } = classifyAnswer(this.#status, body);
    this.#events.onFree();
    if (reason === "answer-unreadable") handlers.onUnanswered(token, reason);
    else handlers.onAnswer(token, reason, this.#receivedMicros, message);
  }

  onError(error: Error): void {
    this.#loseRequest(isUnreadable(error) ? "answer-unreadable" : "connection-lost");
    // Where no connection came about nothing else tells.
    if (!this.isOpen) this.#end(messageOf(error));
  }

  #onTried(body: Buffer): void {
    if (this.#status !== 200) {
      this.#end(`answered ${this.#status} to get_info: ${body.toString("utf8", 0, 200)}`);
      return;
    }
    clearTimeout(this.#openingTimer);
    this.isOpen = true;
    this.#openedMicros = systemClock.nowMicros();
    this.#events.onFree();
    this.#events.onOpen();
  }

  /** One that ends right after it was opened would otherwise be opened over and over without a pause. */
  #wasOfUse(): boolean {
    return this.#answered > 0 || systemClock.nowMicros() - this.#openedMicros > usefulMicros;
  }

  #loseRequest(reason: Reason): void {
    const token = this.#token;
    this.#token = none;
    if (token >= 0) this.#events.handlers.onUnanswered(token, reason);
  }

  #end(error: string | null): void {
    if (this.#over) return;
    this.#over = true;
    this.isOpen = false;
    clearTimeout(this.#openingTimer);
    this.#loseRequest("connection-lost");
    // Later, because the client may be in the middle of telling of an answer or an error.
    const finish = (): void => {
      this.#events.onLost(error);
      this.#onOver();
    };
    this.#client.destroy().then(finish, finish);
  }
}

/** The node's answer is no HTTP, or not what its head announced. */
function isUnreadable(error: Error): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === "string" && (code.startsWith("HPE_") || code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH");
}
