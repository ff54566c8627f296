import { createHash } from "node:crypto";

const prefix = Buffer.from("SIG_K1_", "latin1");
const alphabet = Buffer.from("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", "latin1");
const suffix = Buffer.from("K1", "latin1");
const signatureBytes = 65;
const checksumBytes = 4;
const payloadBytes = signatureBytes + checksumBytes;
/** 69 bytes of which the first is 31 to 34 have this many digits in base 58, no more and no fewer. */
const digits = 94;
export const signatureTextBytes = prefix.length + digits;

/** Digits that are split off together: 58⁵ times the limbs' base stays below 2⁵³. */
const digitsAtATime = 5;
const divisor = 58 ** digitsAtATime;
const limbBytes = 2;
const limbBase = 65_536;
/** The 69 bytes with one zero in front. */
const limbs = (payloadBytes + 1) / limbBytes;

const payload = Buffer.alloc(payloadBytes + 1);
const number = new Float64Array(limbs);

/** Writes the text of the 65 bytes of a K1 signature: `SIG_K1_` and base 58 with a checksum; `signatureTextBytes` long. */
export function placeSignatureText(signature: Uint8Array, target: Uint8Array, offset: number): void {
  const checksum = createHash("ripemd160").update(signature).update(suffix).digest();
  payload.set(signature, 1);
  checksum.copy(payload, 1 + signatureBytes, 0, checksumBytes);
  for (let i = 0; i < limbs; i++) number[i] = payload.readUInt16BE(i * limbBytes);
  target.set(prefix, offset);
  writeDigits(target, offset + signatureTextBytes);
}

/** From the last digit to the first, by long division of what is in `number`. */
function writeDigits(target: Uint8Array, end: number): void {
  let at = end;
  let first = 0;
  for (let left = digits; left > 0; left -= digitsAtATime) {
    let remainder = 0;
    for (let i = first; i < limbs; i++) {
      const value = remainder * limbBase + (number[i] as number);
      const quotient = Math.floor(value / divisor);
      number[i] = quotient;
      remainder = value - quotient * divisor;
    }
    while (first < limbs && number[first] === 0) first++;
    for (let k = Math.min(left, digitsAtATime); k > 0; k--) {
      const next = Math.floor(remainder / 58);
      target[--at] = alphabet[remainder - next * 58] as number;
      remainder = next;
    }
  }
}
