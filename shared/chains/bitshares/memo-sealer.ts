import { createCipheriv, createHash } from "node:crypto";
import secp256k1 from "secp256k1";
import { fromBase58 } from "../encoding/base58.ts";
import { sha256 } from "../signing/one-shot-hash.ts";
import { publicKeyText } from "./keys.ts";

const checksumBytes = 4;
const cipherBlockBytes = 16;
const pointBytes = 33;
/** A compressed point and its checksum always make 50 digits. */
const keyDigits = 50;
/** Pairs whose secret is kept: 128 bytes each. Making one takes longer than signing. */
const mostSecrets = 65_536;

export interface MemoKey {
  readonly text: string;
  readonly point: Uint8Array;
}

/**
 * Encrypts memos as wallets do: AES-256-CBC under what sender and recipient can both compute from one's private and the
 * other's public key, salted with a nonce, four bytes of the message's hash in front.
 */
export class MemoSealer {
  readonly #privateKeys: readonly Uint8Array[];
  readonly #senders: readonly MemoKey[];
  readonly #recipients: readonly MemoKey[];
  /** In hexadecimal digits, as the key is derived from them. */
  readonly #secrets = new Map<number, Buffer>();

  /** By account: the private keys that they sign with, and the public ones that their memos are read with. */
  constructor(privateKeys: readonly Uint8Array[], memoKeys: readonly string[]) {
    this.#privateKeys = privateKeys;
    const prefix = memoKeys[0]?.slice(0, -keyDigits) ?? "";
    const known = new Map<Uint8Array, MemoKey>();
    this.#senders = privateKeys.map((key) => {
      const made = known.get(key) ?? {
        text: publicKeyText(key, prefix),
        point: secp256k1.publicKeyCreate(key, true),
      };
      known.set(key, made);
      return made;
    });
    this.#recipients = memoKeys.map((text) => ({ text, point: pointOf(text) }));
  }

  /** Whoever has the recipient's private key reads the memo with this one. */
  sender(account: number): MemoKey {
    return this.#senders[account] as MemoKey;
  }

  recipient(account: number): MemoKey {
    return this.#recipients[account] as MemoKey;
  }

  /** `from` and `to` are positions of accounts. */
  seal(from: number, to: number, nonce: number, message: Uint8Array): Buffer {
    const derived = createHash("sha512").update(String(nonce)).update(this.#secret(from, to)).digest();
    const cipher = createCipheriv("aes-256-cbc", derived.subarray(0, 32), derived.subarray(32, 48));
    const checksum = sha256(message).subarray(0, checksumBytes);
    return Buffer.concat([cipher.update(checksum), cipher.update(message), cipher.final()]);
  }

  #secret(from: number, to: number): Buffer {
    const pair = from * this.#recipients.length + to;
    const known = this.#secrets.get(pair);
    if (known !== undefined) return known;
    const shared = secp256k1.publicKeyTweakMul(this.recipient(to).point, this.#privateKeys[from] as Uint8Array, true);
    const secret = Buffer.from(createHash("sha512").update(shared.subarray(1)).digest("hex"), "latin1");
    if (this.#secrets.size >= mostSecrets) this.#secrets.delete(this.#secrets.keys().next().value as number);
    this.#secrets.set(pair, secret);
    return secret;
  }
}

function pointOf(text: string): Uint8Array {
  return fromBase58(text.slice(-keyDigits)).subarray(0, pointBytes);
}

/** Of a message of that length. */
export function sealedBytes(length: number): number {
  const plain = checksumBytes + length;
  return plain + cipherBlockBytes - (plain % cipherBlockBytes);
}

/** The shortest message of one character or more that has as many bytes when it is encrypted. */
export function shortestSealed(bytes: number): number {
  return Math.max(1, bytes - cipherBlockBytes - checksumBytes);
}

/** The longest message that has as many bytes as one of that length. */
export function longestSealedLike(length: number): number {
  return sealedBytes(length) - checksumBytes - 1;
}
