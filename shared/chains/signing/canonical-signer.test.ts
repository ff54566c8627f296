import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import secp256k1 from "secp256k1";
import { CanonicalSigner, isCanonical, signatureBytes } from "./canonical-signer.ts";

function hashOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

const keys = [0, 1, 2].map((i) => hashOf(`key ${i}`));
const publicKeys = keys.map((key) => Buffer.from(secp256k1.publicKeyCreate(key)).toString("hex"));

interface Signed {
  readonly bytes: Buffer;
  readonly described: { matchKeyHigh: number; matchKeyLow: number };
}

function signTogether(count: number, texts: (i: number) => string, signer = new CanonicalSigner(keys)): Signed[] {
  const target = Buffer.alloc(count * (signatureBytes + 3));
  const signed = Array.from({ length: count }, (_, i) => ({
    at: i * (signatureBytes + 3) + 1,
    described: { matchKeyHigh: 0, matchKeyLow: 0 },
  }));
  for (const [i, { at, described }] of signed.entries()) {
    signer.add(hashOf(texts(i)), i % keys.length, target, at, described);
  }
  signer.signAll();
  return signed.map(({ at, described }) => ({ bytes: target.subarray(at, at + signatureBytes), described }));
}

test("thousands of signatures are canonical, verify, and give back the key", () => {
  const count = 4000;
  for (const [i, { bytes, described }] of signTogether(count, (i) => `message ${i}`).entries()) {
    const compact = bytes.subarray(1);
    const digest = hashOf(`message ${i}`);
    expect(isCanonical(compact)).toBe(true);
    const recovered = secp256k1.ecdsaRecover(compact, (bytes[0] as number) - 31, digest);
    expect(Buffer.from(recovered).toString("hex")).toBe(publicKeys[i % keys.length]);
    expect(described).toEqual({ matchKeyHigh: bytes.readUInt32BE(1), matchKeyLow: bytes.readUInt32BE(5) });
  }
});

test("a signature depends on its digest and key alone, not on what is signed with it", () => {
  const reference = signTogether(150, (i) => `message ${i}`).map(({ bytes }) => bytes.toString("hex"));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 150 }), fc.integer({ min: 0, max: 70 }), (count, before) => {
      const signer = new CanonicalSigner(keys);
      signTogether(before, (i) => `other ${i}`, signer);
      const again = signTogether(count, (i) => `message ${i}`, signer).map(({ bytes }) => bytes.toString("hex"));
      expect(again).toEqual(reference.slice(0, count));
    }),
    { numRuns: 20 },
  );
});

test("no point is used for two digests or two keys", () => {
  const points = new Set<string>();
  for (const { bytes } of signTogether(3000, (i) => `message ${i}`)) points.add(bytes.toString("hex", 1, 33));
  // The same digests with other keys.
  const rotated = new CanonicalSigner([keys[1], keys[2], keys[0]] as Buffer[]);
  for (const { bytes } of signTogether(3000, (i) => `message ${i}`, rotated)) points.add(bytes.toString("hex", 1, 33));
  expect(points.size).toBe(6000);
});

test("nonces are spread evenly over their range, so that lattices find nothing", () => {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const count = 4096;
  const bins = new Uint32Array(16);
  const ends = new Uint32Array(16);
  for (const [i, { bytes }] of signTogether(count, (i) => `message ${i}`).entries()) {
    const number = (from: number): bigint => BigInt(`0x${bytes.toString("hex", from, from + 32)}`);
    const secret = BigInt(`0x${(keys[i % keys.length] as Buffer).toString("hex")}`);
    const message = BigInt(`0x${hashOf(`message ${i}`).toString("hex")}`);
    // k = (m + r·d) / s, up to its sign, which low s hides.
    const nonce = ((message + number(1) * secret) * power(number(33), order - 2n, order)) % order;
    bins[Number(nonce >> 252n)] = (bins[Number(nonce >> 252n)] as number) + 1;
    ends[Number(nonce & 15n)] = (ends[Number(nonce & 15n)] as number) + 1;
  }
  // Each is a binomial with mean 256 and deviation 15.5; five deviations are exceeded once in a million.
  for (const counted of [...bins, ...ends]) expect(Math.abs(counted - count / 16)).toBeLessThan(5 * 15.5);
});

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}
