/**
 * Bytes in Graphene's binary form, or ASCII text, written into one buffer that is used over and over and grows when it
 * must. Numbers are non-negative integers up to 2⁵³ − 1.
 */
export class ByteWriter {
  bytes: Buffer;
  length = 0;

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
  }

  /** Makes room; must be called before writing as much. */
  ensure(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + more));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }

  byte(value: number): void {
    this.bytes[this.length++] = value;
  }

  uint16(value: number): void {
    const { bytes } = this;
    bytes[this.length++] = value & 255;
    bytes[this.length++] = (value >>> 8) & 255;
  }

  uint32(value: number): void {
    const { bytes } = this;
    bytes[this.length++] = value & 255;
    bytes[this.length++] = (value >>> 8) & 255;
    bytes[this.length++] = (value >>> 16) & 255;
    bytes[this.length++] = value >>> 24;
  }

  uint64(value: number): void {
    this.uint32(value >>> 0);
    this.uint32(Math.floor(value / 4294967296));
  }

  varint(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.bytes[this.length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.length++] = rest;
  }

  /** Decimal digits. */
  digits(value: number): void {
    const { bytes } = this;
    let count = 1;
    for (let limit = 10; value >= limit; limit *= 10) count++;
    let rest = value;
    let at = this.length + count;
    this.length = at;
    while (rest > 2147483647) {
      const next = Math.floor(rest / 10);
      bytes[--at] = 48 + (rest - next * 10);
      rest = next;
    }
    // Small integers divide many times faster.
    let small = rest | 0;
    do {
      const next = (small / 10) | 0;
      bytes[--at] = 48 + small - next * 10;
      small = next;
    } while (small > 0);
  }

  append(source: Uint8Array): void {
    this.ensure(source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
  }

  ascii(text: string): void {
    this.ensure(text.length);
    this.length += this.bytes.write(text, this.length, "latin1");
  }
}

export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}
