import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import { ListeningPort } from "../../network/listening-port.ts";
import type { BitsharesListener, BitsharesNetwork, BitsharesNode } from "../bitshares-network.ts";
import type { Block } from "../chain/block.ts";
import type { SignedTransaction } from "../codec/signed-transaction.ts";
import { announceBlocks } from "./announce.ts";
import { toNotice } from "./answer.ts";
import { dispatch } from "./dispatch.ts";
import { openSession } from "./login-api.ts";
import type { Api } from "./method.ts";
import { Session } from "./session.ts";

/** A node stops reading from a client while more than this many of its messages wait. */
const readAhead = 100;
/** Beyond the hard limit of a transaction, with room for its JSON. */
const maximumMessageBytes = 16 * 1024 * 1024;

/** One node's port: WebSocket and HTTP POST side by side. */
export class NodeServer implements BitsharesListener {
  readonly #network: BitsharesNetwork;
  readonly #node: BitsharesNode;
  readonly #port: ListeningPort;
  readonly #sockets: WebSocketServer;
  readonly #clients = new Map<Session<Api>, Client>();
  readonly #sessions = new Set<Session<Api>>();
  /** What waits for the end of a stall: messages read, answers made. */
  #held: (() => void)[] = [];

  constructor(network: BitsharesNetwork, node: BitsharesNode) {
    this.#network = network;
    this.#node = node;
    const server = createServer((request, response) => this.#post(request, response));
    this.#port = new ListeningPort(server);
    this.#sockets = new WebSocketServer({
      server,
      maxPayload: maximumMessageBytes,
      perMessageDeflate: false,
      // What came all at once, as after a stall, would else be verified all at once, and the first answer wait for the last.
      allowSynchronousEvents: false,
    });
    this.#sockets.on("connection", (socket) => this.#connect(socket));
    // Without a listener the WebSocket server would throw what the HTTP server reports already.
    this.#sockets.on("error", () => undefined);
    node.listeners.add(this);
  }

  async listen(host: string, port: number): Promise<string> {
    const actual = await this.#port.listen(host, port);
    return `ws://${host.includes(":") ? `[${host}]` : host}:${actual}`;
  }

  async close(): Promise<void> {
    this.#node.listeners.delete(this);
    this.onDropConnections();
    this.#sockets.close();
    await this.#port.close();
  }

  onBlocks(blocks: readonly Block[]): void {
    announceBlocks(blocks, this.#sessions, this.#network, this.#node);
  }

  onPending(transaction: SignedTransaction): void {
    for (const session of this.#sessions) {
      if (session.pendingCallback !== null) session.send(toNotice(session.pendingCallback, `${transaction.json}}`));
    }
  }

  onStall(isStalled: boolean): void {
    for (const client of this.#clients.values()) client.adjust(isStalled);
    if (isStalled) return;
    const held = this.#held;
    this.#held = [];
    for (const act of held) act();
  }

  onDropConnections(): void {
    for (const { socket } of this.#clients.values()) socket.terminate();
  }

  onOutage(isGone: boolean): void {
    if (!isGone) {
      this.#port.reopen();
      return;
    }
    this.#held = [];
    this.#port.shut();
    this.onDropConnections();
  }

  #connect(socket: WebSocket): void {
    const session = openSession(new Session<Api>((text) => this.#whenAwake(() => socket.send(text))));
    const client = new Client(socket, session);
    session.onServed = () => client.adjust(this.#node.isStalled);
    this.#clients.set(session, client);
    this.#sessions.add(session);
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      this.#clients.delete(session);
      this.#sessions.delete(session);
    });
    socket.on("message", (data) => {
      this.#whenAwake(() => this.#handle(String(data), session));
      if (session.queued > readAhead) client.adjust(this.#node.isStalled);
    });
    if (this.#node.isStalled) client.adjust(true);
  }

  #handle(text: string, session: Session<Api>): void {
    dispatch(text, { network: this.#network, node: this.#node, session }, (answer) => session.send(answer));
  }

  #whenAwake(act: () => void): void {
    if (this.#node.isStalled) this.#held.push(act);
    else act();
  }

  #post(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maximumMessageBytes) request.destroy();
      else chunks.push(chunk);
    });
    request.on("end", () => {
      this.#whenAwake(() => {
        // Callbacks have nowhere to go on HTTP: what is sent outside the answer is lost, as with a real node.
        const session = openSession(new Session<Api>(() => undefined));
        this.#sessions.add(session);
        response.on("close", () => this.#sessions.delete(session));
        const text = Buffer.concat(chunks).toString("utf8");
        let isAnswered = false;
        dispatch(text, { network: this.#network, node: this.#node, session }, (answer) => {
          isAnswered = true;
          this.#whenAwake(() =>
            response.writeHead(statusOf(answer), { "content-type": "application/json" }).end(answer),
          );
        });
        if (!isAnswered && !expectsAnswer(text)) response.writeHead(204).end();
      });
    });
  }
}

/** Nodes answer calls that fail with 200, and only what is no call at all with 400. */
function statusOf(answer: string): number {
  return /^.{0,80}"error":\{"code":-32/.test(answer) ? 400 : 200;
}

function expectsAnswer(text: string): boolean {
  const { id } = JSON.parse(text) as { readonly id?: unknown };
  return typeof id === "number" || typeof id === "string";
}

/** Reading pauses while a client is too far ahead or the node stalls. */
class Client {
  readonly socket: WebSocket;
  readonly #session: Session<Api>;

  constructor(socket: WebSocket, session: Session<Api>) {
    this.socket = socket;
    this.#session = session;
  }

  adjust(isStalled: boolean): void {
    const shouldPause = isStalled || this.#session.queued > readAhead;
    if (shouldPause && !this.socket.isPaused) this.socket.pause();
    else if (!shouldPause && this.socket.isPaused) this.socket.resume();
  }
}
