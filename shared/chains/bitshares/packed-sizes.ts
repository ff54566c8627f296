import { parseTemplate } from "../../workload/placeholders.ts";
import { SequenceRandom } from "../../workload/sequence-random.ts";
import type { MixEntryInput } from "../driver.ts";
import { varintBytes } from "../encoding/byte-writer.ts";
import { signatureBytes } from "../signing/canonical-signer.ts";
import { preimageBytes } from "./htlc-preimage.ts";
import { sealedBytes } from "./memo-sealer.ts";
import { imaginedFindings, parseNamedOperation } from "./named-operations.ts";
import type { OperationUse } from "./operation-definition.ts";
import { operationCode, payerFieldOf } from "./operation-payers.ts";
import { parseTransfer } from "./parameters.ts";
import { encodeOperation, renderOperation } from "./template-writer.ts";
import { toChainTime } from "./transaction-draft.ts";

/** Reference, expiration, the numbers of operations and of signatures, extensions, the results in a block; a signature. */
export const overheadBytes = 2 + 4 + 4 + 2 + 2 + 1 + 1 + signatureBytes;

/** Of numbers of accounts up to two million, and of assets up to 16,384. */
const accountBytes = 3;
const assetBytes = 2;
/** Of numbers of orders, contracts, proposals and vesting balances. */
const objectBytes = 5;
const keyBytes = 33;
/** Code and fee in the core asset before, extensions after. */
const frameBytes = 1 + 8 + 1 + 1;

interface NamedSize {
  readonly bytes: number;
  /** Parameters that leave the size as it is. */
  readonly parameters: readonly string[];
}

const orderParameters = ["market", "side", "amount", "sell", "receive", "price", "expiresAfter", "fillOrKill"];
const named: Readonly<Record<string, NamedSize>> = {
  limit_order_create: {
    bytes: frameBytes + accountBytes + 2 * (8 + assetBytes) + 4 + 1,
    parameters: orderParameters,
  },
  // The accounts have keys of others.
  account_upgrade: { bytes: frameBytes + accountBytes + 1 + signatureBytes, parameters: [] },
  // Orders have owners of their own.
  limit_order_cancel: { bytes: frameBytes + accountBytes + objectBytes + signatureBytes, parameters: ["market"] },
  // Besides the price and the expiration two bytes for what stays as it is.
  limit_order_update: {
    bytes: frameBytes + accountBytes + objectBytes + 1 + 2 * (8 + assetBytes) + 1 + 4 + 2 + signatureBytes,
    parameters: ["market", "price", "expiresAfter"],
  },
  call_order_update: { bytes: frameBytes + accountBytes + 2 * (8 + assetBytes), parameters: ["debt", "ratio"] },
  // Two prices and two ratios; the publisher is one account for all.
  asset_publish_feed: {
    bytes: frameBytes + accountBytes + assetBytes + 4 * (8 + assetBytes) + 2 * 2 + signatureBytes,
    parameters: ["asset"],
  },
  // Six lists of approvals, one of them with an account.
  proposal_update: { bytes: frameBytes + 2 * accountBytes + objectBytes + 6 + signatureBytes, parameters: [] },
  proposal_delete: { bytes: frameBytes + accountBytes + objectBytes + 1 + signatureBytes, parameters: [] },
  vesting_balance_withdraw: {
    bytes: frameBytes + accountBytes + objectBytes + 8 + assetBytes + signatureBytes,
    parameters: [],
  },
  htlc_create: {
    bytes: frameBytes + 2 * accountBytes + 8 + assetBytes + 1 + 32 + 2 + 4,
    parameters: ["amount", "claimable"],
  },
  htlc_redeem: {
    bytes: frameBytes + accountBytes + objectBytes + 1 + preimageBytes + signatureBytes,
    parameters: [],
  },
  htlc_extend: { bytes: frameBytes + accountBytes + objectBytes + 4 + signatureBytes, parameters: ["by"] },
};

const samples = 64;
const largestInstance = 2_000_000;

/** Of templates: of the largest of some examples. */
export function operationBytes(entry: MixEntryInput): number | null {
  if (entry.template !== null) return templateBytes(entry.operation, entry.template);
  const use = parseNamedOperation(entry.operation, entry.parameters);
  if (use !== null) return use.problems.length > 0 ? null : namedBytes(use.value);
  if (entry.operation === "transfer") return transferBytes(entry);
  const size = named[entry.operation];
  if (size === undefined) return null;
  return Object.keys(entry.parameters).every((key) => size.parameters.includes(key)) ? size.bytes : null;
}

function transferBytes({ parameters }: MixEntryInput): number | null {
  const { value, problems } = parseTransfer(parameters);
  if (problems.length > 0) return null;
  const bytes = frameBytes + 2 * accountBytes + 8 + assetBytes + 1;
  if (value.memo === null) return bytes;
  const sealed = sealedBytes(value.memo[1]);
  return bytes + 2 * keyBytes + 8 + varintBytes(sealed) + sealed;
}

function namedBytes(use: OperationUse): number {
  const template = use.template(imaginedFindings(use));
  const payer = payerFieldOf(use.operation) as string;
  const { [payer]: sender, ...others } = template;
  // Only a sender that is not the transaction's own brings a signature.
  return typeof sender === "string" ? templateBytes(use.operation, template) : templateBytes(use.operation, others);
}

function templateBytes(operation: string, template: Readonly<Record<string, unknown>>): number {
  const { node } = parseTemplate(template);
  const random = new SequenceRandom();
  let largest = 0;
  for (let sample = 0; sample < samples; sample++) {
    random.reset(0, sample);
    const fields = renderOperation(operation, node, 0, {
      random,
      // As in resolving: the longest that a counter can become.
      counter: 2 ** 44,
      expirationSeconds: 4_000_000_000 - 2 ** 26,
      account: (which) => `1.2.${largestInstance - (which === "sender" ? 0 : 1)}`,
      asset: () => ({ amount: 1, asset_id: "1.3.16000" }),
      time: toChainTime,
    });
    largest = Math.max(largest, encodeOperation(operationCode(operation), fields).bytes.length);
  }
  const bringsSigner = payerFieldOf(operation) as string;
  return largest + (bringsSigner in template || "required_auths" in template ? signatureBytes : 0);
}
