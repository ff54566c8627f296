const headEnd = Buffer.from("\r\n\r\n", "latin1");
const lineEnd = Buffer.from("\r\n", "latin1");
const maximumHeadBytes = 64 * 1024;
/** Of the lines between the pieces of a body whose length nobody announced. */
const maximumLineBytes = 8 * 1024;

export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
  /** Another request may follow over the same connection. */
  readonly keepsOpen: boolean;
  /** For how long the node says that it keeps the connection without a request; null where it does not say. */
  readonly keptForMs: number | null;
}

export interface HttpReaderEvents {
  /** The head of an answer has been read. */
  onHead(): void;
  onAnswer(answer: HttpAnswer): void;
}

export interface HttpReaderOptions {
  readonly maximumBodyBytes: number;
}

interface Head extends Omit<HttpAnswer, "body"> {
  readonly framing: Framing;
}

/** How the end of a body is known (RFC 9112, section 6.3). */
type Framing = { readonly kind: "length"; readonly bytes: number } | { readonly kind: "chunks" | "until-close" };

type Expecting =
  | { readonly kind: "head" }
  | { readonly kind: "body"; readonly left: number; readonly then: "answer" | "chunk-end" }
  | { readonly kind: "chunk-size" | "chunk-end" | "trailers" | "end" };

/**
 * Reads the answers to the requests of one connection, in whatever pieces they arrive. Throws a SyntaxError at what is no
 * HTTP/1.1; nothing that follows can be read then.
 */
export class HttpReader {
  readonly #events: HttpReaderEvents;
  readonly #maximumBodyBytes: number;
  #held: Buffer = Buffer.alloc(0);
  #expecting: Expecting = { kind: "head" };
  #head: Head | null = null;
  #pieces: Buffer[] = [];
  #bodyBytes = 0;

  constructor(events: HttpReaderEvents, { maximumBodyBytes }: HttpReaderOptions) {
    this.#events = events;
    this.#maximumBodyBytes = maximumBodyBytes;
  }

  /** True within an answer. */
  get isReading(): boolean {
    return this.#head !== null || this.#held.length > 0;
  }

  /** `piece` is kept: what is handed out lies in it. */
  read(piece: Buffer): void {
    this.#held = this.#held.length === 0 ? piece : Buffer.concat([this.#held, piece]);
    while (this.#step());
  }

  /** The node has ended the connection: that may be the end of an answer. */
  close(): void {
    if (this.#expecting.kind === "end") this.#finish();
    else if (this.isReading) throw new SyntaxError("the connection ended within an answer");
  }

  /** False when more is needed. */
  #step(): boolean {
    const expecting = this.#expecting;
    switch (expecting.kind) {
      case "head":
        return this.#readHead();
      case "body":
        return this.#readBody(expecting.left, expecting.then);
      case "chunk-size":
        return this.#readLine((line) => this.#expectChunk(line));
      case "chunk-end":
        return this.#readLine((line) => {
          if (line !== "") throw new SyntaxError("a chunk is longer than it says");
          this.#expecting = { kind: "chunk-size" };
        });
      case "trailers":
        return this.#readLine((line) => {
          if (line === "") this.#finish();
        });
      case "end":
        return this.#take(this.#held.length);
    }
  }

  #readHead(): boolean {
    const end = this.#held.indexOf(headEnd);
    if (end < 0) {
      if (this.#held.length > maximumHeadBytes) throw new SyntaxError("the head of an answer is too long");
      return false;
    }
    const text = this.#held.toString("latin1", 0, end);
    this.#held = this.#held.subarray(end + headEnd.length);
    const head = parseHead(text);
    // An interim answer: the one that counts follows.
    if (head === null) return true;
    this.#head = head;
    this.#events.onHead();
    const { framing } = head;
    if (framing.kind === "length") this.#expectBody(framing.bytes, "answer");
    else this.#expecting = { kind: framing.kind === "chunks" ? "chunk-size" : "end" };
    return true;
  }

  #expectChunk(line: string): void {
    const digits = /^([0-9a-f]{1,8})\s*(?:;|$)/i.exec(line)?.[1];
    if (digits === undefined) throw new SyntaxError("a chunk does not say how long it is");
    const bytes = Number.parseInt(digits, 16);
    if (bytes === 0) this.#expecting = { kind: "trailers" };
    else this.#expectBody(bytes, "chunk-end");
  }

  #expectBody(bytes: number, then: "answer" | "chunk-end"): void {
    if (this.#bodyBytes + bytes > this.#maximumBodyBytes) throw new SyntaxError("an answer is too long");
    if (bytes === 0) this.#finish();
    else this.#expecting = { kind: "body", left: bytes, then };
  }

  #readBody(left: number, then: "answer" | "chunk-end"): boolean {
    const bytes = Math.min(left, this.#held.length);
    if (!this.#take(bytes)) return false;
    if (bytes < left) {
      this.#expecting = { kind: "body", left: left - bytes, then };
      return false;
    }
    if (then === "answer") this.#finish();
    else this.#expecting = { kind: "chunk-end" };
    return true;
  }

  #take(bytes: number): boolean {
    if (bytes === 0) return false;
    this.#bodyBytes += bytes;
    if (this.#bodyBytes > this.#maximumBodyBytes) throw new SyntaxError("an answer is too long");
    this.#pieces.push(this.#held.subarray(0, bytes));
    this.#held = this.#held.subarray(bytes);
    return true;
  }

  #readLine(use: (line: string) => void): boolean {
    const end = this.#held.indexOf(lineEnd);
    if (end < 0) {
      if (this.#held.length > maximumLineBytes) throw new SyntaxError("a line within an answer is too long");
      return false;
    }
    const line = this.#held.toString("latin1", 0, end);
    this.#held = this.#held.subarray(end + lineEnd.length);
    use(line);
    return true;
  }

  #finish(): void {
    const { status, keepsOpen, keptForMs } = this.#head as Head;
    const body = this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces);
    this.#head = null;
    this.#pieces = [];
    this.#bodyBytes = 0;
    this.#expecting = { kind: "head" };
    this.#events.onAnswer({ status, body, keepsOpen, keptForMs });
  }
}

/** Null of an interim answer. */
function parseHead(text: string): Head | null {
  const [statusLine = "", ...lines] = text.split("\r\n");
  const [, minor, digits] = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(statusLine) ?? [];
  if (digits === undefined) throw new SyntaxError(`no HTTP/1.1: ${statusLine.slice(0, 80)}`);
  const status = Number(digits);
  if (status === 101) throw new SyntaxError("the node wants to speak another protocol");
  if (status < 200) return null;
  let length: number | null = null;
  let coding = "";
  let connection = "";
  let keepAlive = "";
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon <= 0) throw new SyntaxError("a line of an answer's head is no field");
    switch (line.slice(0, colon).toLowerCase()) {
      case "content-length":
        length = lengthOf(line.slice(colon + 1).trim(), length);
        break;
      case "transfer-encoding":
        coding += `,${line
          .slice(colon + 1)
          .trim()
          .toLowerCase()}`;
        break;
      case "connection":
        connection += `,${line
          .slice(colon + 1)
          .trim()
          .toLowerCase()}`;
        break;
      case "keep-alive":
        keepAlive = line.slice(colon + 1);
        break;
    }
  }
  const framing = framingOf(status, coding, length);
  const tokens = connection.split(",").map((token) => token.trim());
  const wantsOpen = minor === "1" ? !tokens.includes("close") : tokens.includes("keep-alive");
  const seconds = /(?:^|[\s,])timeout=(\d{1,9})/i.exec(keepAlive)?.[1];
  return {
    status,
    framing,
    keepsOpen: wantsOpen && framing.kind !== "until-close",
    keptForMs: seconds === undefined ? null : Number(seconds) * 1000,
  };
}

function lengthOf(value: string, before: number | null): number {
  const bytes = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isNaN(bytes) || (before !== null && before !== bytes)) {
    throw new SyntaxError("an answer does not say clearly how long it is");
  }
  return bytes;
}

function framingOf(status: number, coding: string, length: number | null): Framing {
  if (status === 204 || status === 304) return { kind: "length", bytes: 0 };
  if (coding !== "") return { kind: /(?:^|[\s,])chunked$/.test(coding) ? "chunks" : "until-close" };
  return length === null ? { kind: "until-close" } : { kind: "length", bytes: length };
}
