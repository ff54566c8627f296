import { feeSchedule } from "../../../shared/devnet/bitshares-fees.ts";
import type { BitsharesNetwork, BitsharesNode } from "../bitshares-network.ts";
import { toAuthorityJson } from "../chain/authority.ts";
import type { Block } from "../chain/block.ts";
import { networkRules } from "../chain/network-rules.ts";
import type { Account, Asset, Order } from "../chain/objects.ts";
import type { State } from "../chain/state.ts";
import { integerForJson, toTimeText } from "../codec/json.ts";
import { amountForJson } from "../codec/read-value.ts";
import { renderBid, renderBitasset, renderCall, renderSettlement } from "./render-bitassets.ts";
import { renderHtlc, renderProposal, renderVestingBalance } from "./render-held.ts";

/** Lifetime members have no date to expire on, and nodes write that as the second before 1970. */
const membershipDates = {
  basic: "1970-01-01T00:00:00",
  annual: "1970-01-01T00:00:00",
  lifetime: "1969-12-31T23:59:59",
} as const;

export function renderAccount(account: Account) {
  const isLifetime = account.membership === "lifetime";
  return {
    id: `1.2.${account.instance}`,
    membership_expiration_date: membershipDates[account.membership],
    registrar: `1.2.${account.registrar}`,
    referrer: `1.2.${account.referrer}`,
    lifetime_referrer: `1.2.${account.lifetimeReferrer}`,
    network_fee_percentage: 2000,
    lifetime_referrer_fee_percentage: isLifetime ? 8000 : 3000,
    referrer_rewards_percentage: account.referrerPercent,
    name: account.name,
    owner: toAuthorityJson(account.owner),
    active: toAuthorityJson(account.active),
    options: account.options,
    num_committee_voted: 0,
    statistics: `2.6.${account.instance}`,
    whitelisting_accounts: toIds(account.lists.whitelistedBy),
    blacklisting_accounts: toIds(account.lists.blacklistedBy),
    whitelisted_accounts: toIds(account.lists.whitelisted),
    blacklisted_accounts: toIds(account.lists.blacklisted),
    owner_special_authority: [0, {}],
    active_special_authority: [0, {}],
    top_n_control_flags: 0,
    creation_block_num: account.creationBlock,
    creation_time: toTimeText(account.creationSeconds),
  };
}

function toIds(accounts: readonly number[]): string[] {
  return accounts.map((account) => `1.2.${account}`);
}

export function renderAsset(asset: Asset, state: State) {
  const bitasset = state.bitassets.get(asset.instance);
  return {
    id: `1.3.${asset.instance}`,
    symbol: asset.symbol,
    precision: asset.precision,
    issuer: `1.2.${asset.issuer}`,
    options: asset.options,
    dynamic_asset_data_id: `2.3.${asset.instance}`,
    ...(bitasset !== undefined && { bitasset_data_id: `2.4.${bitasset.instance}` }),
    creation_block_num: asset.creationBlock,
    creation_time: toTimeText(asset.creationSeconds),
  };
}

/** What the asset calls answer, as opposed to the bare object. */
export function renderExtendedAsset(asset: Asset, state: State) {
  let total = 0;
  for (const { collateral } of state.calls.values())
    if (collateral.asset === asset.instance) total += collateral.amount;
  for (const { backing, settlementFund } of state.bitassets.values()) {
    if (backing === asset.instance) total += settlementFund;
  }
  const backed = state.bitassets.get(asset.instance);
  const ownCollateral = backed === undefined ? undefined : backingOf(asset.instance, backed.settlementFund, state);
  return {
    ...renderAsset(asset, state),
    total_in_collateral: integerForJson(total),
    ...(ownCollateral !== undefined && { total_backing_collateral: integerForJson(ownCollateral) }),
  };
}

function backingOf(asset: number, fund: number, state: State): number {
  let total = fund;
  for (const { debt, collateral } of state.calls.values()) if (debt.asset === asset) total += collateral.amount;
  return total;
}

export function renderOrder(order: Order) {
  return {
    id: `1.7.${order.instance}`,
    expiration: toTimeText(order.expirationSeconds),
    seller: `1.2.${order.seller}`,
    for_sale: integerForJson(order.forSale),
    sell_price: { base: amountForJson(order.sell), quote: amountForJson(order.receive) },
    filled_amount: String(order.filled),
    deferred_fee: integerForJson(order.deferredFee),
    deferred_paid_fee: { amount: 0, asset_id: "1.3.0" },
    is_settled_debt: false,
    on_fill: [],
  };
}

/** Balance objects have numbers of their own; here they follow from owner and asset. */
export function renderBalance(state: State, account: number, asset: number) {
  return {
    id: `2.5.${asset * 1_000_000 + account}`,
    owner: `1.2.${account}`,
    asset_type: `1.3.${asset}`,
    balance: integerForJson(state.balance(account, asset)),
    maintenance_flag: asset === 0,
  };
}

export function renderStatistics({ instance, name }: Account, totalOperations: number) {
  return {
    id: `2.6.${instance}`,
    owner: `1.2.${instance}`,
    name,
    most_recent_op: totalOperations === 0 ? "2.9.0" : `2.9.${totalOperations}`,
    total_ops: totalOperations,
    removed_ops: 0,
    total_core_in_orders: 0,
    total_core_inactive: 0,
    total_core_pob: 0,
    total_core_pol: 0,
    total_pob_value: 0,
    total_pol_value: 0,
    core_in_balance: 0,
    has_cashback_vb: false,
    is_voting: false,
    last_vote_time: "1970-01-01T00:00:00",
    vp_all: 0,
    vp_active: 0,
    vp_committee: 0,
    vp_witness: 0,
    vp_worker: 0,
    vote_tally_time: "1970-01-01T00:00:00",
    lifetime_fees_paid: 0,
    pending_fees: 0,
    pending_vested_fees: 0,
  };
}

export function renderDynamicProperties({ chain }: BitsharesNode, { parameters }: BitsharesNetwork) {
  const { head } = chain;
  const start = toTimeText(parameters.genesisSeconds + parameters.blockIntervalSeconds);
  const maintenanceSeconds = 3600;
  return {
    id: "2.1.0",
    head_block_number: head.number,
    head_block_id: head.id,
    time: toTimeText(head.timestampSeconds),
    current_witness: `1.6.${head.witness}`,
    next_maintenance_time: toTimeText(
      (Math.floor(head.timestampSeconds / maintenanceSeconds) + 1) * maintenanceSeconds,
    ),
    last_vote_tally_time: start,
    last_budget_time: start,
    witness_budget: 0,
    total_pob: 0,
    total_inactive: 0,
    accounts_registered_this_interval: 0,
    recently_missed_count: 0,
    current_aslot: head.slot,
    recent_slots_filled: String(head.recentSlots),
    dynamic_flags: 0,
    last_irreversible_block_num: head.lastIrreversible,
  };
}

export function renderGlobalProperties({ parameters }: BitsharesNetwork) {
  const { witnesses } = parameters;
  return {
    id: "2.0.0",
    parameters: {
      current_fees: { parameters: feeSchedule, scale: 10000 },
      block_interval: parameters.blockIntervalSeconds,
      maintenance_interval: 3600,
      maintenance_skip_slots: 3,
      committee_proposal_review_period: networkRules.committeeReviewSeconds,
      maximum_transaction_size: parameters.maximumTransactionBytes,
      maximum_block_size: parameters.maximumBlockBytes,
      maximum_time_until_expiration: parameters.maximumLifetimeSeconds,
      maximum_proposal_lifetime: networkRules.maximumProposalLifetimeSeconds,
      maximum_asset_whitelist_authorities: 10,
      maximum_asset_feed_publishers: 10,
      maximum_witness_count: 1001,
      maximum_committee_count: 1001,
      maximum_authority_membership: 10,
      reserve_percent_of_fee: 2000,
      network_percent_of_fee: 2000,
      lifetime_referrer_percent_of_fee: 3000,
      cashback_vesting_period_seconds: 31536000,
      cashback_vesting_threshold: 10000000,
      count_non_member_votes: true,
      allow_non_member_whitelists: false,
      witness_pay_per_block: 1000000,
      worker_budget_per_day: "50000000000",
      max_predicate_opcode: 1,
      fee_liquidation_threshold: 10000000,
      accounts_per_fee_scale: 1000,
      // The fee of registrations stays what it is, however many there are; other networks shift it after every thousand.
      account_fee_scale_bitshifts: 0,
      max_authority_depth: 2,
      extensions: {
        updatable_htlc_options: {
          max_timeout_secs: networkRules.htlc.maxTimeoutSeconds,
          max_preimage_size: networkRules.htlc.maxPreimageBytes,
        },
      },
    },
    next_available_vote_id: 2 * witnesses.length,
    active_committee_members: witnesses.map((_, index) => `1.5.${index}`),
    active_witnesses: witnesses.map(({ instance }) => `1.6.${instance}`),
  };
}

export function renderWitness(index: number, { parameters }: BitsharesNetwork, head: Block) {
  const witness = parameters.witnesses[index];
  if (witness === undefined) return null;
  return {
    id: `1.6.${witness.instance}`,
    witness_account: `1.2.${witness.account}`,
    last_aslot: head.confirmed[index]!,
    signing_key: witness.publicKey,
    vote_id: `1:${index}`,
    total_votes: 0,
    url: "",
    total_missed: head.missed[index]!,
    last_confirmed_block_num: head.confirmed[index]!,
  };
}

export function renderCommitteeMember(index: number, { parameters }: BitsharesNetwork) {
  const witness = parameters.witnesses[index];
  if (witness === undefined) return null;
  return {
    id: `1.5.${index}`,
    committee_member_account: `1.2.${witness.account}`,
    vote_id: `0:${parameters.witnesses.length + index}`,
    total_votes: 0,
    url: "",
  };
}

/** Any object by id, or `null`. */
export function renderObject(id: string, network: BitsharesNetwork, node: BitsharesNode): unknown {
  const match = /^(\d+)\.(\d+)\.(\d+)$/.exec(id);
  if (match === null) return null;
  const instance = Number(match[3]);
  const { state, head } = node.chain;
  switch (`${match[1]}.${match[2]}`) {
    case "1.2":
      return optional(state.accounts.get(instance), renderAccount);
    case "1.3":
      return optional(state.assets.get(instance), (asset) => renderAsset(asset, state));
    case "1.5":
      return renderCommitteeMember(instance, network);
    case "1.6":
      return renderWitness(instance - 1, network, head);
    case "1.7":
      return optional(state.orders.get(instance), renderOrder);
    case "1.4":
      return optional(state.settlements.get(instance), renderSettlement);
    case "1.8":
      return optional(state.calls.get(instance), renderCall);
    case "1.10":
      return optional(state.proposals.get(instance), renderProposal);
    case "1.13":
      return optional(state.vestings.get(instance), renderVestingBalance);
    case "1.16":
      return optional(state.htlcs.get(instance), renderHtlc);
    case "2.0":
      return instance === 0 ? renderGlobalProperties(network) : null;
    case "2.1":
      return instance === 0 ? renderDynamicProperties(node, network) : null;
    case "2.3":
      return optional(state.assets.get(instance), (asset) => renderSupply(asset, state));
    case "2.4":
      return optional(
        [...state.bitassets.values()].find((bitasset) => bitasset.instance === instance),
        renderBitasset,
      );
    case "2.17":
      return optional(state.bids.get(instance), renderBid);
    case "2.5":
      return renderBalanceObject(instance, state);
    case "2.6":
      return optional(state.accounts.get(instance), (account) =>
        renderStatistics(account, network.store.history.countOf(instance)),
      );
    default:
      return null;
  }
}

function renderBalanceObject(instance: number, state: State): unknown {
  const account = instance % 1_000_000;
  const asset = Math.floor(instance / 1_000_000);
  return state.hasBalance(account, asset) ? renderBalance(state, account, asset) : null;
}

function renderSupply({ instance }: Asset, state: State) {
  return {
    id: `2.3.${instance}`,
    current_supply: integerForJson(state.supplies.get(instance) ?? 0),
    confidential_supply: 0,
    accumulated_fees: 0,
    accumulated_collateral_fees: integerForJson(state.bitassets.get(instance)?.collateralFees ?? 0),
    fee_pool: 0,
  };
}

function optional<T, R>(value: T | undefined, render: (value: T) => R): R | null {
  return value === undefined ? null : render(value);
}
