import type { Socket } from "socket.io";
import type { z } from "zod";
import { AppError, type ErrorData, fromErrorData, messageOf } from "../../shared/errors/app-error.ts";
import { type Chunk, decodeChunk } from "../../shared/ledger/chunk.ts";
import type { BeaconToOverseer, OverseerToBeacon } from "../../shared/protocol/events.ts";
import {
  type Failure,
  failureSchema,
  type Hello,
  type PreparedReport,
  preparedReportSchema,
  type ReasonSample,
  type Reply,
  reasonSampleSchema,
  type Status,
  type StatusReply,
  statusSchema,
  type Trouble,
  troubleSchema,
} from "../../shared/protocol/messages.ts";
import type { Clock } from "../../shared/time/clock.ts";
import { withDeadline } from "../../shared/time/wait.ts";

export type BeaconSocket = Socket<BeaconToOverseer, OverseerToBeacon>;

/** What whoever conducts a run wants to hear of a beacon: all that is about one assignment of it. */
export interface SessionListener {
  readonly runId: string;
  readonly epoch: number;
  /** Returns the milliseconds of lease that the beacon is granted; 0 renews nothing. */
  onStatus(session: BeaconSession, status: Status): number;
  onPrepared(session: BeaconSession, report: PreparedReport): void;
  onFailed(session: BeaconSession, failure: Failure): void;
  onTrouble(session: BeaconSession, trouble: Trouble): void;
  onReasonSample(session: BeaconSession, sample: ReasonSample): void;
  /** Resolves when the chunk is safe on disk: only then it is acknowledged. */
  onChunk(session: BeaconSession, bytes: Uint8Array, chunk: Chunk): Promise<void>;
  /** Told to the listener of the first assignment alone. */
  onConnection(session: BeaconSession, connected: boolean): void;
}

export type RequestName = Exclude<keyof OverseerToBeacon, "shutdown">;
export type MessageOf<K extends RequestName> = Parameters<OverseerToBeacon[K]>[0];
export type ReplyOf<K extends RequestName> =
  Parameters<Parameters<OverseerToBeacon[K]>[1]>[0] extends Reply<infer T> ? T : never;

/** One beacon process, across the connections it makes: a lost connection that comes back is the same session. */
export class BeaconSession {
  readonly name: string;
  readonly hello: Hello;
  lastHeardMicros: number;
  status: Status | null = null;
  #socket: BeaconSocket | null = null;
  #connection = new AbortController();
  readonly #listeners = new Map<number, SessionListener>();
  readonly #clock: Clock;
  #waiting: (() => void)[] = [];
  /** Rejects whatever waits for an answer once nobody will give it; renewed when the beacon comes back. */
  #gone = new AbortController();

  constructor(hello: Hello, clock: Clock) {
    this.name = hello.name;
    this.hello = hello;
    this.#clock = clock;
    this.lastHeardMicros = clock.nowMicros();
  }

  get connected(): boolean {
    return this.#socket !== null;
  }

  listen(listener: SessionListener): void {
    this.#listeners.set(listener.epoch, listener);
  }

  unlisten(epoch: number): void {
    this.#listeners.delete(epoch);
  }

  attach(socket: BeaconSocket): void {
    this.#socket?.disconnect(true);
    this.#socket = socket;
    if (this.#gone.signal.aborted) this.#gone = new AbortController();
    const connection = new AbortController();
    this.#connection = connection;
    this.#heard();
    this.#subscribe(socket);
    socket.once("disconnect", () => {
      // Socket.IO lets an acknowledgement run into its time-out although it cannot come any more.
      connection.abort(this.#lost("lost its connection"));
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#firstListener?.onConnection(this, false);
    });
    for (const resume of this.#waiting.splice(0)) resume();
    this.#firstListener?.onConnection(this, true);
  }

  /** The beacon will not answer any more: requests that wait for it fail now and not at their deadline. */
  abandon(why: string): void {
    this.#gone.abort(this.#lost(why));
  }

  /** For good: nothing waits for it any more. */
  disconnect(): void {
    this.#socket?.disconnect(true);
    this.#socket = null;
    this.abandon("is dismissed");
  }

  /**
   * Sends a command and returns what the beacon answers. A beacon that is away may come back until the time is up.
   * Throws the beacon's own error, BEACON_LOST, or the signal's reason; nothing is left waiting then.
   */
  async request<K extends RequestName>(
    name: K,
    message: MessageOf<K>,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<ReplyOf<K>> {
    const deadline = performance.now() + timeoutMs;
    const ended = AbortSignal.any([this.#gone.signal, ...(signal === undefined ? [] : [signal])]);
    for (;;) {
      const socket = await this.#connectedSocket(name, deadline, ended);
      try {
        // Not Socket.IO's own time-outs: their timers outlive the connection and would keep the process alive.
        const emitter = socket as unknown as {
          emitWithAck(event: K, message: MessageOf<K>): Promise<Reply<ReplyOf<K>>>;
        };
        const reply = await withDeadline(emitter.emitWithAck(name, message), {
          timeoutMs: Math.max(1, deadline - performance.now()),
          signal: AbortSignal.any([ended, this.#connection.signal]),
          onTimeout: () => this.#lost(`did not answer "${name}" within ${Math.round(timeoutMs / 1000)} s`),
        });
        if (reply.ok) return reply.value;
        throw fromErrorData(withName(this.name, reply.error));
      } catch (error) {
        ended.throwIfAborted();
        // A connection that broke under the request: commands may be repeated, so try again once it is back.
        if (this.#socket !== socket && performance.now() < deadline) continue;
        throw error;
      }
    }
  }

  async shutdown(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    const socket = this.#socket;
    if (socket === null) return;
    try {
      await withDeadline(socket.emitWithAck("shutdown"), {
        timeoutMs,
        signal,
        onTimeout: () => this.#lost("did not answer its dismissal"),
      });
    } catch {
      // It ended before it could answer, or hangs: whoever started the process sees to it.
    }
  }

  async #connectedSocket(name: string, deadline: number, signal: AbortSignal): Promise<BeaconSocket> {
    signal.throwIfAborted();
    while (this.#socket === null) {
      const back = new Promise<void>((resolve) => this.#waiting.push(resolve));
      await withDeadline(back, {
        timeoutMs: Math.max(1, deadline - performance.now()),
        signal,
        onTimeout: () => this.#lost(`is not connected and could not be told "${name}"`),
      });
    }
    return this.#socket;
  }

  #lost(what: string): AppError {
    return new AppError("BEACON_LOST", `beacon ${this.name} ${what}`);
  }

  #heard(): void {
    this.lastHeardMicros = this.#clock.nowMicros();
  }

  #subscribe(socket: BeaconSocket): void {
    const checked = <S extends z.ZodType>(schema: S, use: (value: z.output<S>, reply: unknown) => void) => {
      return (message: unknown, reply?: unknown): void => {
        this.#heard();
        const parsed = schema.safeParse(message);
        if (parsed.success) use(parsed.data, reply);
        else socket.disconnect(true);
      };
    };
    socket.on("clock", (reply) => {
      reply(this.#clock.nowMicros());
      this.#heard();
    });
    socket.on(
      "status",
      checked(statusSchema, (status, reply) => {
        this.status = status;
        const leaseMs = this.#listenerOf(status)?.onStatus(this, status) ?? 0;
        if (typeof reply === "function") (reply as (reply: StatusReply) => void)({ leaseMs });
      }),
    );
    socket.on(
      "prepared",
      checked(preparedReportSchema, (report) => this.#listeners.get(report.epoch)?.onPrepared(this, report)),
    );
    socket.on(
      "failed",
      checked(failureSchema, (failure) => this.#listeners.get(failure.epoch)?.onFailed(this, failure)),
    );
    socket.on(
      "trouble",
      checked(troubleSchema, (trouble) => this.#listeners.get(trouble.epoch)?.onTrouble(this, trouble)),
    );
    socket.on(
      "reasonSample",
      checked(reasonSampleSchema, (sample) => this.#listeners.get(sample.epoch)?.onReasonSample(this, sample)),
    );
    socket.on("chunk", (runId, bytes, reply) => {
      this.#heard();
      void this.#takeChunk(runId, bytes).then(reply);
    });
  }

  get #firstListener(): SessionListener | undefined {
    return this.#listeners.values().next().value;
  }

  /** Epochs start anew in every run, and a beacon may still hold what belongs to another. */
  #listenerOf(assignment: { readonly runId: unknown; readonly epoch: number }): SessionListener | undefined {
    const listener = this.#listeners.get(assignment.epoch);
    return listener?.runId === assignment.runId ? listener : undefined;
  }

  async #takeChunk(runId: unknown, bytes: unknown): Promise<Reply> {
    try {
      if (!(bytes instanceof Uint8Array)) throw new AppError("INTERNAL", "a ledger chunk must be bytes");
      const chunk = decodeChunk(bytes);
      const listener = this.#listenerOf({ runId, epoch: chunk.epoch });
      if (listener === undefined) throw new AppError("INTERNAL", "no run takes this chunk");
      await listener.onChunk(this, bytes, chunk);
      return { ok: true, value: null };
    } catch (error) {
      return { ok: false, error: { code: "INTERNAL", message: messageOf(error), problems: [] } };
    }
  }
}

function withName(name: string, error: ErrorData): ErrorData {
  return { ...error, message: `beacon ${name}: ${error.message}` };
}
