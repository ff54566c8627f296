import { randomFillSync } from "node:crypto";
import { endianness } from "node:os";
import { ByteWriter } from "../encoding/byte-writer.ts";

const finalText = 0x81;
const finalControl = 0x80;
const masked = 0x80;
const extended16 = 126;
const extended64 = 127;
/** Of the header that nearly every message has: two bytes, a 16-bit length and the masking key. */
const commonHeaderBytes = 8;
const longHeaderBytes = 14;
const shortHeaderBytes = 6;
const keyBytes = 4;
/** Filling a pool of keys costs a system call; four bytes at a time would cost one for each message. */
const keyPoolBytes = 16 * 1024;
/** A word of a byte's mask has the key's first byte at the lowest address. */
const isLittleEndian = endianness() === "LE";

/**
 * Text frames of a WebSocket client, one after the other in one buffer, so that all that is due together is one write.
 * Every frame has a masking key of its own from the system's random source, as RFC 6455 (section 5.3) demands; masking
 * costs about as much as copying, because it is done in words.
 */
export class FrameWriter {
  /** Where a message's bytes are appended between `begin` and `end`. */
  readonly out: ByteWriter;

  readonly #keys = Buffer.alloc(keyPoolBytes);
  #keyAt = keyPoolBytes;
  #frameAt = 0;

  constructor(capacity: number) {
    this.out = new ByteWriter(capacity);
  }

  begin(): void {
    this.#frameAt = this.out.length;
    this.out.ensure(longHeaderBytes);
    this.out.length += commonHeaderBytes;
  }

  end(): void {
    const { out } = this;
    const from = this.#frameAt + commonHeaderBytes;
    const length = out.length - from;
    if (length < extended16) this.#shift(from, shortHeaderBytes - commonHeaderBytes);
    else if (length > 0xffff) this.#shift(from, longHeaderBytes - commonHeaderBytes);
    this.#writeHeader(finalText, length);
  }

  /** `opcode` of a close, ping or pong; at most 125 bytes. */
  control(opcode: number, payload: Uint8Array): void {
    this.#frameAt = this.out.length;
    this.out.ensure(shortHeaderBytes);
    this.out.length += shortHeaderBytes;
    this.out.append(payload);
    this.#writeHeader(finalControl | opcode, payload.length);
  }

  #shift(from: number, by: number): void {
    const { out } = this;
    out.ensure(Math.max(0, by));
    out.bytes.copyWithin(from + by, from, out.length);
    out.length += by;
  }

  #writeHeader(first: number, length: number): void {
    const { bytes } = this.out;
    let at = this.#frameAt;
    bytes[at++] = first;
    if (length < extended16) {
      bytes[at++] = masked | length;
    } else if (length <= 0xffff) {
      bytes[at++] = masked | extended16;
      at = bytes.writeUInt16BE(length, at);
    } else {
      bytes[at++] = masked | extended64;
      at = bytes.writeUInt32BE(0, at);
      at = bytes.writeUInt32BE(length, at);
    }
    if (this.#keyAt === keyPoolBytes) {
      randomFillSync(this.#keys);
      this.#keyAt = 0;
    }
    const keyAt = this.#keyAt;
    this.#keyAt += keyBytes;
    for (let i = 0; i < keyBytes; i++) bytes[at++] = this.#keys[keyAt + i] as number;
    maskBytes(bytes, at, this.out.length, at - keyBytes);
  }
}

/** Over `from` … `end - 1`, with the key that lies at `keyAt`. The buffer begins at an address that words have. */
function maskBytes(bytes: Buffer, from: number, end: number, keyAt: number): void {
  const key = [bytes[keyAt], bytes[keyAt + 1], bytes[keyAt + 2], bytes[keyAt + 3]] as [number, number, number, number];
  let at = from;
  for (; at < end && (at & 3) !== 0; at++) bytes[at] = (bytes[at] as number) ^ (key[(at - from) & 3] as number);
  const turn = (at - from) & 3;
  const byte = (i: number): number => key[(turn + i) & 3] as number;
  const word = isLittleEndian
    ? byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24)
    : byte(3) | (byte(2) << 8) | (byte(1) << 16) | (byte(0) << 24);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
  const endWord = end >>> 2;
  for (let i = at >>> 2; i < endWord; i++) words[i] = (words[i] as number) ^ word;
  for (at = Math.max(at, endWord << 2); at < end; at++) {
    bytes[at] = (bytes[at] as number) ^ (key[(at - from) & 3] as number);
  }
}
