import { hkdfSync, scrypt } from "node:crypto";
import { promisify } from "node:util";
import secp256k1 from "secp256k1";
import { AppError } from "../../shared/errors/app-error.ts";

/** A phrase guards the funds of every account: shorter ones can be guessed. */
const shortestPhrase = 16;
const salt = "loadstone accounts";
/** 2¹⁵ rounds in 32 MiB: a tenth of a second here, and for whoever guesses a phrase as long for each guess. */
const cost = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
const keyBytes = 32;

type Scrypt = (phrase: string, salt: string, bytes: number, options: typeof cost) => Promise<Buffer>;
const stretch = promisify(scrypt) as Scrypt;

/**
 * The private keys of accounts, always the same for the same phrase, chain and name:
 * HKDF-SHA-256 of scrypt(phrase), with "loadstone <chain> <name> <attempt>" as info, the first attempt from 0 that is a key.
 * docs/scenarios.md describes it for whoever has to get at the funds without this program.
 */
export async function derivePrivateKeys(phrase: string, chain: string, names: readonly string[]): Promise<Buffer[]> {
  const text = phrase.normalize("NFKD").trim();
  if (text.length < shortestPhrase) {
    throw new AppError("ACCOUNT_KEY", `the phrase for the accounts' keys has fewer than ${shortestPhrase} characters`, {
      hint: "Whoever guesses it has all accounts: take a dozen words by chance, such as from: openssl rand -base64 24",
    });
  }
  const seed = await stretch(text, salt, keyBytes, cost);
  return names.map((name) => deriveKey(seed, `loadstone ${chain} ${name}`));
}

function deriveKey(seed: Buffer, info: string): Buffer {
  for (let attempt = 0; ; attempt++) {
    const bytes = Buffer.from(hkdfSync("sha256", seed, "", `${info} ${attempt}`, keyBytes));
    if (secp256k1.privateKeyVerify(bytes)) return bytes;
  }
}
