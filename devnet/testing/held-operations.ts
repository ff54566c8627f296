import { createHash } from "node:crypto";

type Operation = readonly [number, object];

const core = (amount: number) => ({ amount, asset_id: "1.3.0" });

/** The fees that the devnet's schedule asks, in the core asset's smallest unit. */
export const fees = {
  htlc: 200_000,
  vestingCreate: 50_000_000,
  vestingWithdraw: 2_000_000,
  proposal: 2_000_100,
  proposalDelete: 100_000,
  orderUpdate: 37_500,
} as const;

export function sha256(preimage: Buffer): string {
  return createHash("sha256").update(preimage).digest("hex");
}

export function htlcCreate(from: number, to: number, amount: number, change: object = {}): Operation {
  return [
    49,
    {
      fee: core(fees.htlc),
      from: `1.2.${from}`,
      to: `1.2.${to}`,
      amount: core(amount),
      preimage_hash: [2, sha256(Buffer.from("open"))],
      preimage_size: 4,
      claim_period_seconds: 60,
      extensions: [],
      ...change,
    },
  ];
}

export function htlcRedeem(redeemer: number, htlc: number, preimage: Buffer = Buffer.from("open")): Operation {
  const body = { htlc_id: `1.16.${htlc}`, redeemer: `1.2.${redeemer}`, preimage: preimage.toString("hex") };
  return [50, { fee: core(fees.htlc), ...body, extensions: [] }];
}

export function htlcExtend(issuer: number, htlc: number, seconds: number): Operation {
  const body = { htlc_id: `1.16.${htlc}`, update_issuer: `1.2.${issuer}`, seconds_to_add: seconds };
  return [52, { fee: core(fees.htlc + 100_000 * Math.floor(seconds / 86_401)), ...body, extensions: [] }];
}

export function vest(creator: number, owner: number, amount: number, policy: readonly [number, object]): Operation {
  return [
    32,
    { fee: core(fees.vestingCreate), creator: `1.2.${creator}`, owner: `1.2.${owner}`, amount: core(amount), policy },
  ];
}

export function withdraw(owner: number, vesting: number, amount: number): Operation {
  const body = { vesting_balance: `1.13.${vesting}`, owner: `1.2.${owner}`, amount: core(amount) };
  return [33, { fee: core(fees.vestingWithdraw), ...body }];
}

export function propose(proposer: number, expiration: string, ...operations: readonly Operation[]): Operation {
  return [
    22,
    {
      fee: core(fees.proposal),
      fee_paying_account: `1.2.${proposer}`,
      expiration_time: expiration,
      proposed_ops: operations.map((op) => ({ op })),
      extensions: [],
    },
  ];
}

export function approve(account: number, proposal: number, change: object = {}): Operation {
  return [
    23,
    {
      fee: core(fees.proposal),
      fee_paying_account: `1.2.${account}`,
      proposal: `1.10.${proposal}`,
      active_approvals_to_add: [`1.2.${account}`],
      active_approvals_to_remove: [],
      owner_approvals_to_add: [],
      owner_approvals_to_remove: [],
      key_approvals_to_add: [],
      key_approvals_to_remove: [],
      extensions: [],
      ...change,
    },
  ];
}

export function dismiss(account: number, proposal: number): Operation {
  const body = { fee_paying_account: `1.2.${account}`, using_owner_authority: false, proposal: `1.10.${proposal}` };
  return [24, { fee: core(fees.proposalDelete), ...body, extensions: [] }];
}

export function updateOrder(seller: number, order: number, change: object): Operation {
  const body = { fee: core(fees.orderUpdate), seller: `1.2.${seller}`, order: `1.7.${order}` };
  return [77, { ...body, ...change, extensions: [] }];
}
