import { ChainTypes } from "bitsharesjs";

/**
 * The field that names the account that pays and signs each operation: `fee_payer()` of the operation's declaration in
 * libraries/protocol/include/graphene/protocol. Left out are operations that nodes make themselves (virtual ones) and
 * those that no account of ours can sign for.
 */
const payerFields: Readonly<Record<string, string>> = {
  transfer: "from",
  limit_order_create: "seller",
  limit_order_cancel: "fee_paying_account",
  call_order_update: "funding_account",
  account_create: "registrar",
  account_update: "account",
  account_whitelist: "authorizing_account",
  account_upgrade: "account_to_upgrade",
  account_transfer: "account_id",
  asset_create: "issuer",
  asset_update: "issuer",
  asset_update_bitasset: "issuer",
  asset_update_feed_producers: "issuer",
  asset_issue: "issuer",
  asset_reserve: "payer",
  asset_fund_fee_pool: "from_account",
  asset_settle: "account",
  asset_global_settle: "issuer",
  asset_publish_feed: "publisher",
  witness_create: "witness_account",
  witness_update: "witness_account",
  proposal_create: "fee_paying_account",
  proposal_update: "fee_paying_account",
  proposal_delete: "fee_paying_account",
  withdraw_permission_create: "withdraw_from_account",
  withdraw_permission_update: "withdraw_from_account",
  withdraw_permission_claim: "withdraw_to_account",
  withdraw_permission_delete: "withdraw_from_account",
  committee_member_create: "committee_member_account",
  committee_member_update: "committee_member_account",
  vesting_balance_create: "creator",
  vesting_balance_withdraw: "owner",
  worker_create: "owner",
  custom: "payer",
  assert: "fee_paying_account",
  balance_claim: "deposit_to_account",
  override_transfer: "issuer",
  transfer_to_blind: "from",
  asset_claim_fees: "issuer",
  bid_collateral: "bidder",
  asset_claim_pool: "issuer",
  asset_update_issuer: "issuer",
  htlc_create: "from",
  htlc_redeem: "redeemer",
  htlc_extend: "update_issuer",
  custom_authority_create: "account",
  custom_authority_update: "account",
  custom_authority_delete: "account",
  ticket_create: "account",
  ticket_update: "account",
  liquidity_pool_create: "account",
  liquidity_pool_delete: "account",
  liquidity_pool_deposit: "account",
  liquidity_pool_withdraw: "account",
  liquidity_pool_exchange: "account",
  samet_fund_create: "owner_account",
  samet_fund_delete: "owner_account",
  samet_fund_update: "owner_account",
  samet_fund_borrow: "borrower",
  samet_fund_repay: "account",
  credit_offer_create: "owner_account",
  credit_offer_delete: "owner_account",
  credit_offer_update: "owner_account",
  credit_offer_accept: "borrower",
  credit_deal_repay: "account",
};

export const operationNames: readonly string[] = Object.keys(ChainTypes.operations);

/** Null for operations that cannot be sent. */
export function payerFieldOf(operation: string): string | null {
  return payerFields[operation] ?? null;
}

export function operationCode(operation: string): number {
  return ChainTypes.operations[operation] as number;
}
