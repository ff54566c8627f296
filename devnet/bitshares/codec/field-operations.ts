import { requiredFeeOf } from "../chain/fee-schedule.ts";
import type { ByteWriter } from "./byte-writer.ts";
import {
  account,
  accounts,
  amount,
  boolean,
  bytes,
  extensions,
  type Field,
  fixedBytes,
  id,
  list,
  type NamedField,
  noExtensions,
  optional,
  price,
  publicKey,
  publicKeys,
  struct,
  time,
  uint8,
  uint16,
  uint32,
  variant,
  writeFields,
} from "./fields.ts";
import type { Json, JsonObject } from "./json.ts";
import { type CompiledOperation, type Operation, operationTypes } from "./operation.ts";
import { readAmount } from "./read-value.ts";
import { requiredAccountsOf } from "./required-accounts.ts";

const memo = struct([
  ["from", publicKey],
  ["to", publicKey],
  ["nonce", uint64Text],
  ["message", bytes],
]);

function uint64Text(value: Json | undefined, writer: ByteWriter): Json {
  const nonce = BigInt.asUintN(64, BigInt(typeof value === "string" || typeof value === "number" ? value : 0));
  writer.uint64(nonce);
  return nonce > 0xffffffffn ? String(nonce) : Number(nonce);
}

const takeProfit = variant([
  struct([
    ["fee_asset_id", id("1.3.")],
    ["spread_percent", uint16],
    ["size_percent", uint16],
    ["expiration_seconds", uint32],
    ["repeat", boolean],
    ["extensions", noExtensions],
  ]),
]);

const bitassetOptions = struct([
  ["feed_lifetime_sec", uint32],
  ["minimum_feeds", uint8],
  ["force_settlement_delay_sec", uint32],
  ["force_settlement_offset_percent", uint16],
  ["maximum_force_settlement_volume", uint16],
  ["short_backing_asset", id("1.3.")],
  [
    "extensions",
    extensions([
      ["initial_collateral_ratio", uint16],
      ["maintenance_collateral_ratio", uint16],
      ["maximum_short_squeeze_ratio", uint16],
      ["margin_call_fee_ratio", uint16],
      ["force_settle_fee_percent", uint16],
      ["black_swan_response_method", uint8],
    ]),
  ],
]);

const priceFeed = struct([
  ["settlement_price", price],
  ["maintenance_collateral_ratio", uint16],
  ["maximum_short_squeeze_ratio", uint16],
  ["core_exchange_rate", price],
]);

const vestingPolicy = variant([
  struct([
    ["begin_timestamp", time],
    ["vesting_cliff_seconds", uint32],
    ["vesting_duration_seconds", uint32],
  ]),
  struct([
    ["start_claim", time],
    ["vesting_seconds", uint32],
  ]),
  struct([]),
]);

/** Fields in their packed order, which is also that of the node's JSON (FC_REFLECT in libraries/protocol). */
const layouts: Readonly<Record<number, readonly NamedField[]>> = {
  [operationTypes.proposalUpdate]: [
    ["fee", amount],
    ["fee_paying_account", account],
    ["proposal", id("1.10.")],
    ["active_approvals_to_add", accounts],
    ["active_approvals_to_remove", accounts],
    ["owner_approvals_to_add", accounts],
    ["owner_approvals_to_remove", accounts],
    ["key_approvals_to_add", publicKeys],
    ["key_approvals_to_remove", publicKeys],
    ["extensions", noExtensions],
  ],
  [operationTypes.proposalDelete]: [
    ["fee", amount],
    ["fee_paying_account", account],
    ["using_owner_authority", boolean],
    ["proposal", id("1.10.")],
    ["extensions", noExtensions],
  ],
  [operationTypes.vestingBalanceCreate]: [
    ["fee", amount],
    ["creator", account],
    ["owner", account],
    ["amount", amount],
    ["policy", vestingPolicy],
  ],
  [operationTypes.vestingBalanceWithdraw]: [
    ["fee", amount],
    ["vesting_balance", id("1.13.")],
    ["owner", account],
    ["amount", amount],
  ],
  [operationTypes.htlcCreate]: [
    ["fee", amount],
    ["from", account],
    ["to", account],
    ["amount", amount],
    // RIPEMD-160, SHA-1, SHA-256, and RIPEMD-160 of SHA-256.
    ["preimage_hash", variant([fixedBytes(20), fixedBytes(20), fixedBytes(32), fixedBytes(20)])],
    ["preimage_size", uint16],
    ["claim_period_seconds", uint32],
    ["extensions", extensions([["memo", memo]])],
  ],
  [operationTypes.htlcRedeem]: [
    ["fee", amount],
    ["htlc_id", id("1.16.")],
    ["redeemer", account],
    ["preimage", bytes],
    ["extensions", noExtensions],
  ],
  [operationTypes.htlcExtend]: [
    ["fee", amount],
    ["htlc_id", id("1.16.")],
    ["update_issuer", account],
    ["seconds_to_add", uint32],
    ["extensions", noExtensions],
  ],
  [operationTypes.callOrderUpdate]: [
    ["fee", amount],
    ["funding_account", account],
    ["delta_collateral", amount],
    ["delta_debt", amount],
    ["extensions", extensions([["target_collateral_ratio", uint16]])],
  ],
  [operationTypes.assetUpdateBitasset]: [
    ["fee", amount],
    ["issuer", account],
    ["asset_to_update", id("1.3.")],
    ["new_options", bitassetOptions],
    ["extensions", noExtensions],
  ],
  [operationTypes.assetUpdateFeedProducers]: [
    ["fee", amount],
    ["issuer", account],
    ["asset_to_update", id("1.3.")],
    ["new_feed_producers", accounts],
    ["extensions", noExtensions],
  ],
  [operationTypes.assetSettle]: [
    ["fee", amount],
    ["account", account],
    ["amount", amount],
    ["extensions", noExtensions],
  ],
  [operationTypes.assetGlobalSettle]: [
    ["fee", amount],
    ["issuer", account],
    ["asset_to_settle", id("1.3.")],
    ["settle_price", price],
    ["extensions", noExtensions],
  ],
  [operationTypes.assetPublishFeed]: [
    ["fee", amount],
    ["publisher", account],
    ["asset_id", id("1.3.")],
    ["feed", priceFeed],
    ["extensions", extensions([["initial_collateral_ratio", uint16]])],
  ],
  [operationTypes.bidCollateral]: [
    ["fee", amount],
    ["bidder", account],
    ["additional_collateral", amount],
    ["debt_covered", amount],
    ["extensions", noExtensions],
  ],
  [operationTypes.limitOrderUpdate]: [
    ["fee", amount],
    ["seller", account],
    ["order", id("1.7.")],
    ["new_price", optional(price)],
    ["delta_amount_to_sell", optional(amount)],
    ["new_expiration", optional(time)],
    ["on_fill", optional(list(takeProfit))],
    ["extensions", noExtensions],
  ],
};

/** Reads the operation inside a proposal. */
type Nested = (value: Json | undefined) => CompiledOperation;

/** Null for operations that have no layout here. */
export function compileFields(
  type: number,
  given: JsonObject,
  writer: ByteWriter,
  nested: Nested,
): CompiledOperation | null {
  const proposed: Operation[] = [];
  const layout = type === operationTypes.proposalCreate ? proposalLayout(nested, proposed) : layouts[type];
  if (layout === undefined) return null;
  writer.varint(type);
  const start = writer.length;
  const body = writeFields(layout, given, writer);
  const { payer, active, owner, keys } = requiredAccountsOf(type, body);
  return {
    operation: {
      kind: "other",
      type,
      body,
      fee: readAmount(body.fee),
      payer,
      requiredActive: active,
      requiredOwner: owner,
      requiredKeys: keys,
      requiredFee: requiredFeeOf(type, body, writer.length - start),
      proposed,
    },
    json: JSON.stringify([type, body]),
  };
}

function proposalLayout(nested: Nested, proposed: Operation[]): readonly NamedField[] {
  const operation: Field = (value) => {
    const compiled = nested(value);
    proposed.push(compiled.operation);
    return JSON.parse(compiled.json) as Json;
  };
  return [
    ["fee", amount],
    ["fee_paying_account", account],
    ["expiration_time", time],
    ["proposed_ops", list(struct([["op", operation]]))],
    ["review_period_seconds", optional(uint32)],
    ["extensions", noExtensions],
  ];
}
