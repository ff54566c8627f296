import { createHash } from "node:crypto";
import { Numeric } from "eosjs";
import { signCanonically } from "../crypto/compact-signature.ts";
import { developmentPrivateKey } from "./sign.ts";

const noContextFreeData = Buffer.alloc(32);

/** `SIG_K1_…` over a packed transaction, under the chain's canonical rule. */
export function signPacked(packed: Uint8Array, chainId: string, key: Uint8Array = developmentPrivateKey): string {
  const hash = createHash("sha256").update(Buffer.from(chainId, "hex")).update(packed).update(noContextFreeData);
  return Numeric.signatureToString({ type: Numeric.KeyType.k1, data: signCanonically(hash.digest(), key) });
}
