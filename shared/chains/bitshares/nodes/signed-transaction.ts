import { ops } from "bitsharesjs";
import library from "bitsharesjs-ws";
import type { TransactionReference } from "../../driver.ts";
import { CanonicalSigner, signatureBytes } from "../../signing/canonical-signer.ts";
import { sha256 } from "../../signing/one-shot-hash.ts";

export interface TransactionOptions {
  readonly operations: readonly (readonly [number, unknown])[];
  readonly chainId: string;
  readonly reference: TransactionReference;
  readonly expirationSeconds: number;
  readonly privateKey: Uint8Array;
}

/** A transaction as `broadcast_transaction` takes it: for a few at a time, where speed is of no interest. */
export function signedTransaction(options: TransactionOptions): unknown {
  const { operations, chainId, reference, expirationSeconds, privateKey } = options;
  // The library writes and reads public keys with the prefix that it was told last.
  library.ChainConfig.setPrefix("BTS");
  const transaction = ops.transaction.fromObject({
    ref_block_num: reference.blockNumber & 0xffff,
    ref_block_prefix: Buffer.from(reference.blockId, "hex").readUInt32LE(4),
    expiration: new Date(expirationSeconds * 1000).toISOString().slice(0, 19),
    operations,
    extensions: [],
  });
  const signature = Buffer.alloc(signatureBytes);
  const signer = new CanonicalSigner([privateKey]);
  const digest = sha256(Buffer.concat([Buffer.from(chainId, "hex"), ops.transaction.toBuffer(transaction)]));
  signer.add(digest, 0, signature, 0, null);
  signer.signAll();
  return { ...(ops.transaction.toObject(transaction) as object), signatures: [signature.toString("hex")] };
}
