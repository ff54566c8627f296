import { hash, PrivateKey } from "bitsharesjs";
import secp256k1 from "secp256k1";
import { AppError } from "../../errors/app-error.ts";
import { base58 } from "../encoding/base58.ts";

/** The 32 bytes of a key in Wallet Import Format. The error never holds the key. */
export function privateKeyBytes(wif: string, owner: string): Buffer {
  try {
    const bytes = PrivateKey.fromWif(wif).toBuffer();
    if (secp256k1.privateKeyVerify(bytes)) return bytes;
  } catch {
    // The library's own message would quote parts of the key.
  }
  throw new AppError("ACCOUNT_KEY", `the private key of ${owner} is not a key in Wallet Import Format`, {
    hint: "A key in Wallet Import Format is base58 text that starts with 5.",
  });
}

// The library's way to the text of a public key takes milliseconds, which counts with thousands of accounts.
export function publicKeyText(privateKey: Uint8Array, prefix: string): string {
  const point = Buffer.from(secp256k1.publicKeyCreate(privateKey, true));
  return prefix + base58(Buffer.concat([point, hash.ripemd160(point).subarray(0, 4)]));
}

export function toWif(privateKey: Buffer): string {
  return PrivateKey.fromBuffer(privateKey).toWif();
}
