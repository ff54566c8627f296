import type { Socket } from "node:net";
import { messageOf } from "../../errors/app-error.ts";
import { systemClock } from "../../time/clock.ts";
import type { BroadcastHandlers } from "../driver.ts";
import { classifyRejection, rejectionMessage } from "./classify-rejection.ts";
import { FrameReader } from "./frame-reader.ts";
import { FrameWriter } from "./frame-writer.ts";
import { InFlightRing } from "./in-flight-ring.ts";
import { expandedBound, expandText } from "./packed-text.ts";
import { requestUpgrade } from "./upgrade-request.ts";

const head = Buffer.from('{"id":', "latin1");
const middle = Buffer.from(',"method":"call","params":["network_broadcast","broadcast_transaction",[', "latin1");
const tail = Buffer.from("]]}", "latin1");
/** All but the body, the number with as many digits as it can have. */
const fixedBytes = head.length + 16 + middle.length + tail.length;
/** How every acceptance ends, after its id. */
const acceptedTail = Buffer.from(',"result":null}', "latin1");
const zero = 48;
const nine = 57;

const closeOpcode = 8;
const pongOpcode = 10;
const normalClosure = Buffer.of(0x03, 0xe8);
/** What RFC 6455 calls a connection that ended without a closing handshake. */
const abnormalClosure = 1006;
const closingMs = 250;
/** Opening one takes longer only where nobody answers. */
const handshakeTimeoutMs = 30_000;
/** Written at the latest when as much is held back, whether flushed or not. */
const heldBytesBound = 256 * 1024;
const writeBufferBytes = 64 * 1024;
/** Kept for the next writes; more are in use only while the network does not take what is written. */
const spareBuffers = 4;
/** An answer echoes a transaction at most. */
const maximumAnswerBytes = 64 * 1024 * 1024;

export interface BroadcastConnectionEvents {
  readonly handlers: BroadcastHandlers;
  onOpen(): void;
  /** Once, after everything in flight has been given up. */
  onLost(error: string): void;
}

/**
 * One WebSocket to one node, for broadcasts only. Frames are written straight into the buffer that the system takes, all
 * of a flush in one write, and answers are read where they arrive: for each transaction nothing is allocated.
 */
export class BroadcastConnection {
  isOpen = false;

  readonly #events: BroadcastConnectionEvents;
  readonly #request: { abort(): void };
  readonly #inFlight = new InFlightRing();
  readonly #frames = new FrameWriter(writeBufferBytes);
  readonly #reader: FrameReader;
  readonly #spare: Buffer[] = [];
  /** Buffers that the system has not taken yet, the oldest first. */
  readonly #writing: Buffer[] = [];
  #socket: Socket | null = null;
  #receivedMicros = 0;
  #closeCode = abnormalClosure;
  #lastError = "";
  #over = false;
  #onOver: () => void = () => undefined;

  constructor(endpoint: string, events: BroadcastConnectionEvents) {
    this.#events = events;
    this.#reader = new FrameReader(
      {
        onMessage: (data, start, end) => this.#onMessage(data, start, end),
        onPing: (payload) => this.#answerControl(pongOpcode, payload),
        onClose: (code) => this.#onCloseFrame(code),
      },
      { maximumBytes: maximumAnswerBytes },
    );
    const timer = setTimeout(() => this.#request.abort(), handshakeTimeoutMs).unref();
    this.#request = requestUpgrade(endpoint, {
      onUpgraded: (socket, head) => {
        clearTimeout(timer);
        this.#onUpgraded(socket, head);
      },
      onFailed: (error) => {
        clearTimeout(timer);
        this.#lastError = messageOf(error);
        this.#end();
      },
    });
  }

  get inFlight(): number {
    return this.#inFlight.count;
  }

  get bufferedBytes(): number {
    return (this.#socket?.writableLength ?? 0) + this.#frames.out.length;
  }

  /** Only while open. */
  send(token: number, body: Uint8Array): void {
    const frames = this.#frames;
    const { out } = frames;
    frames.begin();
    out.ensure(fixedBytes + expandedBound(body.length));
    out.append(head);
    out.digits(this.#inFlight.add(token));
    out.append(middle);
    out.length = expandText(body, out.bytes, out.length);
    out.append(tail);
    frames.end();
    if (out.length > heldBytesBound) this.flush();
  }

  flush(): void {
    const { out } = this.#frames;
    if (out.length === 0 || this.#socket === null) return;
    const { bytes, length } = out;
    this.#writing.push(bytes);
    out.bytes = this.#spare.pop() ?? Buffer.allocUnsafeSlow(writeBufferBytes);
    out.length = 0;
    this.#socket.write(bytes.subarray(0, length), this.#onWritten);
  }

  /** Resolves when the socket is closed, soon even if the node does not answer. */
  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      if (this.#over) resolve();
      else this.#onOver = resolve;
    });
    if (this.#socket === null) this.#request.abort();
    else this.#answerControl(closeOpcode, normalClosure);
    // A node that is gone never answers the closing handshake, and nothing is waited for any more.
    const timer = setTimeout(() => this.#socket?.destroy(), closingMs);
    return closed.finally(() => clearTimeout(timer));
  }

  readonly #onWritten = (): void => {
    const bytes = this.#writing.shift();
    if (bytes !== undefined && this.#spare.length < spareBuffers) this.#spare.push(bytes);
  };

  #onUpgraded(socket: Socket, head: Buffer): void {
    this.#socket = socket;
    socket.on("error", (error) => {
      this.#lastError = messageOf(error);
    });
    socket.on("close", () => this.#end());
    socket.on("data", (piece: Buffer) => this.#onData(piece));
    this.isOpen = true;
    this.#events.onOpen();
    if (head.length > 0) this.#onData(head);
  }

  #onData(piece: Buffer): void {
    // One instant for all that arrived together.
    this.#receivedMicros = systemClock.nowMicros();
    try {
      this.#reader.read(piece);
    } catch (error) {
      this.#lastError = messageOf(error);
      this.#socket?.destroy();
    }
  }

  #answerControl(opcode: number, payload: Uint8Array): void {
    if (!this.isOpen) return;
    this.#frames.control(opcode, payload);
    this.flush();
  }

  #onCloseFrame(code: number): void {
    this.#closeCode = code;
    this.#answerControl(closeOpcode, normalClosure);
    this.isOpen = false;
    this.#socket?.end();
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.isOpen = false;
    this.#inFlight.takeAll((token) => this.#events.handlers.onUnanswered(token, "connection-lost"));
    this.#events.onLost(this.#lastError === "" ? `closed with code ${this.#closeCode}` : this.#lastError);
    this.#onOver();
  }

  #onMessage(data: Buffer, start: number, end: number): void {
    const number = acceptedNumber(data, start, end);
    if (number >= 0) {
      const token = this.#inFlight.take(number);
      if (token >= 0) this.#events.handlers.onAnswer(token, "none", this.#receivedMicros, null);
      return;
    }
    this.#onOther(data.subarray(start, end), this.#receivedMicros);
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

/** The id of `{"id":N,"result":null}`, read from the bytes `start` … `end - 1`; −1 for anything else. */
export function acceptedNumber(data: Buffer, start = 0, end = data.length): number {
  const tailAt = end - acceptedTail.length;
  const digitsAt = start + head.length;
  if (tailAt <= digitsAt) return -1;
  for (let i = 0; i < acceptedTail.length; i++) if (data[tailAt + i] !== acceptedTail[i]) return -1;
  for (let i = 0; i < head.length; i++) if (data[start + i] !== head[i]) return -1;
  let number = 0;
  for (let at = digitsAt; at < tailAt; at++) {
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
