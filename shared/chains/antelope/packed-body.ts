import { ByteWriter } from "../encoding/byte-writer.ts";
import type { BroadcastCall } from "./chain-data.ts";
import { placeSignatureText, signatureTextBytes } from "./signature-text.ts";

/**
 * The body of a prepared transaction: the number of its signatures, their texts, and the transaction in its packed form.
 * Its JSON, which has the packed form in hexadecimal digits, is twice as long and is rendered when it is sent, in less than
 * a microsecond. Signatures are kept as text, since their digits in base 58 take several.
 */
const countBytes = 1;
const maximumSignatures = 255;

/** Writes the text of a signature of 65 bytes at its place. */
export const placeSignature = placeSignatureText;

export function bodyBytesFor(packedBytes: number, signatures: number): number {
  return signatureAt(signatures) + packedBytes;
}

/** Where the text of a signature stands, counted from the start of the body. */
export function signatureAt(index: number): number {
  return countBytes + index * signatureTextBytes;
}

/** Everything but the signatures. There is room. */
export function writeBody(packed: Uint8Array, signatures: number, target: Uint8Array, offset: number): void {
  if (signatures > maximumSignatures) throw new RangeError(`${signatures} signatures are too many`);
  target[offset] = signatures;
  target.set(packed, offset + signatureAt(signatures));
}

const openings: Readonly<Record<BroadcastCall, string>> = {
  send_transaction2: '{"return_failure_trace":false,"retry_trx":false,"transaction":{"signatures":["',
  send_transaction: '{"signatures":["',
  push_transaction: '{"signatures":["',
};
const separator = Buffer.from('","', "latin1");
const middle = Buffer.from('"],"compression":0,"packed_context_free_data":"","packed_trx":"', "latin1");
const closings: Readonly<Record<BroadcastCall, string>> = {
  send_transaction2: '"}}',
  send_transaction: '"}',
  push_transaction: '"}',
};

/** For each byte its two hexadecimal digits, the first in the low half. */
const hexPairs = Uint16Array.from({ length: 256 }, (_, byte) => {
  const [high, low] = Buffer.from(byte.toString(16).padStart(2, "0"), "latin1") as unknown as [number, number];
  return high | (low << 8);
});

/** Renders the JSON that one call of a node takes. */
export class BodyRenderer {
  readonly #opening: Uint8Array;
  readonly #closing: Uint8Array;

  constructor(call: BroadcastCall) {
    this.#opening = Buffer.from(openings[call], "latin1");
    this.#closing = Buffer.from(closings[call], "latin1");
  }

  jsonBytesOf(body: Uint8Array): number {
    const signatures = body[0] as number;
    const packed = body.length - signatureAt(signatures);
    const texts = signatures * (signatureTextBytes + separator.length) - separator.length;
    return this.#opening.length + texts + middle.length + packed * 2 + this.#closing.length;
  }

  /** Appends the JSON. */
  render(body: Uint8Array, out: ByteWriter): void {
    out.ensure(this.jsonBytesOf(body));
    out.append(this.#opening);
    const signatures = body[0] as number;
    for (let i = 0; i < signatures; i++) {
      if (i > 0) out.append(separator);
      out.append(body.subarray(signatureAt(i), signatureAt(i + 1)));
    }
    out.append(middle);
    const { bytes } = out;
    let at = out.length;
    for (let i = signatureAt(signatures); i < body.length; i++) {
      const pair = hexPairs[body[i] as number] as number;
      bytes[at++] = pair & 255;
      bytes[at++] = pair >>> 8;
    }
    out.length = at;
    out.append(this.#closing);
  }
}

/** The JSON of a body as text. */
export function bodyToJson(body: Uint8Array, call: BroadcastCall): string {
  const out = new ByteWriter(1024);
  new BodyRenderer(call).render(body, out);
  return out.bytes.toString("latin1", 0, out.length);
}
