import { z } from "zod";
import type { TemplateNode } from "../../workload/placeholders.ts";
import { SequenceRandom } from "../../workload/sequence-random.ts";
import type { Asset, EntryData, HtlcCreateData, MemoData, PooledData, PublishFeedData } from "./chain-data.ts";
import { preimageBytes } from "./htlc-preimage.ts";
import { sealedBytes } from "./memo-sealer.ts";
import { amountsAnswer } from "./node-answers.ts";
import { operationCode } from "./operation-payers.ts";
import { orderUpdateCode } from "./order-update.ts";
import { pooledFields } from "./pooled-writer.ts";
import type { RpcClient } from "./rpc-client.ts";
import { drawAsset, encodeOperation, renderOperation } from "./template-writer.ts";
import { toChainTime } from "./transaction-draft.ts";

/** Fees of templates may depend on the size, so several of their instances are priced. */
const feeSamples = 32;
const coreAssetId = "1.3.0";
const oneCore = { amount: 1, asset_id: coreAssetId };
/** Without a memo, between whomever. */
export const transferSample: SampleOperation = [
  0,
  { fee: oneCore, from: "1.2.0", to: "1.2.1", amount: oneCore, extensions: [] },
];
/** The fees of some depend on the size, which grows with the number of the object. */
const largestInstance = 2 ** 31;

type SampleOperation = readonly [number, unknown];

/** Operations to ask the fee of; for templates several, because theirs may depend on their size. */
export function feeSamplesOf(
  entry: EntryData,
  assets: readonly Asset[],
  accounts: readonly number[],
  operationsPerTransaction: number,
): SampleOperation[] {
  const account = `1.2.${accounts[0] as number}`;
  const fee = { amount: 0, asset_id: coreAssetId };
  const amount = { amount: 1, asset_id: coreAssetId };
  switch (entry.kind) {
    case "transfer":
      return [[0, { fee, from: account, to: "1.2.0", amount, ...longestMemo(entry.memo), extensions: [] }]];
    case "limit_order_create": {
      const amounts = { amount_to_sell: amount, min_to_receive: { amount: 1, asset_id: `1.3.${entry.base.instance}` } };
      const expiration = toChainTime(4_000_000_000);
      return [[1, { fee, seller: account, ...amounts, expiration, fill_or_kill: false, extensions: {} }]];
    }
    case "limit_order_cancel":
      return [[2, { fee, fee_paying_account: account, order: "1.7.0", extensions: [] }]];
    case "account_upgrade":
      return [[8, { fee, account_to_upgrade: account, upgrade_to_lifetime_member: true, extensions: [] }]];
    case "htlc_create":
      return [[49, htlcCreateSample(entry, fee, account)]];
    case "call_order_update": {
      const delta = { delta_collateral: oneCore, delta_debt: { amount: 1, asset_id: `1.3.${entry.debt.instance}` } };
      return [[3, { fee, funding_account: account, ...delta, extensions: {} }]];
    }
    case "asset_publish_feed":
      return [[19, publishSample(entry, fee, account)]];
    case "pooled":
      return [pooledSample(entry, fee, account)];
    case "template":
      return templateSamples(entry.operation, entry.node, assets, accounts, operationsPerTransaction);
  }
}

function htlcCreateSample({ asset, claimSeconds }: HtlcCreateData, fee: object, account: string): object {
  return {
    ...{ fee, from: account, to: account, amount: { amount: 1, asset_id: `1.3.${asset.instance}` } },
    ...{ preimage_hash: [2, "00".repeat(preimageBytes)], preimage_size: preimageBytes },
    ...{ claim_period_seconds: claimSeconds, extensions: [] },
  };
}

function publishSample({ asset, maintenanceRatio, squeezeRatio }: PublishFeedData, fee: object, account: string) {
  const price = { base: { amount: 1, asset_id: `1.3.${asset}` }, quote: oneCore };
  const ratios = { maintenance_collateral_ratio: maintenanceRatio, maximum_short_squeeze_ratio: squeezeRatio };
  const feed = { settlement_price: price, core_exchange_rate: price, ...ratios };
  return { fee, publisher: account, asset_id: `1.3.${asset}`, feed, extensions: [] };
}

/** Which object it is about makes no difference to the fee, nor does which account it is. */
function pooledSample({ operation, settings }: PooledData, fee: object, account: string): SampleOperation {
  if (operation === "limit_order_update") {
    const change = { new_expiration: toChainTime(4_000_000_000), extensions: [] };
    return [orderUpdateCode, { fee, seller: account, order: "1.7.0", ...change }];
  }
  const turn = { id: largestInstance, sender: account, of: () => 1, settings };
  return [operationCode(operation), { fee, ...pooledFields[operation](turn) }];
}

function longestMemo(memo: MemoData | undefined): object {
  if (memo === undefined) return {};
  const [key] = memo.keys;
  return { memo: { from: key, to: key, nonce: 0, message: "00".repeat(sealedBytes(memo.maximumLength)) } };
}

function templateSamples(
  operation: string,
  node: TemplateNode,
  assets: readonly Asset[],
  accounts: readonly number[],
  operationsPerTransaction: number,
): SampleOperation[] {
  const random = new SequenceRandom();
  return Array.from({ length: feeSamples }, (_, sequence) => {
    random.reset(0, sequence);
    const fields = renderOperation(operation, node, 0, {
      random,
      // The longest that a counter can become: sequence numbers have 32 bits.
      counter: (2 ** 32 - 1 - sequence) * operationsPerTransaction,
      expirationSeconds: 4_000_000_000 - 2 ** 26,
      account: () => `1.2.${accounts[random.nextBelow(accounts.length)] as number}`,
      asset: (range) => drawAsset(range, assets, random.nextFraction()),
      time: toChainTime,
    });
    return JSON.parse(encodeOperation(operationCode(operation), fields).json) as SampleOperation;
  });
}

export const feesAnswer = z.array(z.union([amountsAnswer.element, z.unknown()]));

/** What the network asks for the dearest of them, in the core asset. */
export async function requiredFee(client: RpcClient, operations: readonly SampleOperation[]): Promise<number> {
  const fees = await client.call("database", "get_required_fees", [operations, coreAssetId], feesAnswer);
  return Math.max(...fees.map(feeOf));
}

/** A proposal's fee comes with those of the operations in it: `[fee, [fees…]]`. */
export function feeOf(answer: unknown): number {
  const single = Array.isArray(answer) ? (answer[0] as unknown) : answer;
  return Number((single as { amount: unknown }).amount);
}
