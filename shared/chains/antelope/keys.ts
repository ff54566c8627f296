import { Numeric } from "eosjs";
import secp256k1 from "secp256k1";
import { AppError } from "../../errors/app-error.ts";
import { base58 } from "../encoding/base58.ts";
import { hashText } from "../signing/one-shot-hash.ts";

/** The 32 bytes of a K1 key in Wallet Import Format or as `PVT_K1_…`. The error never holds the key. */
export function privateKeyBytes(text: string, owner: string): Buffer {
  try {
    const key = Numeric.stringToPrivateKey(text);
    const bytes = Buffer.from(key.data);
    // The library does not look at the checksum of Wallet Import Format: a typo would be another key.
    const isWhole = text.startsWith("PVT_") || toPrivateKeyText(bytes) === text;
    if (isWhole && key.type === Numeric.KeyType.k1 && secp256k1.privateKeyVerify(bytes)) return bytes;
  } catch {
    // The library's own message would quote parts of the key.
  }
  throw new AppError("ACCOUNT_KEY", `the private key of ${owner} is not a K1 key`, {
    hint: "A K1 key is base58 text that starts with 5 or with PVT_K1_.",
  });
}

/** `EOS…`, as nodes write it. The library would take six times as long, which counts with thousands of accounts. */
export function publicKeyText(privateKey: Uint8Array): string {
  const point = secp256k1.publicKeyCreate(privateKey, true);
  const checksum = Buffer.from(hashText("ripemd160", point), "latin1").subarray(0, 4);
  return `EOS${base58(Buffer.concat([point, checksum]))}`;
}

/** `PUB_K1_…` for either way of writing a public key; throws the library's error for anything else. */
export function canonicalPublicKey(text: string): string {
  return Numeric.publicKeyToString(Numeric.stringToPublicKey(text));
}

export function toPrivateKeyText(privateKey: Uint8Array): string {
  return Numeric.privateKeyToLegacyString({ type: Numeric.KeyType.k1, data: privateKey });
}
