import type { Htlc, Proposal, VestingBalance, VestingPolicy } from "../chain/objects.ts";
import { integerForJson, toTimeText } from "../codec/json.ts";
import { amountForJson } from "../codec/read-value.ts";

export function renderHtlc(htlc: Htlc) {
  const { held } = htlc;
  return {
    id: `1.16.${htlc.instance}`,
    transfer: {
      from: `1.2.${htlc.from}`,
      to: `1.2.${htlc.to}`,
      amount: integerForJson(held.amount),
      asset_id: `1.3.${held.asset}`,
    },
    conditions: {
      hash_lock: { preimage_hash: [htlc.algorithm, htlc.hash], preimage_size: htlc.preimageSize },
      time_lock: { expiration: toTimeText(htlc.expirationSeconds) },
    },
    ...(htlc.memo !== null && { memo: htlc.memo }),
  };
}

export function renderVestingBalance({ instance, owner, balance, policy }: VestingBalance) {
  return {
    id: `1.13.${instance}`,
    owner: `1.2.${owner}`,
    balance: amountForJson(balance),
    policy: renderPolicy(policy),
    balance_type: "unspecified",
  };
}

function renderPolicy(policy: VestingPolicy): readonly [number, object] {
  switch (policy.kind) {
    case "linear":
      return [
        0,
        {
          begin_timestamp: toTimeText(policy.beginSeconds),
          vesting_cliff_seconds: policy.cliffSeconds,
          vesting_duration_seconds: policy.durationSeconds,
          begin_balance: integerForJson(policy.beginBalance),
        },
      ];
    case "coin-days":
      return [
        1,
        {
          vesting_seconds: policy.vestingSeconds,
          start_claim: toTimeText(policy.startClaimSeconds),
          coin_seconds_earned: String(policy.earned),
          coin_seconds_earned_last_update: toTimeText(policy.updatedSeconds),
        },
      ];
    case "instant":
      return [2, {}];
  }
}

export function renderProposal(proposal: Proposal) {
  const ids = (accounts: readonly number[]): string[] => accounts.map((account) => `1.2.${account}`);
  const expiration = toTimeText(proposal.expirationSeconds);
  return {
    id: `1.10.${proposal.instance}`,
    expiration_time: expiration,
    ...(proposal.reviewSeconds !== null && { review_period_time: toTimeText(proposal.reviewSeconds) }),
    proposed_transaction: {
      ref_block_num: 0,
      ref_block_prefix: 0,
      expiration,
      operations: JSON.parse(proposal.operationsJson) as unknown,
      extensions: [],
    },
    required_active_approvals: ids(proposal.requiredActive),
    available_active_approvals: ids(proposal.availableActive),
    required_owner_approvals: ids(proposal.requiredOwner),
    available_owner_approvals: ids(proposal.availableOwner),
    available_key_approvals: proposal.availableKeys,
    proposer: `1.2.${proposal.proposer}`,
    fail_reason: proposal.failReason,
  };
}
