import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { io, type Socket } from "socket.io-client";
import { Agent, type Dispatcher, request } from "undici";
import { z } from "zod";
import { AppError, type ErrorData, fromErrorData, messageOf } from "../../shared/errors/app-error.ts";
import { release } from "../../shared/release.ts";
import {
  type BeaconView,
  beaconViewSchema,
  failureSchema,
  type OperatorToServer,
  operatorProtocolVersion,
  type ProgressMessage,
  type RunView,
  runViewSchema,
  type ServerToOperator,
  type StatusView,
  type Submission,
  statusViewSchema,
} from "./operator-protocol.ts";

export interface OperatorClientOptions {
  readonly url: string;
  readonly token: string;
  /** PEM of the authority behind the overseer's certificate; null: those that Node knows. */
  readonly authority: string | null;
}

export interface FollowHandlers {
  onProgress(message: ProgressMessage): void;
  /** The connection broke, and is tried anew. */
  onAway(why: string): void;
}

const answerTimeoutMs = 30_000;
const comeBackMs = 1000;
/** Of a ledger on a slow line, between two pieces of it. */
const pieceTimeoutMs = 60_000;

/** An operator's end of a served overseer. */
export class OperatorClient {
  readonly #options: OperatorClientOptions;
  readonly #agent: Agent;
  #socket: Socket<ServerToOperator, OperatorToServer> | null = null;

  constructor(options: OperatorClientOptions) {
    this.#options = options;
    this.#agent = new Agent({
      headersTimeout: answerTimeoutMs,
      bodyTimeout: pieceTimeoutMs,
      connect: {
        timeout: answerTimeoutMs,
        // Said, so that no variable of the environment turns it off.
        rejectUnauthorized: true,
        ...(options.authority === null ? {} : { ca: options.authority }),
      },
    });
  }

  /** Throws CONFIGURATION_INVALID when the two do not understand each other. */
  async status(): Promise<StatusView> {
    const answer = await this.#ask(
      "GET",
      "status",
      z.looseObject({ protocolVersion: z.number(), release: z.string() }),
    );
    if (answer.protocolVersion !== operatorProtocolVersion) {
      const theirs = `version ${answer.protocolVersion} (release ${answer.release.slice(0, 20)})`;
      const ours = `version ${operatorProtocolVersion} (release ${release})`;
      throw new AppError("CONFIGURATION_INVALID", `the overseer speaks ${theirs} to operators, this program ${ours}`, {
        hint: "install the same release on both",
      });
    }
    return statusViewSchema.parse(answer);
  }

  async beacons(): Promise<BeaconView[]> {
    return this.#ask("GET", "beacons", z.array(beaconViewSchema));
  }

  async runs(): Promise<RunView[]> {
    return this.#ask("GET", "runs", z.array(runViewSchema));
  }

  async submit(submission: Submission): Promise<RunView> {
    return this.#ask("POST", "runs", runViewSchema, submission);
  }

  async stop(runId: string, force: boolean): Promise<RunView> {
    return this.#ask("POST", `runs/${encodeURIComponent(runId)}/stop`, runViewSchema, { force });
  }

  /** Fetches all of a run's report into `folder`. */
  async fetchReport({ id, files }: RunView, folder: string, signal: AbortSignal): Promise<void> {
    for (const name of files) {
      // Names are the overseer's, but where they lead on this machine is not its matter.
      if (!/^(charts\/)?[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) continue;
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      const { body } = await this.#send("GET", `runs/${encodeURIComponent(id)}/files/${name}`, undefined, signal);
      await pipeline(body, createWriteStream(path), { signal });
    }
  }

  /** Tells all that a run tells, across connections, until it has ended. Throws the signal's reason, or why not. */
  async follow(runId: string, handlers: FollowHandlers, signal: AbortSignal): Promise<RunView> {
    const { url, token, authority } = this.#options;
    const socket: Socket<ServerToOperator, OperatorToServer> = io(new URL("/operators", url).href, {
      transports: ["websocket"],
      auth: { token },
      autoConnect: false,
      rejectUnauthorized: true,
      ...(authority === null ? {} : { ca: authority }),
    });
    // Kept until the report is fetched: an overseer that ends waits for those who are still there.
    this.#socket = socket;
    let last = -1;
    return new Promise<RunView>((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
      socket.on("connect", () => {
        socket.emit("follow", runId, last, (refusal) => {
          if (refusal !== null) reject(forgotten(runId));
        });
      });
      socket.on("progress", (id, message) => {
        if (id !== runId || message.number <= last) return;
        last = message.number;
        handlers.onProgress(message);
      });
      socket.on("ended", (run) => {
        if (run.id === runId) resolve(runViewSchema.parse(run));
      });
      socket.on("disconnect", (reason) => {
        if (reason !== "io client disconnect") handlers.onAway(reason);
        // Socket.IO does not come back by itself after a disconnection that the server asked for.
        if (reason === "io server disconnect") setTimeout(() => socket.connect(), comeBackMs).unref();
      });
      socket.on("connect_error", (error) => {
        if (socket.active) return;
        reject(new AppError("ACCESS_DENIED", messageOf(error)));
      });
      socket.connect();
      signal.throwIfAborted();
    });
  }

  async close(): Promise<void> {
    this.#socket?.disconnect();
    await this.#agent.destroy();
  }

  async #ask<S extends z.ZodType>(
    method: "GET" | "POST",
    path: string,
    schema: S,
    body?: unknown,
  ): Promise<z.output<S>> {
    const answer = await this.#send(method, path, body, AbortSignal.timeout(answerTimeoutMs));
    return schema.parse(await answer.body.json());
  }

  async #send(
    method: "GET" | "POST",
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const { url, token } = this.#options;
    let answer: Dispatcher.ResponseData;
    try {
      answer = await request(new URL(`/api/${path}`, url), {
        method,
        dispatcher: this.#agent,
        signal,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      throw new AppError("NETWORK_UNREACHABLE", `the overseer at ${url} cannot be reached: ${messageOf(error)}`, {
        cause: error,
        hint: "check --on, and --ca for an overseer with a certificate of its own authority",
      });
    }
    if (answer.statusCode < 300) return answer;
    throw fromErrorData(await errorIn(answer, url));
  }
}

/** Only an overseer that was started anew does not know a run that it took. */
function forgotten(runId: string): AppError {
  return new AppError("NETWORK_UNREACHABLE", `the overseer was started anew and does not conduct ${runId} any more`, {
    hint: "on its machine, finish the run with: overseer resume FOLDER",
  });
}

async function errorIn({ body, statusCode }: Dispatcher.ResponseData, url: string): Promise<ErrorData> {
  const text = await body.text();
  try {
    return failureSchema.parse(JSON.parse(text)).error;
  } catch {
    const message = `${url} answers with status ${statusCode} and is no served overseer`;
    return { code: "NETWORK_MISMATCH", message, problems: [], hint: "start one with: overseer serve" };
  }
}
