import type { BroadcastCall } from "./chain-data.ts";
import { placeSignatureText, signatureTextBytes } from "./signature-text.ts";

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
const hexDigits = Buffer.from("0123456789abcdef", "latin1");

/** Renders the JSON of a transaction around its packed form and the room for its signatures. */
export class BodyWriter {
  static readonly placeSignature = placeSignatureText;

  readonly #opening: Uint8Array;
  readonly #closing: Uint8Array;

  constructor(call: BroadcastCall) {
    this.#opening = Buffer.from(openings[call], "latin1");
    this.#closing = Buffer.from(closings[call], "latin1");
  }

  bytesFor(packedBytes: number, signatures: number): number {
    return this.#packedAt(signatures) + packedBytes * 2 + this.#closing.length;
  }

  /** Where the text of a signature stands, counted from the start of the body. */
  signatureAt(index: number): number {
    return this.#opening.length + index * (signatureTextBytes + separator.length);
  }

  /** Everything but the signatures. There is room. */
  write(packed: Uint8Array, signatures: number, target: Uint8Array, offset: number): void {
    target.set(this.#opening, offset);
    for (let i = 1; i < signatures; i++) target.set(separator, offset + this.signatureAt(i) - separator.length);
    let at = offset + this.#packedAt(signatures);
    target.set(middle, at - middle.length);
    for (let i = 0; i < packed.length; i++) {
      const byte = packed[i] as number;
      target[at++] = hexDigits[byte >>> 4] as number;
      target[at++] = hexDigits[byte & 15] as number;
    }
    target.set(this.#closing, at);
  }

  #packedAt(signatures: number): number {
    return this.signatureAt(signatures) - separator.length + middle.length;
  }
}
