import type { Socket } from "node:net";
import type WebSocket from "ws";
import { messageOf } from "../../errors/app-error.ts";
import { systemClock } from "../../time/clock.ts";
import type { BroadcastHandlers } from "../driver.ts";
import { ByteWriter } from "./byte-writer.ts";
import { classifyRejection, rejectionMessage } from "./classify-rejection.ts";
import { InFlightRing } from "./in-flight-ring.ts";
import { expandedBound, expandText } from "./packed-text.ts";
import { openSocket } from "./rpc-client.ts";

const head = Buffer.from('{"id":', "latin1");
const middle = Buffer.from(',"method":"call","params":["network_broadcast","broadcast_transaction",[', "latin1");
const tail = Buffer.from("]]}", "latin1");
/** How every acceptance ends, after its id. */
const acceptedTail = Buffer.from(',"result":null}', "latin1");
const zero = 48;
const nine = 57;

const closingMs = 250;
/** Written at the latest when as much is held back, whether flushed or not. */
const heldBytesBound = 256 * 1024;

export interface BroadcastConnectionEvents {
  readonly handlers: BroadcastHandlers;
  onOpen(): void;
  /** Once, after everything in flight has been given up. */
  onLost(error: string): void;
}

/** One WebSocket to one node, for broadcasts only. */
export class BroadcastConnection {
  isOpen = false;

  readonly #events: BroadcastConnectionEvents;
  readonly #websocket: WebSocket;
  readonly #inFlight = new InFlightRing();
  readonly #message = new ByteWriter(4096);
  #socket: Socket | null = null;
  #corked = false;
  #heldBytes = 0;
  #lastError = "";
  #over = false;

  constructor(endpoint: string, events: BroadcastConnectionEvents) {
    this.#events = events;
    this.#websocket = openSocket(endpoint);
    this.#websocket.on("upgrade", (response) => {
      this.#socket = response.socket;
    });
    this.#websocket.on("open", () => {
      if (this.#over) return;
      this.isOpen = true;
      events.onOpen();
    });
    this.#websocket.on("message", (data: Buffer) => this.#onMessage(data, systemClock.nowMicros()));
    this.#websocket.on("error", (error) => {
      this.#lastError = messageOf(error);
    });
    this.#websocket.on("close", (code) => this.#onClose(code));
  }

  get inFlight(): number {
    return this.#inFlight.count;
  }

  get bufferedBytes(): number {
    return this.#websocket.bufferedAmount;
  }

  /** Only while open. */
  send(token: number, body: Uint8Array): void {
    const message = this.#message;
    message.length = 0;
    message.append(head);
    message.ensure(16);
    message.digits(this.#inFlight.add(token));
    message.append(middle);
    message.ensure(expandedBound(body.length) + tail.length);
    message.length = expandText(body, message.bytes, message.length);
    message.append(tail);
    if (!this.#corked && this.#socket) {
      this.#socket.cork();
      this.#corked = true;
    }
    this.#websocket.send(message.bytes.subarray(0, message.length), { binary: false, compress: false });
    this.#heldBytes += message.length;
    if (this.#heldBytes > heldBytesBound) this.flush();
  }

  flush(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#heldBytes = 0;
    this.#socket?.uncork();
  }

  /** Resolves when the socket is closed, soon even if the node does not answer. */
  close(): Promise<void> {
    this.flush();
    const closed = new Promise<void>((resolve) => {
      if (this.#over) resolve();
      else this.#websocket.once("close", () => resolve());
    });
    if (this.isOpen) this.#websocket.close(1000);
    else this.#websocket.terminate();
    // A node that is gone never answers the closing handshake, and nothing is waited for any more.
    const timer = setTimeout(() => this.#websocket.terminate(), closingMs);
    return closed.finally(() => clearTimeout(timer));
  }

  #onClose(code: number): void {
    if (this.#over) return;
    this.#over = true;
    this.isOpen = false;
    this.#inFlight.takeAll((token) => this.#events.handlers.onUnanswered(token, "connection-lost"));
    this.#events.onLost(this.#lastError === "" ? `closed with code ${code}` : this.#lastError);
  }

  #onMessage(data: Buffer, receivedMicros: number): void {
    const number = acceptedNumber(data);
    if (number >= 0) {
      const token = this.#inFlight.take(number);
      if (token >= 0) this.#events.handlers.onAnswer(token, "none", receivedMicros, null);
      return;
    }
    this.#onOther(data, receivedMicros);
  }

  /** Rejections, notices, and what cannot be read. */
  #onOther(data: Buffer, receivedMicros: number): void {
    const { handlers } = this.#events;
    let answer: { readonly id?: unknown; readonly error?: unknown };
    try {
      answer = JSON.parse(data.toString()) as typeof answer;
    } catch {
      const token = this.#inFlight.take(leadingNumber(data));
      if (token >= 0) handlers.onUnanswered(token, "answer-unreadable");
      return;
    }
    const token = Number.isInteger(answer?.id) ? this.#inFlight.take(answer.id as number) : -1;
    if (token < 0) return;
    const { error } = answer;
    if (error === undefined || error === null) handlers.onAnswer(token, "none", receivedMicros, null);
    else handlers.onAnswer(token, classifyRejection(error), receivedMicros, rejectionMessage(error));
  }
}

/** The id of `{"id":N,"result":null}`, read from the bytes; −1 for anything else. */
export function acceptedNumber(data: Buffer): number {
  const end = data.length - acceptedTail.length;
  if (end <= head.length) return -1;
  for (let i = 0; i < acceptedTail.length; i++) if (data[end + i] !== acceptedTail[i]) return -1;
  for (let i = 0; i < head.length; i++) if (data[i] !== head[i]) return -1;
  let number = 0;
  for (let at = head.length; at < end; at++) {
    const digit = data[at] as number;
    if (digit < zero || digit > nine) return -1;
    number = number * 10 + digit - zero;
  }
  return number;
}

/** N of a message that begins with `{"id":N` but is not whole JSON; −1 where it begins differently. */
function leadingNumber(data: Buffer): number {
  const match = /^\{"id":(\d{1,15})\D/.exec(data.toString("latin1", 0, 24));
  return match ? Number(match[1]) : -1;
}
