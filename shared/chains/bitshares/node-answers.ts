import { z } from "zod";

/** The fields of the nodes' answers that are used, as recorded in the transcripts. */

/** Nodes write 64-bit integers as numbers when they are small and as text otherwise. */
const integer = z.union([z.number().int(), z.string().regex(/^-?\d+$/)]).transform((value) => BigInt(value));

/** Without a zone, and always UTC. */
const chainTime = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/)
  .transform((text) => Date.parse(`${text}Z`));

export const chainIdAnswer = z.string().regex(/^[0-9a-f]{64}$/);

export const dynamicPropertiesAnswer = z.object({
  head_block_number: z.number().int(),
  head_block_id: z.string().regex(/^[0-9a-f]{40}$/),
  time: chainTime,
  last_irreversible_block_num: z.number().int(),
});

export const globalPropertiesAnswer = z.object({
  parameters: z.object({
    block_interval: z.number(),
    maximum_transaction_size: z.number(),
    maximum_block_size: z.number(),
    maximum_time_until_expiration: z.number(),
  }),
  active_witnesses: z.array(z.string()),
});

const accountAnswer = z.object({
  id: z.string().regex(/^1\.2\.\d+$/),
  name: z.string(),
  active: z.object({
    weight_threshold: z.number(),
    key_auths: z.array(z.tuple([z.string(), z.number()])),
  }),
  options: z.object({ memo_key: z.string() }),
  membership_expiration_date: z.string(),
});
export type AccountAnswer = z.output<typeof accountAnswer>;
/** Lifetime members have no date to expire on: the last second of 32 bits, which nodes write as the one before 1970. */
export const neverExpires = "1969-12-31T23:59:59";

export function isLifetimeMember(account: AccountAnswer): boolean {
  return account.membership_expiration_date === neverExpires;
}

export const accountsAnswer = z.array(accountAnswer.nullable());

const assetAnswer = z.object({
  id: z.string().regex(/^1\.3\.\d+$/),
  symbol: z.string(),
  precision: z.number().int(),
  issuer: z.string(),
  bitasset_data_id: z.string().optional(),
  options: z.record(z.string(), z.unknown()),
});
export type AssetAnswer = z.output<typeof assetAnswer>;
export const assetsAnswer = z.array(assetAnswer.nullable());

/** Those who can be voted for. */
export const candidatesAnswer = z.object({
  active_witnesses: z.array(z.string()),
  active_committee_members: z.array(z.string()),
});
export const votesAnswer = z.array(z.object({ vote_id: z.string().regex(/^\d+:\d+$/) }));

export const amountsAnswer = z.array(z.object({ amount: integer, asset_id: z.string() }));

const amount = z.object({ amount: integer.transform(Number), asset_id: z.string() });

export const ordersAnswer = z.array(
  z.object({ id: z.string().regex(/^1\.7\.\d+$/), sell_price: z.object({ base: amount, quote: amount }) }),
);

const price = z.object({ base: amount, quote: amount });
const feed = z.object({
  settlement_price: price,
  core_exchange_rate: price,
  maintenance_collateral_ratio: z.number(),
  maximum_short_squeeze_ratio: z.number(),
  initial_collateral_ratio: z.number(),
});

/** Prices of nothing for nothing stand for none. */
export const bitassetsAnswer = z.array(
  z
    .object({
      feeds: z.array(z.tuple([z.string(), z.tuple([z.string(), feed])])),
      current_feed: feed,
      options: z.object({ short_backing_asset: z.string() }),
      settlement_price: price,
    })
    .nullable(),
);
export type BitassetAnswer = NonNullable<z.output<typeof bitassetsAnswer>[number]>;

export const proposalsAnswer = z.array(
  z.object({
    id: z.string().regex(/^1\.10\.\d+$/),
    expiration_time: chainTime,
    review_period_time: chainTime.optional(),
    proposed_transaction: z.object({
      operations: z.array(z.tuple([z.number(), z.record(z.string(), z.unknown())])),
    }),
    required_active_approvals: z.array(z.string()),
    available_active_approvals: z.array(z.string()),
  }),
);
export type ProposalAnswer = z.output<typeof proposalsAnswer>[number];
/** An amount anywhere in an operation. */
export const amountAnswer = amount;

const linearPolicy = z.object({
  begin_timestamp: chainTime,
  vesting_cliff_seconds: z.number(),
  vesting_duration_seconds: z.number(),
  begin_balance: integer,
});
const coinDaysPolicy = z.object({
  vesting_seconds: z.number(),
  start_claim: chainTime,
  coin_seconds_earned: integer,
  coin_seconds_earned_last_update: chainTime,
});

export const vestingBalancesAnswer = z.array(
  z.object({
    id: z.string().regex(/^1\.13\.\d+$/),
    balance: amount,
    policy: z.union([
      z.tuple([z.literal(0), linearPolicy]),
      z.tuple([z.literal(1), coinDaysPolicy]),
      z.tuple([z.literal(2), z.unknown()]),
    ]),
  }),
);
export type VestingBalanceAnswer = z.output<typeof vestingBalancesAnswer>[number];

export const htlcsAnswer = z.array(
  z.object({
    id: z.string().regex(/^1\.16\.\d+$/),
    transfer: z.object({ from: z.string(), to: z.string(), amount: integer.transform(Number), asset_id: z.string() }),
    conditions: z.object({
      hash_lock: z.object({ preimage_hash: z.tuple([z.number(), z.string()]), preimage_size: z.number() }),
      time_lock: z.object({ expiration: chainTime }),
    }),
  }),
);
export type HtlcAnswer = z.output<typeof htlcsAnswer>[number];

/** The longest that contracts may be open, where the committee has allowed them at all. */
export const htlcOptionsAnswer = z.object({
  parameters: z.object({
    extensions: z.object({
      updatable_htlc_options: z.object({ max_timeout_secs: z.number(), max_preimage_size: z.number() }).optional(),
    }),
  }),
});

export const headerAnswer = z.object({ previous: z.string().regex(/^[0-9a-f]{40}$/) }).nullable();
