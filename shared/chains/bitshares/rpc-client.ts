import WebSocket from "ws";
import { z } from "zod";
import { AppError, messageOf } from "../../errors/app-error.ts";
import { withDeadline } from "../../time/wait.ts";

/** Answers echo whole transactions, and a full block may have several megabytes. */
const maximumAnswerBytes = 256 * 1024 * 1024;
/** A node stops reading while more than 100 messages are pending over all its connections. */
const maximumPending = 50;

const answerSchema = z.object({
  id: z.number(),
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string() }).optional(),
});
const noticeSchema = z.object({ method: z.literal("notice"), params: z.tuple([z.number(), z.array(z.unknown())]) });

export interface RpcClientOptions {
  readonly endpoint: string;
  /** For connecting and for each call. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onNotice?: (callback: number, values: readonly unknown[]) => void;
  /** Once, when an open connection is lost other than by `close`. */
  readonly onLost?: (message: string) => void;
}

/** By name, or 1 for the login API, which every connection has from the start. */
export type ApiName = "database" | "network_broadcast" | 1;

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly what: string;
}

/** Calls to one node over WebSocket JSON-RPC, for everything that is not the load itself. */
export class RpcClient {
  readonly #options: RpcClientOptions;
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, Pending>();
  readonly #waiting: (() => void)[] = [];
  #nextId = 1;
  #closed = false;

  /** Throws AppError NETWORK_UNREACHABLE. */
  static async connect(options: RpcClientOptions): Promise<RpcClient> {
    options.signal?.throwIfAborted();
    const socket = openSocket(options.endpoint);
    const client = new RpcClient(options, socket);
    const opened = new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", (error) => reject(unreachable(options.endpoint, messageOf(error), error)));
    });
    try {
      await withDeadline(opened, {
        timeoutMs: options.timeoutMs,
        signal: options.signal,
        onTimeout: () => unreachable(options.endpoint, `no connection within ${options.timeoutMs} ms`),
      });
    } catch (error) {
      client.close();
      throw error;
    }
    return client;
  }

  private constructor(options: RpcClientOptions, socket: WebSocket) {
    this.#options = options;
    this.#socket = socket;
    socket.on("message", (data: Buffer) => this.#onMessage(data));
    socket.on("error", (error) => this.#lost(messageOf(error)));
    socket.on("close", (code) => this.#lost(`closed with code ${code}`));
  }

  /** Throws AppError RPC_FAILED with the node's error as cause, or when the answer is not as expected. */
  async call<T>(api: ApiName, method: string, args: readonly unknown[], schema: z.ZodType<T>): Promise<T> {
    while (this.#pending.size >= maximumPending) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const { endpoint, timeoutMs, signal } = this.#options;
    signal?.throwIfAborted();
    const what = `${api === 1 ? "login" : api}.${method}`;
    const id = this.#nextId++;
    const answered = new Promise<unknown>((resolve, reject) => {
      if (this.#closed) {
        reject(new AppError("RPC_FAILED", `${endpoint}: ${what}: the connection is closed`));
        return;
      }
      this.#pending.set(id, { resolve, reject, what });
      this.#socket.send(JSON.stringify({ id, method: "call", params: [api, method, args] }));
    });
    try {
      const result = await withDeadline(answered, {
        timeoutMs,
        signal,
        onTimeout: () => new AppError("RPC_FAILED", `${endpoint}: ${what}: no answer within ${timeoutMs} ms`),
      });
      const parsed = schema.safeParse(result);
      if (parsed.success) return parsed.data;
      const issue = parsed.error.issues[0];
      const where = issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.join(".")}`;
      throw new AppError("RPC_FAILED", `${endpoint}: ${what}: unexpected answer${where}: ${issue?.message ?? ""}`);
    } finally {
      this.#pending.delete(id);
      this.#waiting.shift()?.();
    }
  }

  close(): void {
    this.#closed = true;
    this.#rejectAll("the connection was closed");
    this.#socket.on("error", () => undefined);
    this.#socket.terminate();
  }

  #onMessage(data: Buffer): void {
    let message: unknown;
    try {
      message = JSON.parse(data.toString());
    } catch {
      this.#lost("the node sent something that is not JSON");
      this.close();
      return;
    }
    const answer = answerSchema.safeParse(message);
    if (answer.success) {
      const { id, error, result } = answer.data;
      const pending = this.#pending.get(id);
      if (!pending) return;
      if (error) pending.reject(rpcFailed(this.#options.endpoint, pending.what, error));
      else pending.resolve(result);
      return;
    }
    const notice = noticeSchema.safeParse(message);
    if (notice.success) this.#options.onNotice?.(notice.data.params[0], notice.data.params[1]);
  }

  #lost(message: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#rejectAll(message);
    this.#options.onLost?.(message);
  }

  #rejectAll(message: string): void {
    for (const { reject, what } of this.#pending.values()) {
      reject(new AppError("RPC_FAILED", `${this.#options.endpoint}: ${what}: ${message}`));
    }
    this.#pending.clear();
  }
}

/** Settings common to all connections. */
export function openSocket(endpoint: string): WebSocket {
  return new WebSocket(endpoint, {
    perMessageDeflate: false,
    skipUTF8Validation: true,
    maxPayload: maximumAnswerBytes,
  });
}

interface NodeError {
  readonly code: number;
  readonly message: string;
}

function rpcFailed(endpoint: string, what: string, error: NodeError): AppError {
  const message = error.message.split("\n")[0] as string;
  return new AppError("RPC_FAILED", `${endpoint}: ${what}: ${message.slice(0, 500)}`, { cause: error });
}

/** The error that a node itself answered with, if that is what the error is about. */
export function nodeErrorOf(error: unknown): NodeError | null {
  const cause = (error as { cause?: unknown } | null)?.cause as Partial<NodeError> | undefined;
  return typeof cause?.code === "number" && typeof cause.message === "string" ? (cause as NodeError) : null;
}

export function unreachable(endpoint: string, reason: string, cause?: unknown): AppError {
  return new AppError("NETWORK_UNREACHABLE", `${endpoint}: ${reason}`, cause === undefined ? {} : { cause });
}
