import { connect, createServer, type Server, type Socket } from "node:net";

export interface RelayOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly to: { readonly host: string; readonly port: number };
  /** Each way. */
  readonly delayMs: number;
}

/** What may be under way in one direction of a connection; beyond it the sender is kept waiting, as by a full line. */
const mostBytesUnderWay = 64 * 1024 * 1024;

/**
 * A TCP connection that takes longer: every byte arrives `delayMs` after it came in, in its order, and so do ends. It
 * does in user space what a kernel's netem would, with no rights and on every kernel; what it does not do is to make the
 * connection's own acknowledgements slow, so that a window never fills because of the distance alone.
 */
export class DelayRelay {
  readonly #server: Server;
  readonly #options: RelayOptions;
  readonly #sockets = new Set<Socket>();

  constructor(options: RelayOptions) {
    this.#options = options;
    // Both ends may close their half by themselves; the other half goes on.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#serve(client));
  }

  async start(): Promise<number> {
    const { host, port } = this.#options.listen;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, resolve);
    });
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : port;
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #serve(client: Socket): void {
    const { to, delayMs } = this.#options;
    const target = connect({ ...to, allowHalfOpen: true, noDelay: true });
    for (const [from, into] of [
      [client, target],
      [target, client],
    ] as const) {
      this.#sockets.add(from);
      new DelayedDirection(from, into, delayMs);
      // A connection that broke must not look like one that ended at the other end.
      from.on("error", () => into.resetAndDestroy());
      from.on("close", () => {
        this.#sockets.delete(from);
        if (!from.readableEnded) into.resetAndDestroy();
      });
    }
  }
}

interface Piece {
  readonly dueMs: number;
  /** Null: the end of the stream. */
  readonly bytes: Buffer | null;
}

class DelayedDirection {
  readonly #from: Socket;
  readonly #into: Socket;
  readonly #delayMs: number;
  #waiting: Piece[] = [];
  #waitingBytes = 0;

  constructor(from: Socket, into: Socket, delayMs: number) {
    this.#from = from;
    this.#into = into;
    this.#delayMs = delayMs;
    from.on("data", (bytes: Buffer) => this.#add(bytes));
    from.on("end", () => this.#add(null));
    into.on("drain", () => this.#adjust());
  }

  #add(bytes: Buffer | null): void {
    this.#waiting.push({ dueMs: performance.now() + this.#delayMs, bytes });
    this.#waitingBytes += bytes?.length ?? 0;
    this.#adjust();
    if (this.#waiting.length === 1) this.#arm();
  }

  #arm(): void {
    const [first] = this.#waiting;
    // A timer may fire up to a millisecond before its time.
    if (first !== undefined) setTimeout(() => this.#deliver(), Math.ceil(first.dueMs - performance.now()));
  }

  #deliver(): void {
    const nowMs = performance.now();
    const later = this.#waiting.findIndex(({ dueMs }) => dueMs > nowMs);
    const due = later < 0 ? this.#waiting : this.#waiting.slice(0, later);
    this.#waiting = later < 0 ? [] : this.#waiting.slice(later);
    for (const { bytes } of due) {
      if (this.#into.destroyed) return;
      this.#waitingBytes -= bytes?.length ?? 0;
      if (bytes === null) this.#into.end();
      else this.#into.write(bytes);
    }
    this.#adjust();
    this.#arm();
  }

  #adjust(): void {
    if (this.#waitingBytes + this.#into.writableLength > mostBytesUnderWay) this.#from.pause();
    else this.#from.resume();
  }
}
