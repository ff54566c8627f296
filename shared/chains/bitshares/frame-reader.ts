const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const final = 0x80;
const reserved = 0x70;
const maskedBit = 0x80;
const extended16 = 126;
const extended64 = 127;
const noCloseCode = 1005;

export interface FrameHandlers {
  /** A whole message: `start` … `end - 1` of `data`, to be read within the call. */
  onMessage(data: Buffer, start: number, end: number): void;
  onPing(payload: Buffer): void;
  /** The code, 1005 when there is none. */
  onClose(code: number): void;
}

/**
 * Takes what a WebSocket server sends, in whatever pieces it arrives. A message that lies whole in one piece, as nearly
 * all answers do, is handed on in place. Throws when the server breaks the protocol (RFC 6455, section 5).
 */
export class FrameReader {
  readonly #handlers: FrameHandlers;
  readonly #maximumBytes: number;
  /** Pieces of a frame that is not whole yet. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #neededBytes = 0;
  /** Earlier frames of a message in several frames. */
  #fragments: Buffer[] = [];
  #fragmentBytes = 0;

  constructor(handlers: FrameHandlers, options: { readonly maximumBytes: number }) {
    this.#handlers = handlers;
    this.#maximumBytes = options.maximumBytes;
  }

  read(piece: Buffer): void {
    let data = piece;
    if (this.#heldBytes > 0) {
      this.#held.push(piece);
      this.#heldBytes += piece.length;
      if (this.#heldBytes < this.#neededBytes) return;
      data = Buffer.concat(this.#held, this.#heldBytes);
      this.#held = [];
      this.#heldBytes = 0;
    }
    let at = 0;
    while (at < data.length) {
      const next = this.#readFrame(data, at);
      if (next < 0) {
        this.#held = [at === 0 ? data : data.subarray(at)];
        this.#heldBytes = data.length - at;
        this.#neededBytes = -next;
        return;
      }
      at = next;
    }
  }

  /** Where the next frame begins, or less the number of bytes that this one has at least, when it is not whole. */
  #readFrame(data: Buffer, at: number): number {
    const left = data.length - at;
    if (left < 2) return -2;
    const first = data[at] as number;
    const second = data[at + 1] as number;
    if ((first & reserved) !== 0 || (second & maskedBit) !== 0)
      throw new Error("the node sent a frame that is not valid");
    let length = second;
    let headerBytes = 2;
    if (length === extended16) {
      headerBytes = 4;
      if (left < headerBytes) return -headerBytes;
      length = data.readUInt16BE(at + 2);
    } else if (length === extended64) {
      headerBytes = 10;
      if (left < headerBytes) return -headerBytes;
      length = data.readUInt32BE(at + 2) * 2 ** 32 + data.readUInt32BE(at + 6);
    }
    if (length + this.#fragmentBytes > this.#maximumBytes) throw new Error("the node sent a message that is too long");
    if (left < headerBytes + length) return -(headerBytes + length);
    const start = at + headerBytes;
    this.#onFrame(first, data, start, start + length);
    return start + length;
  }

  #onFrame(first: number, data: Buffer, start: number, end: number): void {
    const isFinal = (first & final) !== 0;
    switch (first & 15) {
      case opcodes.text:
      case opcodes.binary:
        if (this.#fragments.length > 0) throw new Error("the node began a message within another");
        if (isFinal) this.#handlers.onMessage(data, start, end);
        else this.#keepFragment(data, start, end);
        break;
      case opcodes.continuation:
        if (this.#fragments.length === 0) throw new Error("the node continued a message that it had not begun");
        this.#keepFragment(data, start, end);
        if (isFinal) this.#finishFragments();
        break;
      case opcodes.close:
        this.#handlers.onClose(end - start >= 2 ? data.readUInt16BE(start) : noCloseCode);
        break;
      case opcodes.ping:
        this.#handlers.onPing(data.subarray(start, end));
        break;
      case opcodes.pong:
        break;
      default:
        throw new Error("the node sent a frame of an unknown kind");
    }
  }

  #keepFragment(data: Buffer, start: number, end: number): void {
    this.#fragments.push(data.subarray(start, end));
    this.#fragmentBytes += end - start;
  }

  #finishFragments(): void {
    const whole = Buffer.concat(this.#fragments, this.#fragmentBytes);
    this.#fragments = [];
    this.#fragmentBytes = 0;
    this.#handlers.onMessage(whole, 0, whole.length);
  }
}
