/** Sequence numbers as they stand in `IncludedRecord`. */
export function encodeSequences(sequences: Uint32Array): string {
  const bytes = Buffer.alloc(sequences.length * 4);
  for (const [i, sequence] of sequences.entries()) bytes.writeUInt32LE(sequence, i * 4);
  return bytes.toString("base64");
}

export function decodeSequences(text: string): Uint32Array {
  const bytes = Buffer.from(text, "base64");
  return Uint32Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => bytes.readUInt32LE(i * 4));
}
