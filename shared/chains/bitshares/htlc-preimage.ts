import { createHash } from "node:crypto";

/** What a contract of the run is opened with: 32 bytes. */
export const preimageBytes = 32;

/**
 * The preimage of a contract between two accounts of a run, by their names and the amount in smallest units. It follows
 * from what anybody can see of the contract, so that every beacon and every later run can open it; no key is part of
 * it, and what is opened goes to the one whom it is for, whoever opens it.
 */
export function htlcPreimage(from: string, to: string, amount: number): Buffer {
  return createHash("sha256").update(`loadstone htlc ${from} ${to} ${amount}`).digest();
}

/** In hex; SHA-256, which the protocol calls 2. */
export function htlcHash(from: string, to: string, amount: number): string {
  return createHash("sha256")
    .update(htlcPreimage(from, to, amount))
    .digest("hex");
}
