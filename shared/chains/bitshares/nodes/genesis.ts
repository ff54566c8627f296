import { PublicKey } from "bitsharesjs";
import { feeSchedule } from "../../../devnet/bitshares-fees.ts";
import { AppError } from "../../../errors/app-error.ts";
import type { FoundingOptions } from "../../node-networks.ts";
import { readBalance } from "../embedded-genesis.ts";

/** GRAPHENE_MAX_SHARE_SUPPLY: all of the core asset that there can be. */
export const maximumSupply = 1_000_000_000_000_000n;
export const coreSymbol = "BTS";
/** Claims everything at the start, because a genesis gives balances to keys only, and pays for the rest. */
export const treasurerName = "loadstone-treasurer";

export interface GenesisOptions {
  readonly accounts: FoundingOptions["accounts"];
  /** Public keys of the witnesses' accounts and blocks, in their order. */
  readonly witnessKeys: readonly string[];
  readonly treasurerKey: string;
  readonly blockIntervalMs: number;
  readonly maximumTransactionBytes: number;
  readonly maximumBlockBytes: number;
  readonly maximumLifetimeSeconds: number;
  readonly nowMs: number;
}

/**
 * A genesis in the form of bitshares-core's `genesis_state_type` (libraries/chain/include/graphene/chain/genesis_state.hpp).
 * Its parameters are those of the development genesis, but for the sizes and the interval that the scenario names, and for
 * the fee of registrations, which a thousand new accounts do not raise.
 * Throws PLAN_IMPOSSIBLE for what the program would refuse at its start.
 */
export function createGenesis(options: GenesisOptions): unknown {
  const { witnessKeys, treasurerKey, blockIntervalMs, nowMs } = options;
  const intervalSeconds = blockIntervalMs / 1000;
  refuse(options);
  const names = witnessKeys.map((_, i) => `init${i}`);
  return {
    // A multiple of the interval, so that slots lie where they lie on other networks.
    initial_timestamp: chainTime(Math.floor(nowMs / blockIntervalMs) * blockIntervalMs),
    max_core_supply: maximumSupply.toString(),
    initial_parameters: {
      current_fees: { parameters: feeSchedule, scale: 10_000 },
      block_interval: intervalSeconds,
      // Longer than a run: what happens at maintenance is not what is measured.
      maintenance_interval: 86_400,
      maintenance_skip_slots: 3,
      committee_proposal_review_period: 1_209_600,
      maximum_transaction_size: options.maximumTransactionBytes,
      maximum_block_size: options.maximumBlockBytes,
      maximum_time_until_expiration: options.maximumLifetimeSeconds,
      maximum_proposal_lifetime: 2_419_200,
      maximum_asset_whitelist_authorities: 10,
      maximum_asset_feed_publishers: 10,
      maximum_witness_count: 1001,
      maximum_committee_count: 1001,
      maximum_authority_membership: 10,
      reserve_percent_of_fee: 2000,
      network_percent_of_fee: 2000,
      lifetime_referrer_percent_of_fee: 3000,
      cashback_vesting_period_seconds: 31_536_000,
      cashback_vesting_threshold: 10_000_000,
      count_non_member_votes: true,
      allow_non_member_whitelists: false,
      witness_pay_per_block: 1_000_000,
      worker_budget_per_day: "50000000000",
      max_predicate_opcode: 1,
      fee_liquidation_threshold: 10_000_000,
      accounts_per_fee_scale: 1000,
      account_fee_scale_bitshifts: 0,
      max_authority_depth: 2,
      extensions: {},
    },
    immutable_parameters: {
      min_committee_member_count: names.length,
      min_witness_count: names.length,
      num_special_accounts: 0,
      num_special_assets: 0,
    },
    initial_accounts: [
      ...names.map((name, i) => initialAccount(name, witnessKeys[i] as string)),
      initialAccount(treasurerName, treasurerKey),
    ],
    initial_assets: [],
    initial_balances: [{ owner: addressOf(treasurerKey), asset_symbol: coreSymbol, amount: maximumSupply.toString() }],
    initial_vesting_balances: [],
    initial_active_witnesses: names.length,
    initial_witness_candidates: names.map((name, i) => ({ owner_name: name, block_signing_key: witnessKeys[i] })),
    initial_committee_candidates: names.map((name) => ({ owner_name: name })),
    initial_worker_candidates: [],
  };
}

function refuse({ witnessKeys, blockIntervalMs, accounts }: GenesisOptions): void {
  const balance = readBalance(accounts.balance, accounts.count, maximumSupply);
  const problems = [
    ...(typeof balance === "bigint" ? [] : [balance]),
    ...(witnessKeys.length % 2 === 0
      ? [
          {
            path: "network.embedded.witnesses",
            value: String(witnessKeys.length),
            expected: "expected an odd number, which bitshares-core demands of a genesis",
          },
        ]
      : []),
    // GRAPHENE_MIN_BLOCK_INTERVAL and GRAPHENE_MAX_BLOCK_INTERVAL.
    ...(blockIntervalMs % 1000 === 0 && blockIntervalMs <= 30_000
      ? []
      : [
          {
            path: "network.embedded.blockInterval",
            value: `${blockIntervalMs} ms`,
            expected: "expected whole seconds from 1 to 30, which bitshares-core demands",
          },
        ]),
  ];
  if (problems.length === 0) return;
  throw new AppError("PLAN_IMPOSSIBLE", "a network of real nodes cannot be as the scenario says", { problems });
}

function initialAccount(name: string, key: string): unknown {
  return { name, owner_key: key, active_key: key, is_lifetime_member: true };
}

/** Whoever has the key may claim what a genesis gives to its address. */
export function addressOf(publicKey: string): string {
  return PublicKey.fromStringOrThrow(publicKey, coreSymbol).toAddressString(coreSymbol);
}

/** Without a zone, and always UTC. */
function chainTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19);
}
