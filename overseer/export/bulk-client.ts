import { setTimeout as delay } from "node:timers/promises";
import { Agent, type Dispatcher, request } from "undici";
import { z } from "zod";
import { AppError, messageOf } from "../../shared/errors/app-error.ts";
import type { RunDocument } from "./run-documents.ts";

export interface BulkTarget {
  /** Of an Elasticsearch or OpenSearch, without user, password and a slash at its end. */
  readonly url: string;
  readonly credentials: Credentials | null;
  /** Certificates of the authority behind its certificate, PEM; null: those that Node knows. */
  readonly authority: string | null;
}

export type Credentials =
  | { readonly kind: "api-key"; readonly key: string }
  | { readonly kind: "password"; readonly user: string; readonly password: string };

export interface BulkOptions {
  readonly signal: AbortSignal;
  /** It is not over: something is tried again. */
  onRetry(why: string, afterMs: number): void;
  /** Stands in for the time between two tries in tests. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface BulkResult {
  readonly written: number;
  /** Alike ones are told in the words of the first. The most frequent first. */
  readonly refused: readonly { readonly reason: string; readonly count: number }[];
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

interface Outcome {
  readonly status: number;
  readonly reason: string;
}

const documentsAtOnce = 1000;
const bytesAtOnce = 4 * 1024 * 1024;
const tries = 7;
const firstPauseMs = 500;
const longestPauseMs = 30_000;
const connectTimeoutMs = 10_000;
const answerTimeoutMs = 60_000;
const shownCharacters = 300;

/** What may be over after a while: too much at once, and servers that are starting, full or out of reach. */
const passingStatus = new Set([408, 429, 500, 502, 503, 504]);
const passingFailure = /^(ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_(SOCKET|\w+_TIMEOUT)$)/;

/** In reasons: ids and values, which differ from document to document. No apostrophe, and perhaps cut short. */
const quoted = /(?<=\s)'.*?('(?=[\s.,;]|$)|$)/g;

const errorSchema = z.object({ type: z.string(), reason: z.string().nullish() });
const itemSchema = z.object({ status: z.number().int(), error: errorSchema.optional() });
const bulkSchema = z.object({ items: z.array(z.object({ index: itemSchema })) });
const failureSchema = z.object({ error: z.union([errorSchema, z.string()]) });

/** Speaks the bulk protocol that Elasticsearch and OpenSearch share. */
export class BulkClient {
  readonly #target: BulkTarget;
  readonly #options: BulkOptions;
  readonly #agent: Agent;
  #written = 0;
  /** By what they have in common. */
  readonly #refused = new Map<string, { readonly reason: string; count: number }>();

  constructor(target: BulkTarget, options: BulkOptions) {
    this.#target = target;
    this.#options = options;
    this.#agent = new Agent({
      headersTimeout: answerTimeoutMs,
      bodyTimeout: answerTimeoutMs,
      maxResponseSize: 64 * 1024 * 1024,
      connect: {
        timeout: connectTimeoutMs,
        // Said, so that no variable of the environment turns it off.
        rejectUnauthorized: true,
        ...(target.authority === null ? {} : { ca: target.authority }),
      },
    });
  }

  /** Throws AppError: NETWORK_UNREACHABLE, NETWORK_MISMATCH or ACCESS_DENIED. */
  async putTemplate(name: string, template: object): Promise<void> {
    const answer = await this.#persist("PUT", `_index_template/${name}`, "application/json", JSON.stringify(template));
    if (answer.status >= 300) throw this.#failure(answer);
  }

  /**
   * Writes documents into `index`, each in the place of one with the same id. What the server refuses is counted and the
   * rest goes on. Throws AppError as `putTemplate` when nothing goes on, and the signal's reason.
   */
  async write(index: string, documents: Iterable<RunDocument>): Promise<BulkResult> {
    let lines: string[] = [];
    let bytes = 0;
    for (const { id, source } of documents) {
      const line = `${JSON.stringify({ index: { _index: index, _id: id } })}\n${JSON.stringify(source)}\n`;
      const size = Buffer.byteLength(line);
      if (lines.length === documentsAtOnce || (lines.length > 0 && bytes + size > bytesAtOnce)) {
        await this.#send(lines);
        lines = [];
        bytes = 0;
      }
      lines.push(line);
      bytes += size;
    }
    if (lines.length > 0) await this.#send(lines);
    return { written: this.#written, refused: [...this.#refused.values()].sort((a, b) => b.count - a.count) };
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  /** Until each of them is written or refused for good. */
  async #send(lines: readonly string[]): Promise<void> {
    let waiting = lines;
    for (let tried = 1; waiting.length > 0; tried++) {
      const answer = await this.#persist(
        "POST",
        "_bulk?filter_path=items.*.status,items.*.error.type,items.*.error.reason",
        "application/x-ndjson",
        waiting.join(""),
      );
      if (answer.status === 413) return this.#sendHalves(waiting);
      if (answer.status >= 300) throw this.#failure(answer);
      const outcomes = this.#outcomesIn(answer, waiting.length);
      const passing = (i: number): boolean => passingStatus.has((outcomes[i] as Outcome).status);
      const again = tried < tries ? waiting.filter((_, i) => passing(i)) : [];
      let why = "";
      for (const [i, { status, reason }] of outcomes.entries()) {
        if (status < 300) this.#written++;
        else if (again.length > 0 && passing(i)) why = reason;
        else this.#refuse(reason);
      }
      waiting = again;
      if (again.length > 0) await this.#pause(tried, null, `${again.length} documents: ${why}`);
    }
  }

  async #sendHalves(lines: readonly string[]): Promise<void> {
    if (lines.length === 1) return this.#refuse("413 a document that is larger than the server takes");
    const middle = Math.ceil(lines.length / 2);
    await this.#send(lines.slice(0, middle));
    await this.#send(lines.slice(middle));
  }

  #refuse(reason: string): void {
    const common = reason.replaceAll(quoted, "…");
    const alike = this.#refused.get(common) ?? { reason, count: 0 };
    alike.count++;
    this.#refused.set(common, alike);
  }

  #outcomesIn({ text }: Answer, expected: number): Outcome[] {
    const answer = bulkSchema.safeParse(parsedJson(text));
    if (!answer.success || answer.data.items.length !== expected) {
      throw this.#notOurs(`does not say of ${expected} documents what became of each`);
    }
    return answer.data.items.map(({ index: { status, error } }) => {
      return { status, reason: this.#shown(`${status} ${error === undefined ? "" : explanationOf(error)}`) };
    });
  }

  /** Tries again what may be over after a while. Gives an answer of any status that is not. */
  async #persist(method: "PUT" | "POST", path: string, contentType: string, body: string): Promise<Answer> {
    for (let tried = 1; ; tried++) {
      let why: string;
      let afterMs: number | null = null;
      try {
        const { statusCode, headers, body: content } = await this.#ask(method, path, contentType, body);
        const answer = { status: statusCode, text: await content.text() };
        if (!passingStatus.has(statusCode)) return answer;
        why = this.#explained(answer);
        afterMs = secondsOf(headers["retry-after"]);
      } catch (error) {
        this.#options.signal.throwIfAborted();
        why = this.#shown(messageOf(error));
        if (!passingFailure.test((error as { code?: unknown }).code as string)) throw this.#unreachable(why, tried);
      }
      if (tried >= tries) throw this.#unreachable(why, tried);
      await this.#pause(tried, afterMs, why);
    }
  }

  async #ask(method: "PUT" | "POST", path: string, type: string, body: string): Promise<Dispatcher.ResponseData> {
    const { url, credentials } = this.#target;
    return request(`${url}/${path}`, {
      method,
      dispatcher: this.#agent,
      signal: this.#options.signal,
      headers: {
        "content-type": type,
        accept: "application/json",
        ...(credentials === null ? {} : { authorization: authorizationOf(credentials) }),
      },
      body,
    });
  }

  async #pause(tried: number, askedMs: number | null, why: string): Promise<void> {
    const { signal, onRetry, pause = wait } = this.#options;
    const growing = firstPauseMs * 2 ** (tried - 1);
    const ms = Math.min(longestPauseMs, Math.max(growing, askedMs ?? 0));
    onRetry(why, ms);
    await pause(ms, signal);
    signal.throwIfAborted();
  }

  #failure(answer: Answer): AppError {
    const { status } = answer;
    const why = this.#explained(answer);
    if (status === 401 || status === 403) {
      return new AppError("ACCESS_DENIED", `${this.#target.url} refuses: ${why}${this.#writtenSoFar()}`, {
        hint: "the credentials need the right to manage index templates, and to create the index and write into it",
      });
    }
    return this.#notOurs(`answers ${why}`);
  }

  #notOurs(finding: string): AppError {
    return new AppError("NETWORK_MISMATCH", `${this.#target.url} ${finding}${this.#writtenSoFar()}`, {
      hint: "--to must name an Elasticsearch (7.8 or later) or an OpenSearch; redirections are not followed",
    });
  }

  #unreachable(why: string, tried: number): AppError {
    const times = tried === 1 ? "" : `, ${tried} times`;
    return new AppError(
      "NETWORK_UNREACHABLE",
      `${this.#target.url} does not take it${times}: ${why}${this.#writtenSoFar()}`,
      {
        hint:
          tried === 1
            ? "check --to, and --ca for a server with a certificate of its own authority"
            : "the same command again writes what is missing, and nothing twice",
      },
    );
  }

  #writtenSoFar(): string {
    return this.#written === 0 ? "" : `; ${this.#written} documents had been written`;
  }

  #explained({ status, text }: Answer): string {
    const failure = failureSchema.safeParse(parsedJson(text));
    return this.#shown(failure.success ? `${status} ${explanationOf(failure.data.error)}` : `status ${status}`);
  }

  /** A server's words, in one line; whatever it repeats of the credentials is taken out of them. */
  #shown(words: string): string {
    let text = words;
    for (const secret of secretsOf(this.#target.credentials)) text = text.replaceAll(secret, "…");
    return text
      .replace(/\p{C}+/gu, " ")
      .trim()
      .slice(0, shownCharacters);
  }
}

function authorizationOf(credentials: Credentials): string {
  return credentials.kind === "api-key" ? `ApiKey ${credentials.key}` : `Basic ${basicOf(credentials)}`;
}

function basicOf({ user, password }: Extract<Credentials, { kind: "password" }>): string {
  return Buffer.from(`${user}:${password}`).toString("base64");
}

function secretsOf(credentials: Credentials | null): string[] {
  if (credentials === null) return [];
  return credentials.kind === "api-key" ? [credentials.key] : [basicOf(credentials), credentials.password];
}

function explanationOf(error: z.output<typeof failureSchema>["error"]): string {
  if (typeof error === "string") return error;
  return error.reason == null ? error.type : `${error.type}: ${error.reason}`;
}

function secondsOf(header: string | string[] | undefined): number | null {
  const seconds = Number(header);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
