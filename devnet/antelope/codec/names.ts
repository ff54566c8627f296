const characters = ".12345abcdefghijklmnopqrstuvwxyz";

/** The same few names are read again and again. */
const textOf = new Map<string, string>();
const remembered = 200_000;

/** The name in the eight bytes at `offset`. */
export function nameFromBytes(bytes: Buffer, offset: number): string {
  const index = bytes.toString("latin1", offset, offset + 8);
  const known = textOf.get(index);
  if (known !== undefined) return known;
  const text = decode(bytes.readBigUInt64LE(offset));
  if (textOf.size >= remembered) textOf.clear();
  textOf.set(index, text);
  return text;
}

/** Twelve characters of five bits from the top, and one of four bits. */
function decode(value: bigint): string {
  let text = characters[Number(value & 15n)] ?? "";
  for (let rest = value >> 4n, index = 0; index < 12; index += 1, rest >>= 5n) {
    text = (characters[Number(rest & 31n)] ?? "") + text;
  }
  return text.replace(/\.+$/, "");
}

/** The number that the name stands for; names sort by it. */
export function nameToNumber(name: string): bigint {
  let value = 0n;
  for (let index = 0; index < 12; index += 1) {
    value = (value << 5n) | BigInt(Math.max(0, characters.indexOf(name[index] ?? ".")));
  }
  return (value << 4n) | BigInt(Math.max(0, characters.indexOf(name[12] ?? ".")) & 15);
}

/** Whether it is a name, and one that an account can have: at most twelve characters, no dot at the end. */
export function isAccountName(text: string): boolean {
  return /^[.1-5a-z]{0,11}[1-5a-z]$/.test(text);
}
