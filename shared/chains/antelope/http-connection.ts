import { connect as connectPlainly, isIP, type Socket } from "node:net";
import { connect as connectSecurely } from "node:tls";
import { messageOf } from "../../errors/app-error.ts";
import { systemClock } from "../../time/clock.ts";
import type { ConnectionEvents } from "../broadcasting/connection-set.ts";
import type { BroadcastHandlers } from "../driver.ts";
import { ByteWriter } from "../encoding/byte-writer.ts";
import type { Reason } from "../outcome.ts";
import type { BroadcastCall } from "./chain-data.ts";
import { classifyAnswer } from "./classify-answer.ts";
import { pathOf, splitEndpoint } from "./http-client.ts";
import { type HttpAnswer, HttpReader } from "./http-reader.ts";
import { BodyRenderer } from "./packed-body.ts";

/** Opening one takes longer only where nobody answers. */
const openingTimeoutMs = 30_000;
/** Before the node lets go of an idle connection, so that no request crosses with that. */
const keepAliveReserveMs = 1000;
/** Half of the shortest time for which an idle connection is kept, since timers may be a little early. */
const usefulMicros = 0.5e6;
/** A trace of a transaction with thousands of actions has some megabytes. */
const maximumBodyBytes = 64 * 1024 * 1024;
const writeBufferBytes = 4096;
const headEnd = Buffer.from("\r\n\r\n", "latin1");
const none = -1;
/** While the connection is tried out and not open yet. */
const trial = -2;

export interface HttpConnectionOptions {
  readonly endpoint: string;
  /** By which transactions are sent. */
  readonly call: BroadcastCall;
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
 * Requests are written by itself and at once: general clients write to a connection that was used before only a turn of
 * the event loop later, and then a transaction was not sent when its record says.
 */
export class HttpConnection {
  isOpen = false;

  readonly #events: HttpConnectionEvents;
  readonly #socket: Socket;
  readonly #reader: HttpReader;
  readonly #renderer: BodyRenderer;
  readonly #requestHead: Buffer;
  readonly #openingTimer: NodeJS.Timeout;
  #out = new ByteWriter(writeBufferBytes);
  #idleTimer: NodeJS.Timeout | null = null;
  #token = trial;
  #answered = 0;
  #openedMicros = Number.POSITIVE_INFINITY;
  #receivedMicros = 0;
  #lastError = "";
  #over = false;
  #onOver: () => void = () => undefined;

  constructor({ endpoint, call }: HttpConnectionOptions, events: HttpConnectionEvents) {
    const { origin, basePath } = splitEndpoint(endpoint);
    const { host } = new URL(origin);
    this.#events = events;
    this.#renderer = new BodyRenderer(call);
    this.#reader = new HttpReader(
      {
        onHead: () => {
          this.#receivedMicros = systemClock.nowMicros();
        },
        onAnswer: (answer) => this.#onAnswer(answer),
      },
      { maximumBodyBytes },
    );
    this.#requestHead = Buffer.from(requestHeadOf(pathOf(basePath, call), host), "latin1");
    this.#openingTimer = setTimeout(() => this.#end("no answer"), openingTimeoutMs).unref();
    const socket = openSocket(new URL(origin), () => {
      socket.write(`${requestHeadOf(pathOf(basePath, "get_info"), host)}2\r\n\r\n{}`);
    });
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (piece: Buffer) => this.#read(() => this.#reader.read(piece)));
    socket.on("error", (error) => {
      this.#lastError = messageOf(error);
    });
    socket.on("end", () => this.#read(() => this.#reader.close()));
    socket.on("close", () => {
      this.#end(this.#lastError === "" ? "closed by the node" : this.#lastError);
      this.#onOver();
    });
  }

  get isFree(): boolean {
    return this.isOpen && this.#token === none;
  }

  /** What was sent and waits for its answer; negative when nothing does. */
  get token(): number {
    return this.#token;
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  /** Only while free. */
  send(token: number, body: Uint8Array): void {
    this.#token = token;
    if (this.#idleTimer !== null) this.#dropIdleTimer();
    // A node may answer before it has taken all of a request: that memory is the system's until then.
    if (this.#socket.writableLength > 0) this.#out = new ByteWriter(writeBufferBytes);
    const out = this.#out;
    out.length = 0;
    out.append(this.#requestHead);
    out.ensure(16);
    out.digits(this.#renderer.jsonBytesOf(body));
    out.append(headEnd);
    this.#renderer.render(body, out);
    this.#socket.write(out.bytes.subarray(0, out.length));
  }

  /** Ends the connection, since no other request can go out before the answer; nobody hears of the answer any more. */
  giveUp(): void {
    this.#token = none;
    this.#end("an answer did not come in time");
  }

  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      if (this.#socket.closed) resolve();
      else this.#onOver = resolve;
    });
    this.#end("closed");
    return closed;
  }

  /** What cannot be read leaves the connection at no place from which it could be read on. */
  #read(work: () => void): void {
    if (this.#over) return;
    try {
      work();
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.#loseRequest(this.#reader.isReading && this.#socket.readableEnded ? "connection-lost" : "answer-unreadable");
      this.#end(messageOf(error));
    }
  }

  #onAnswer(answer: HttpAnswer): void {
    const { status, body } = answer;
    const token = this.#token;
    this.#token = none;
    if (this.#over) return;
    if (token === none) {
      this.#end("answered what it was not asked");
      return;
    }
    if (token === trial) {
      this.#onTried(answer);
      return;
    }
    this.#answered++;
    const { reason, message } = classifyAnswer(status, body);
    this.#onFree(answer);
    const { handlers } = this.#events;
    if (reason === "answer-unreadable") handlers.onUnanswered(token, reason);
    else handlers.onAnswer(token, reason, this.#receivedMicros, message);
  }

  #onTried(answer: HttpAnswer): void {
    if (answer.status !== 200) {
      this.#end(`answered ${answer.status} to get_info: ${answer.body.toString("utf8", 0, 200)}`);
      return;
    }
    clearTimeout(this.#openingTimer);
    this.isOpen = true;
    this.#openedMicros = systemClock.nowMicros();
    this.#events.onOpen();
    this.#onFree(answer);
  }

  #onFree({ keepsOpen, keptForMs }: HttpAnswer): void {
    if (!keepsOpen) {
      this.#endInOrder();
      return;
    }
    if (keptForMs !== null) {
      const idleMs = Math.max(0, keptForMs - keepAliveReserveMs);
      this.#idleTimer = setTimeout(() => this.#endInOrder(), idleMs).unref();
    }
    this.#events.onFree();
  }

  /** The node announced it. One that ends right after it was opened would otherwise be opened over and over without a pause. */
  #endInOrder(): void {
    const wasOfUse = this.#answered > 0 || systemClock.nowMicros() - this.#openedMicros > usefulMicros;
    this.#end(wasOfUse ? null : "the node does not keep connections open");
  }

  #loseRequest(reason: Reason): void {
    const token = this.#token;
    this.#token = none;
    if (token >= 0) this.#events.handlers.onUnanswered(token, reason);
  }

  #dropIdleTimer(): void {
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    this.#idleTimer = null;
  }

  #end(error: string | null): void {
    if (this.#over) return;
    this.#over = true;
    this.isOpen = false;
    clearTimeout(this.#openingTimer);
    this.#dropIdleTimer();
    this.#socket.destroy();
    this.#loseRequest("connection-lost");
    this.#events.onLost(error);
  }
}

/** All of a request's head but the length of its body. */
function requestHeadOf(path: string, host: string): string {
  return `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: `;
}

function openSocket({ protocol, hostname, port }: URL, onConnected: () => void): Socket {
  const host = hostname.replace(/^\[|\]$/g, "");
  if (protocol !== "https:") return connectPlainly({ host, port: Number(port || 80) }, onConnected);
  const servername = isIP(host) === 0 ? host : undefined;
  return connectSecurely(
    {
      host,
      port: Number(port || 443),
      ALPNProtocols: ["http/1.1"],
      ...(servername === undefined ? {} : { servername }),
    },
    onConnected,
  );
}
