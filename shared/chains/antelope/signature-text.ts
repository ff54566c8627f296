import { hashText } from "../signing/one-shot-hash.ts";

const prefix = Buffer.from("SIG_K1_", "latin1");
const alphabet = Buffer.from("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", "latin1");
const signatureBytes = 65;
const checksumBytes = 4;
/** 69 bytes of which the first is 31 to 34 have this many digits in base 58, no more and no fewer. */
const digits = 94;
export const signatureTextBytes = prefix.length + digits;

/** Digits that are split off together: a division of big integers costs more than those of the halves. */
const digitsAtATime = 10;
const halfDigits = 5;
const divisor = 58n ** BigInt(digitsAtATime);
const half = 58n ** BigInt(halfDigits);

/** What the checksum is of: the signature and the kind of its key. */
const checked = Buffer.alloc(signatureBytes + 2);
checked.write("K1", signatureBytes, "latin1");
/** The signature and its checksum, with zeros in front up to whole words. */
const payload = Buffer.alloc(72);
const payloadAt = payload.length - signatureBytes - checksumBytes;
const view = new DataView(payload.buffer, payload.byteOffset, payload.length);

/** Writes the text of the 65 bytes of a K1 signature: `SIG_K1_` and base 58 with a checksum; `signatureTextBytes` long. */
export function placeSignatureText(signature: Uint8Array, target: Uint8Array, offset: number): void {
  checked.set(signature);
  const checksum = hashText("ripemd160", checked);
  payload.set(signature, payloadAt);
  for (let i = 0; i < checksumBytes; i++) payload[payloadAt + signatureBytes + i] = checksum.charCodeAt(i);
  target.set(prefix, offset);
  let number = 0n;
  for (let at = 0; at < payload.length; at += 8) number = (number << 64n) | view.getBigUint64(at);
  let end = offset + signatureTextBytes;
  for (let left = digits; left > 0; left -= digitsAtATime) {
    const quotient = number / divisor;
    const rest = number - quotient * divisor;
    const high = rest / half;
    writeDigits(Number(rest - high * half), Math.min(left, halfDigits), target, end);
    writeDigits(Number(high), Math.min(left - halfDigits, halfDigits), target, end - halfDigits);
    number = quotient;
    end -= digitsAtATime;
  }
}

/** The last `count` digits of `value`, ending before `end`. */
function writeDigits(value: number, count: number, target: Uint8Array, end: number): void {
  // Small integers divide many times faster.
  let rest = value | 0;
  for (let i = 1; i <= count; i++) {
    const next = (rest / 58) | 0;
    target[end - i] = alphabet[rest - next * 58] as number;
    rest = next;
  }
}
