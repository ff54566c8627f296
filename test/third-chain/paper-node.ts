import { createHash, createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

const limits = {
  blockMs: 500,
  maximumBlockBytes: 200_000,
  maximumTransactionBytes: 2000,
  maximumLifetimeSeconds: 3600,
};
const inkOfTransfer = 12;
const inkOfBlock = 10_000;
const finalAfter = 2;

interface PaperAccount {
  readonly publicKey: string;
  balance: number;
}

interface PaperBlock {
  readonly number: number;
  readonly id: string;
  readonly previous: string;
  readonly clerk: string;
  readonly timeMs: number;
  readonly bytes: number;
  readonly ink: number;
  readonly transactions: readonly string[];
}

interface Payload {
  readonly from: string;
  readonly to: string;
  readonly amount: number;
  readonly nonce: number;
  readonly expires: number;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** One node of a chain that exists only in this test: a ledger of sheets on paper, kept by clerks, over HTTP. */
export class PaperNode {
  readonly chainId = sha256("paper");
  readonly accounts = new Map<string, PaperAccount>();
  readonly keys: Readonly<Record<string, string>>;
  readonly #blocks: PaperBlock[] = [];
  readonly #seen = new Set<string>();
  readonly #server: Server;
  readonly #timer: NodeJS.Timeout;
  #waiting: { readonly id: string; readonly bytes: number }[] = [];

  private constructor(accounts: number, balance: number) {
    const keys: Record<string, string> = {};
    for (let i = 0; i < accounts; i++) {
      const { privateKey, publicKey } = generateKeyPairSync("ed25519");
      const name = `writer-${i + 1}`;
      keys[name] = privateKey.export({ format: "der", type: "pkcs8" }).toString("base64");
      this.accounts.set(name, { publicKey: textOf(publicKey), balance });
    }
    this.keys = keys;
    this.#makeBlock();
    this.#timer = setInterval(() => this.#makeBlock(), limits.blockMs);
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(({ status, body }) => {
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      });
    });
  }

  static async start({ accounts = 8, balance = 1_000_000 } = {}): Promise<PaperNode> {
    const node = new PaperNode(accounts, balance);
    node.#server.listen(0, "127.0.0.1");
    await once(node.#server, "listening");
    return node;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const [, room, name = ""] = (request.url ?? "").split("/");
    switch (`${request.method} ${room}`) {
      case "GET status":
        return { status: 200, body: this.#status() };
      case "GET blocks":
        return found(this.#blocks[Number(name)]);
      case "GET accounts":
        return found(this.accounts.get(name));
      case "POST transactions":
        return this.#take(await textFrom(request));
      default:
        return { status: 404, body: { error: "unknown", message: `there is nothing at ${request.url}` } };
    }
  }

  #status(): unknown {
    const head = this.#head;
    const finalNumber = Math.max(0, head.number - finalAfter);
    return {
      chainId: this.chainId,
      head: { number: head.number, id: head.id, timeMs: head.timeMs },
      final: { number: finalNumber, id: this.#blocks[finalNumber]?.id },
      ...limits,
      inkOfBlock,
      clerks: 3,
    };
  }

  #take(text: string): Answer {
    const refuse = (error: string, message: string): Answer => ({ status: 400, body: { error, message } });
    const { payload, signature } = JSON.parse(text) as { readonly payload: string; readonly signature: string };
    const { from, to, amount, expires } = JSON.parse(payload) as Payload;
    const id = sha256(payload);
    const [sender, receiver] = [this.accounts.get(from), this.accounts.get(to)];
    if (this.#seen.has(id)) return refuse("duplicate", `${id} is written already`);
    if (expires * 1000 < this.#head.timeMs) return refuse("expired", `it was valid until ${expires}`);
    if (sender === undefined || receiver === undefined) return refuse("account", "no such writer");
    const key = createPublicKey({ key: Buffer.from(sender.publicKey, "base64"), format: "der", type: "spki" });
    if (!verify(null, Buffer.from(payload), key, Buffer.from(signature, "base64"))) {
      return refuse("signature", `${from} did not sign this`);
    }
    if (sender.balance < amount) return refuse("sheets", `${from} has only ${sender.balance} sheets`);
    sender.balance -= amount;
    receiver.balance += amount;
    this.#seen.add(id);
    this.#waiting.push({ id, bytes: text.length });
    return { status: 202, body: { id } };
  }

  get #head(): PaperBlock {
    return this.#blocks.at(-1) as PaperBlock;
  }

  #makeBlock(): void {
    const room = Math.floor(inkOfBlock / inkOfTransfer);
    const taken = this.#waiting.slice(0, room);
    this.#waiting = this.#waiting.slice(room);
    const number = this.#blocks.length;
    const previous = this.#blocks.at(-1)?.id ?? "0".repeat(64);
    this.#blocks.push({
      number,
      previous,
      id: sha256(`${previous} ${number}`),
      clerk: `clerk-${(number % 3) + 1}`,
      timeMs: Date.now(),
      bytes: 100 + taken.reduce((sum, { bytes }) => sum + bytes, 0),
      ink: taken.length * inkOfTransfer,
      transactions: taken.map(({ id }) => id),
    });
  }
}

function found(value: unknown): Answer {
  return value === undefined ? { status: 404, body: { error: "unknown" } } : { status: 200, body: value };
}

function textOf(key: ReturnType<typeof createPublicKey>): string {
  return key.export({ format: "der", type: "spki" }).toString("base64");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

async function textFrom(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request) text += String(part);
  return text;
}
