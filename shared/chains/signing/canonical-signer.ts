import { createHash } from "node:crypto";
import secp256k1 from "secp256k1";
import { sha256 } from "./one-shot-hash.ts";

/** Of secp256k1 (SEC 2, section 2.4.1): the field's prime and the group's order. */
const fieldPrime = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn;
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const halfOrder = order >> 1n;
/** λ·(x, y) = (β·x, y) for every point of the curve: the endomorphism of libsecp256k1's `scalar_impl.h`. */
const lambda = 0x5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72n;
const beta = 0x7ae96a2b657c07106e64479eac3434e99cf0497512f58995c1396c28719501een;
const generator = secp256k1.publicKeyCreate(
  Uint8Array.from({ length: 32 }, (_, i) => (i === 31 ? 1 : 0)),
  false,
);

/** Canonical numbers lie between these: the top bit is clear, and there is no needless leading zero byte. */
const canonicalFrom = 1n << 247n;
const canonicalEnd = 1n << 255n;

const nonceDomain = "canonical nonce of a Graphene signature";
const digestBytes = 32;
const pointBytes = 65;
/** Recovery byte, r and s. */
export const signatureBytes = 65;
/** Where the recovery byte says that the key is a compressed one. */
const compressedRecovery = 31;

/**
 * At this size the one inversion of a batch is about a fiftieth of the rest, and what is outstanding stays in the
 * processor's cache.
 */
const batchSize = 64;

interface Key {
  readonly scalar: bigint;
  readonly nonceSeed: Buffer;
}

/** One signature to be made; used again and again. */
class Entry {
  readonly digest = Buffer.alloc(digestBytes);
  message = 0n;
  key: Key = { scalar: 0n, nonceSeed: Buffer.alloc(0) };
  target: Uint8Array = new Uint8Array();
  offset = 0;
  attempt = 0;
  nonce = 0n;
  /** Product of the nonces of this and all earlier entries of the batch. */
  product = 0n;
  r = 0n;
  yIsOdd = 0;
  described: SignatureDescription | null = null;
}

/** Puts the 65 bytes of a signature, in the form that the chain's bodies have it in, at `offset` of `target`. */
export type PlaceSignature = (signature: Uint8Array, target: Uint8Array, offset: number) => void;

/** The first eight bytes of r, as two big-endian words. */
export interface SignatureDescription {
  matchKeyHigh: number;
  matchKeyLow: number;
}

/**
 * Signs digests so that Graphene and Antelope take the signatures for canonical: the top bits of r and s are clear and neither has a
 * needless leading zero byte (fc's `public_key::is_canonical`).
 *
 * About every second nonce gives an r that is not, and a library that can only sign whole pays twice for each signature.
 * Here a nonce k that fails is not thrown away: λ·k and λ²·k belong to points that cost one multiplication each, and then
 * k + 1 costs an addition. The first of this walk that is canonical is used. Which one that is follows from the published
 * point alone, so it says nothing about the nonce, which stays a secret of its own for every digest and key: a hash of
 * both with a seed that only the key's owner knows, as in Ed25519. The points come from libsecp256k1, in constant time;
 * the rest is done with big integers in batches that share one inversion, which is not, and which only somebody with a
 * stop-watch on the same machine could use. docs/adr/0007 has the figures.
 */
export class CanonicalSigner {
  readonly #keys: readonly Key[];
  readonly #place: PlaceSignature;
  readonly #entries = Array.from({ length: batchSize }, () => new Entry());
  readonly #point = new Uint8Array(pointBytes);
  readonly #sum = new Uint8Array(pointBytes);
  readonly #pointView = new DataView(this.#point.buffer);
  readonly #sumView = new DataView(this.#sum.buffer);
  readonly #signature = new Uint8Array(signatureBytes);
  readonly #signatureView = new DataView(this.#signature.buffer);
  /** Seed of the key, digest, and which attempt it is. */
  readonly #nonceInput = Buffer.alloc(2 * digestBytes + 1);
  #count = 0;

  constructor(keys: readonly Uint8Array[], place: PlaceSignature = placeRaw) {
    this.#place = place;
    const known = new Map<string, Key>();
    this.#keys = keys.map((bytes) => {
      const hex = Buffer.from(bytes).toString("hex");
      const key = known.get(hex) ?? {
        scalar: BigInt(`0x${hex}`),
        nonceSeed: createHash("sha256").update(nonceDomain).update(bytes).digest(),
      };
      known.set(hex, key);
      return key;
    });
  }

  /**
   * By the end of the next `signAll`, or sooner when a batch is full, the signature stands at `offset` of `target` and is
   * described in `described`. The digest is copied.
   */
  add(
    digest: Uint8Array,
    key: number,
    target: Uint8Array,
    offset: number,
    described: SignatureDescription | null,
  ): void {
    if (this.#count === batchSize) this.signAll();
    const entry = this.#entries[this.#count++] as Entry;
    entry.digest.set(digest);
    entry.message = numberAt(viewOf(entry.digest), 0);
    entry.key = this.#keys[key] as Key;
    entry.target = target;
    entry.offset = offset;
    entry.attempt = 0;
    entry.described = described;
  }

  signAll(): void {
    let open = this.#entries.slice(0, this.#count);
    this.#count = 0;
    while (open.length > 0) {
      let product = 1n;
      for (const entry of open) {
        this.#drawNonce(entry);
        product = (product * entry.nonce) % order;
        entry.product = product;
      }
      let inverse = inverseOf(product);
      const again: Entry[] = [];
      for (let i = open.length - 1; i >= 0; i--) {
        const entry = open[i] as Entry;
        const before = i === 0 ? 1n : (open[i - 1] as Entry).product;
        const inverseNonce = (inverse * before) % order;
        inverse = (inverse * entry.nonce) % order;
        if (!this.#finish(entry, inverseNonce)) again.push(entry);
      }
      open = again;
    }
  }

  #drawNonce(entry: Entry): void {
    const input = this.#nonceInput;
    input.set(entry.key.nonceSeed);
    input.set(entry.digest, digestBytes);
    input[2 * digestBytes] = entry.attempt++;
    const bytes = sha256(input);
    secp256k1.publicKeyCreate(bytes, false, this.#point);
    let nonce = numberAt(viewOf(bytes), 0);
    let x = numberAt(this.#pointView, 1);
    let point = this.#point;
    for (;;) {
      for (let turn = 0; turn < 3; turn++) {
        if (isCanonicalNumber(x)) {
          entry.nonce = nonce;
          entry.r = x;
          entry.yIsOdd = (point[pointBytes - 1] as number) & 1;
          return;
        }
        x = (x * beta) % fieldPrime;
        nonce = (nonce * lambda) % order;
      }
      // λ³ = 1: both are what they were before the three turns.
      secp256k1.publicKeyCombine([point, generator], false, this.#sum);
      point = this.#sum;
      x = numberAt(this.#sumView, 1);
      nonce = (nonce + 1n) % order;
    }
  }

  /** False when s is not canonical: then another nonce is needed. */
  #finish(entry: Entry, inverseNonce: bigint): boolean {
    const { r, message, key, target, offset, described } = entry;
    let s = (inverseNonce * ((message + r * key.scalar) % order)) % order;
    let recovery = entry.yIsOdd;
    if (s > halfOrder) {
      s = order - s;
      recovery ^= 1;
    }
    if (!isCanonicalNumber(s)) return false;
    const signature = this.#signature;
    signature[0] = compressedRecovery + recovery;
    writeNumber(this.#signatureView, 1, r);
    writeNumber(this.#signatureView, 33, s);
    this.#place(signature, target, offset);
    if (described !== null) {
      described.matchKeyHigh = this.#signatureView.getUint32(1);
      described.matchKeyLow = this.#signatureView.getUint32(5);
    }
    return true;
  }
}

function placeRaw(signature: Uint8Array, target: Uint8Array, offset: number): void {
  target.set(signature, offset);
}

/** Of the 64 bytes of r and s. */
export function isCanonical(compact: Uint8Array): boolean {
  const r = compact[0] as number;
  const s = compact[32] as number;
  return (
    r < 128 && s < 128 && (r !== 0 || (compact[1] as number) >= 128) && (s !== 0 || (compact[33] as number) >= 128)
  );
}

function isCanonicalNumber(value: bigint): boolean {
  return value >= canonicalFrom && value < canonicalEnd;
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** 32 bytes, the most significant first. */
function numberAt(view: DataView, at: number): bigint {
  const high = (view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8);
  return (high << 128n) | (view.getBigUint64(at + 16) << 64n) | view.getBigUint64(at + 24);
}

function writeNumber(view: DataView, at: number, value: bigint): void {
  // What does not fit into 64 bits is cut off by the setter.
  view.setBigUint64(at, value >> 192n);
  view.setBigUint64(at + 8, value >> 128n);
  view.setBigUint64(at + 16, value >> 64n);
  view.setBigUint64(at + 24, value);
}

/** Modulo the order, which is prime; by the extended Euclidean algorithm. */
function inverseOf(value: bigint): bigint {
  let [a, b] = [value, order];
  let [x, y] = [1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [x, y] = [y, x - quotient * y];
  }
  return x < 0n ? x + order : x;
}
