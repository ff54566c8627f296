import { errors, Pool } from "undici";
import type { z } from "zod";
import { AppError, isAppError, messageOf } from "../../errors/app-error.ts";
import { nodeFailureAnswer } from "./node-answers.ts";

/** At most as many at a time: nodes answer one after the other, and others use them too. */
const connections = 8;

export interface HttpClientOptions {
  readonly endpoint: string;
  /** For each call, from when a connection takes it; connecting has as long again. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** What a node itself answered instead of a result. */
export interface NodeFailure {
  readonly status: number;
  /** nodeos's number of the exception, such as 3060002. */
  readonly code: number;
  readonly message: string;
}

/** Calls to one node's `/v1/chain` API, for everything that is not the load itself. */
export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #pool: Pool;
  readonly #basePath: string;

  constructor(options: HttpClientOptions) {
    const { origin, basePath } = splitEndpoint(options.endpoint);
    this.#options = options;
    this.#basePath = basePath;
    this.#pool = new Pool(origin, { connections, pipelining: 1, connect: { timeout: options.timeoutMs } });
  }

  /**
   * Throws AppError NETWORK_UNREACHABLE when there is no answer, RPC_FAILED with the node's failure as cause, or when the
   * answer is not as expected.
   */
  async call<T>(call: string, argument: unknown, schema: z.ZodType<T>): Promise<T> {
    const { endpoint } = this.#options;
    const { status, text } = await this.#post(call, argument);
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch (cause) {
      throw rpcFailed(endpoint, call, `answered ${status} with something that is not JSON`, { cause });
    }
    if (status < 200 || status > 299) {
      const failure = toFailure(status, answer);
      throw rpcFailed(endpoint, call, failure.message, { cause: failure });
    }
    const parsed = schema.safeParse(answer);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const where = issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.join(".")}`;
    throw rpcFailed(endpoint, call, `unexpected answer${where}: ${issue?.message ?? ""}`, {});
  }

  /** Whether the node has the call at all; asked with an argument that does nothing. Throws as `call` does. */
  async has(call: string): Promise<boolean> {
    return (await this.#post(call, {})).status !== 404;
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  /** Another of the node's APIs, by its whole path, such as `/v1/producer/pause`. Throws as `call` does. */
  async post(path: string, argument: unknown): Promise<void> {
    const { status, text } = await this.#request(`${this.#basePath}${path}`, path, argument);
    if (status >= 200 && status <= 299) return;
    const failure = toFailure(status, parseJson(text));
    throw rpcFailed(this.#options.endpoint, path, failure.message, { cause: failure });
  }

  async #post(call: string, argument: unknown): Promise<{ status: number; text: string }> {
    return this.#request(pathOf(this.#basePath, call), call, argument);
  }

  async #request(path: string, call: string, argument: unknown): Promise<{ status: number; text: string }> {
    const { endpoint, timeoutMs, signal } = this.#options;
    signal?.throwIfAborted();
    try {
      const { statusCode, body } = await this.#pool.request({
        method: "POST",
        path,
        headers: { "content-type": "application/json" },
        body: JSON.stringify(argument),
        signal: signal ?? null,
        // Counted from when a connection takes the call: of thousands asked at once, the last may wait for its turn.
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
      });
      return { status: statusCode, text: await body.text() };
    } catch (error) {
      signal?.throwIfAborted();
      const reason = isTimeout(error) ? `no answer within ${timeoutMs} ms` : messageOf(error);
      throw unreachable(endpoint, `${call}: ${reason}`, error);
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError;
}

/** Where a proxy serves nodes below a path, that path; otherwise the empty text. */
export function splitEndpoint(endpoint: string): { readonly origin: string; readonly basePath: string } {
  const { origin, pathname } = new URL(endpoint);
  return { origin, basePath: pathname.replace(/\/+$/, "") };
}

export function pathOf(basePath: string, call: string): string {
  return `${basePath}/v1/chain/${call}`;
}

function toFailure(status: number, answer: unknown): NodeFailure {
  const { data } = nodeFailureAnswer.safeParse(answer);
  if (data === undefined) return { status, code: 0, message: `status ${status}` };
  const { code, what, details } = data.error;
  return { status, code, message: (details[0]?.message || what).slice(0, 500) };
}

function rpcFailed(endpoint: string, call: string, reason: string, options: { readonly cause?: unknown }): AppError {
  return new AppError("RPC_FAILED", `${endpoint}: ${call}: ${reason}`, options);
}

/** The failure that a node itself answered with, if that is what the error is about. */
export function nodeFailureOf(error: unknown): NodeFailure | null {
  const cause = (error as { cause?: unknown } | null)?.cause as Partial<NodeFailure> | undefined;
  return typeof cause?.status === "number" && typeof cause.code === "number" ? (cause as NodeFailure) : null;
}

/** Null when the node answered that it has no such thing, or with something else than is expected. */
export async function ifAnswered<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (isAppError(error) && error.code === "RPC_FAILED") return null;
    throw error;
  }
}

function unreachable(endpoint: string, reason: string, cause?: unknown): AppError {
  return new AppError("NETWORK_UNREACHABLE", `${endpoint}: ${reason}`, cause === undefined ? {} : { cause });
}
