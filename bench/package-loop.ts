import secp256k1 from "secp256k1";
import { isCanonical } from "../shared/chains/signing/canonical-signer.ts";

/**
 * The plain way to sign under the canonical rule: the secp256k1 package signs whole, again and again until the signature
 * is canonical. Signing began like this, and is still measured against it.
 */
export class PackageLoop {
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
