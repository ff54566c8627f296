import { nameFromBytes } from "./names.ts";

/** Thrown by a `PackedReader` for data that are cut short: the words are the node's. */
export class RangeExceeded extends Error {}

/** Reads Antelope's binary form. */
export class PackedReader {
  readonly bytes: Buffer;
  offset = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  uint8(): number {
    // Single bytes are taken by another function of the node's stream than longer values are.
    if (this.remaining < 1) throw new RangeExceeded(`get datastream of length ${this.bytes.length} over by 1`);
    const value = this.bytes.readUInt8(this.offset);
    this.offset += 1;
    return value;
  }

  uint16(): number {
    return this.bytes.readUInt16LE(this.#take(2));
  }

  uint32(): number {
    return this.bytes.readUInt32LE(this.#take(4));
  }

  uint64(): bigint {
    return this.bytes.readBigUInt64LE(this.#take(8));
  }

  int64(): bigint {
    return this.bytes.readBigInt64LE(this.#take(8));
  }

  varuint32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.uint8();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    return value % 2 ** 32;
  }

  name(): string {
    return nameFromBytes(this.bytes, this.#take(8));
  }

  /** With their length in front. A view, not a copy. */
  lengthAndBytes(): Buffer {
    const length = this.varuint32();
    const start = this.#take(length);
    return this.bytes.subarray(start, start + length);
  }

  text(): string {
    return this.lengthAndBytes().toString("utf8");
  }

  list<Item>(read: () => Item): Item[] {
    const length = this.varuint32();
    const items: Item[] = [];
    for (let index = 0; index < length; index += 1) items.push(read());
    return items;
  }

  #take(length: number): number {
    const start = this.offset;
    const over = start + length - this.bytes.length;
    if (over > 0) throw new RangeExceeded(`read datastream of length ${this.bytes.length} over by ${over}`);
    this.offset = start + length;
    return start;
  }
}
