import { WebSocket } from "ws";
import { AppError } from "../../shared/errors/app-error.ts";
import { withDeadline } from "../../shared/time/wait.ts";

interface RpcAnswer {
  readonly id: string | number | null;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** A client with no opinion: sends text, collects what comes. */
export class RpcClient {
  readonly notices: string[] = [];
  readonly received: string[] = [];
  readonly #socket: WebSocket;
  readonly #waiting = new Map<string, (text: string) => void>();
  #nextId = 1_000_000;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => this.#receive(String(data)));
  }

  static async connect(url: string): Promise<RpcClient> {
    const socket = new WebSocket(url);
    const client = new RpcClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    return client;
  }

  close(): void {
    this.#socket.terminate();
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  /** The text of the answer to the message with this id; `null` stands for messages that carry none. */
  async exchange(text: string, id: string | number | null, timeoutMs = 10_000): Promise<string> {
    const answer = new Promise<string>((resolve) => {
      this.#waiting.set(JSON.stringify(id), resolve);
    });
    this.sendText(text);
    return withDeadline(answer, {
      timeoutMs,
      onTimeout: () => new AppError("RPC_FAILED", `no answer to ${text.slice(0, 200)}`),
    });
  }

  async call<Result>(api: string | number, method: string, args: readonly unknown[]): Promise<Result> {
    this.#nextId += 1;
    const request = { id: this.#nextId, method: "call", params: [api, method, args] };
    const answer = JSON.parse(await this.exchange(JSON.stringify(request), request.id)) as RpcAnswer;
    if (answer.error !== undefined) throw Object.assign(new Error(answer.error.message), { code: answer.error.code });
    return answer.result as Result;
  }

  #receive(text: string): void {
    this.received.push(text);
    const message = JSON.parse(text) as { readonly id?: string | number | null; readonly method?: string };
    if (message.method === "notice") {
      this.notices.push(text);
      return;
    }
    const key = JSON.stringify(message.id ?? null);
    this.#waiting.get(key)?.(text);
    this.#waiting.delete(key);
  }
}
