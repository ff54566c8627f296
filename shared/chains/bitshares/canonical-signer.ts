import secp256k1 from "secp256k1";

/**
 * Signs digests so that Graphene takes the signature for canonical: the top bits of r and s are clear and neither has
 * a needless leading zero byte (fc's `public_key::is_canonical`). The first attempt uses the plain RFC 6979 nonce, as
 * bitsharesjs does; about every second one fails, and a counter is mixed into the next.
 */
export class CanonicalSigner {
  /** Recovery byte, r and s of the signature made last. */
  readonly signature = new Uint8Array(65);

  readonly #compact = new Uint8Array(64);
  readonly #entropy = new Uint8Array(32);
  readonly #plain = {};
  readonly #mixed = { data: this.#entropy };

  sign(digest: Uint8Array, privateKey: Uint8Array): void {
    const compact = this.#compact;
    let { recid } = secp256k1.ecdsaSign(digest, privateKey, this.#plain, compact);
    for (let attempt = 1; !isCanonical(compact); attempt++) {
      this.#entropy[0] = attempt & 255;
      this.#entropy[1] = attempt >>> 8;
      recid = secp256k1.ecdsaSign(digest, privateKey, this.#mixed, compact).recid;
    }
    this.signature[0] = 31 + recid;
    this.signature.set(compact, 1);
  }
}

/** Of the 64 bytes of r and s. */
export function isCanonical(compact: Uint8Array): boolean {
  const r = compact[0] as number;
  const s = compact[32] as number;
  return (
    r < 128 && s < 128 && (r !== 0 || (compact[1] as number) >= 128) && (s !== 0 || (compact[33] as number) >= 128)
  );
}
