import { burnerAccount } from "../../devnet/burner-abi.ts";
import type { MixEntryInput } from "../driver.ts";
import { signatureBytes } from "../signing/canonical-signer.ts";
import { planEntry } from "./plan-entry.ts";

const nameBytes = 8;
/** With the kind of the key. */
const signedBytes = 1 + signatureBytes;
/** Expiration, reference, limits and the number of a transaction's own, the numbers of actions and extensions. */
const headerBytes = 4 + 2 + 4 + 5 + 1 + 1 + 1 + 2 + 1;
/** In a block: status, billed resources, signatures, forms and lengths; and one signature. */
export const overheadBytes = headerBytes + 6 + 3 + 2 + 2 + 3 + signedBytes;

/** Contract, action, one authorization, and the length of the data. */
const frameBytes = 2 * nameBytes + 1 + 2 * nameBytes + 3;
/** Two names, an amount with its symbol, the memo's length. */
const transferBytes = 2 * nameBytes + 16 + 2;
/** Owner and a number. */
const burnerBytes = nameBytes + 8;

/** Of the actions whose data has a form that is known without the network's contracts. */
export function operationBytes(entry: MixEntryInput): number | null {
  const plan = entry.template === null ? planEntry(entry) : null;
  if (plan === null) return null;
  if (plan.value.kind === "transfer") return frameBytes + transferBytes + plan.value.memo[1];
  const { contract, action, actor, template } = plan.value.use;
  if (contract !== burnerAccount) return null;
  const signer = actor === null ? 0 : signedBytes;
  if (action !== "net") return frameBytes + burnerBytes + 8 + signer;
  const { payload } = template([]) as { readonly payload: { readonly $hex: number } };
  return frameBytes + burnerBytes + 3 + payload.$hex + signer;
}
