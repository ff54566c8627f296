const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const digitOf = new Int8Array(128).fill(-1);
for (const [digit, character] of [...alphabet].entries()) digitOf[character.charCodeAt(0)] = digit;

/** Five digits at a time: 58⁵ · 2¹⁶ still is an exact integer, and it is five times fewer passes over the bytes. */
const groupDigits = 5;

export function encodeBase58(bytes: Uint8Array): string {
  let value = 0n;
  for (const byte of bytes) value = value * 256n + BigInt(byte);
  let text = "";
  while (value > 0n) {
    text = alphabet[Number(value % 58n)] + text;
    value /= 58n;
  }
  for (const byte of bytes) {
    if (byte !== 0) break;
    text = `1${text}`;
  }
  return text;
}

/** `null` for text that is not base58 of at most `length` bytes; shorter values have zeros in front. */
export function decodeBase58(text: string, length: number): Buffer | null {
  // Sixteen bits each, the lowest first.
  const limbs = new Float64Array(Math.ceil(length / 2));
  for (let start = 0; start < text.length; start += groupDigits) {
    let group = 0;
    let factor = 1;
    for (let at = start; at < text.length && at < start + groupDigits; at += 1) {
      const digit = digitOf[text.charCodeAt(at)] ?? -1;
      if (digit < 0) return null;
      group = group * 58 + digit;
      factor *= 58;
    }
    for (let limb = 0; limb < limbs.length; limb += 1) {
      const value = limbs[limb]! * factor + group;
      group = Math.floor(value / 65_536);
      limbs[limb] = value - group * 65_536;
    }
    if (group > 0) return null;
  }
  return toBytes(limbs, length);
}

function toBytes(limbs: Float64Array, length: number): Buffer | null {
  const bytes = Buffer.alloc(limbs.length * 2);
  for (const [index, limb] of limbs.entries()) bytes.writeUInt16BE(limb, bytes.length - 2 * index - 2);
  if (bytes.length === length) return bytes;
  return bytes[0] === 0 ? bytes.subarray(1) : null;
}
