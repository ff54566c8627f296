import type { ChainParameters } from "./chain-data.ts";

/** `fixed_net_overhead_of_packed_trx`. */
const packedOverheadBytes = 16;
/** A vector of one signature, of which nodes bill a fifth: `context_free_discount_net_usage_num` / `_den`. */
const signatureBytes = 67;
const signatureShare = 0.2;
const bytesPerWord = 8;

/** NET that nodes bill for a transaction with one signature. `packedBytes`: without signatures. */
export function billedNetBytes(packedBytes: number, { baseTransactionNetBytes }: ChainParameters): number {
  const signature = Math.ceil(signatureBytes * signatureShare);
  const bytes = baseTransactionNetBytes + packedOverheadBytes + packedBytes + signature;
  return Math.ceil(bytes / bytesPerWord) * bytesPerWord;
}
