import { PublicKey } from "bitsharesjs";
import { feeSchedule } from "../../../devnet/bitshares-fees.ts";
import { AppError } from "../../../errors/app-error.ts";

/** GRAPHENE_MAX_SHARE_SUPPLY: all of the core asset that there can be. */
export const maximumSupply = 1_000_000_000_000_000n;
export const coreSymbol = "BTS";
/** Account that gets everything at the start; `boot` pays it out, because a genesis gives balances to keys only. */
export const treasurerName = "loadstone-treasurer";

/** What an embedded network is told in its genesis. */
export interface EmbeddedBitsharesGenesis {
  readonly accounts: readonly {
    readonly name: string;
    readonly publicKey: string;
    readonly lifetimeMember: boolean;
    /** Smallest units by asset symbol. */
    readonly balances: Readonly<Record<string, string>>;
  }[];
  readonly assets: readonly {
    readonly symbol: string;
    readonly precision: number;
    readonly issuer: string;
    readonly maxSupply: string;
  }[];
  readonly orders: readonly {
    readonly seller: string;
    readonly sell: { readonly symbol: string; readonly amount: string };
    readonly receive: { readonly symbol: string; readonly amount: string };
    readonly count: number;
  }[];
}

export interface GenesisOptions {
  readonly embedded: EmbeddedBitsharesGenesis;
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
 * Its parameters are those of the development genesis, but for the sizes and the interval that the scenario names.
 * Throws PLAN_IMPOSSIBLE for what the program would refuse at its start.
 */
export function createGenesis(options: GenesisOptions): unknown {
  const { embedded, witnessKeys, treasurerKey, blockIntervalMs, nowMs } = options;
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
      account_fee_scale_bitshifts: 4,
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
      ...names.map((name, i) => initialAccount(name, witnessKeys[i] as string, true)),
      initialAccount(treasurerName, treasurerKey, true),
      ...embedded.accounts.map(({ name, publicKey, lifetimeMember }) =>
        initialAccount(name, publicKey, lifetimeMember),
      ),
    ],
    initial_assets: embedded.assets.map(({ symbol, precision, issuer, maxSupply }) => ({
      symbol,
      issuer_name: issuer,
      description: "",
      precision,
      max_supply: maxSupply,
      accumulated_fees: 0,
      is_bitasset: false,
      collateral_records: [],
    })),
    initial_balances: [{ owner: addressOf(treasurerKey), asset_symbol: coreSymbol, amount: maximumSupply.toString() }],
    initial_vesting_balances: [],
    initial_active_witnesses: names.length,
    initial_witness_candidates: names.map((name, i) => ({ owner_name: name, block_signing_key: witnessKeys[i] })),
    initial_committee_candidates: names.map((name) => ({ owner_name: name })),
    initial_worker_candidates: [],
  };
}

/** Of a transfer, an issue and an order in the fee schedule, rounded up. */
const bootFees = { transfer: 2_000_000n, issue: 2_001_000n, order: 501_000n } as const;

/** What the accounts are to have, and what it costs to bring it to them. */
function fundsNeeded({ accounts, assets, orders }: EmbeddedBitsharesGenesis): bigint {
  const issues = assets.length * accounts.length;
  const placed = orders.reduce((sum, { count }) => sum + count, 0);
  return accounts.reduce(
    (sum, { balances }) => sum + BigInt(balances[coreSymbol] ?? 0) + bootFees.transfer,
    BigInt(issues) * bootFees.issue + BigInt(placed) * bootFees.order,
  );
}

function refuse({ witnessKeys, blockIntervalMs, embedded }: GenesisOptions): void {
  const needed = fundsNeeded(embedded);
  const problems = [
    ...(needed > maximumSupply
      ? [
          {
            path: "accounts.balance",
            value: `${needed / 100_000n} BTS in all, with the fees of paying it out`,
            expected: `expected no more than the ${maximumSupply / 100_000n} BTS that there can be`,
          },
        ]
      : []),
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
    ...embedded.accounts
      .filter(({ name }) => name === treasurerName || /^init\d+$/.test(name))
      .map(({ name }) => ({
        path: "accounts",
        value: name,
        expected: "is the name of an account of the network itself",
      })),
  ];
  if (problems.length === 0) return;
  throw new AppError("PLAN_IMPOSSIBLE", "a network of real nodes cannot be as the scenario says", { problems });
}

function initialAccount(name: string, key: string, isMember: boolean): unknown {
  return { name, owner_key: key, active_key: key, is_lifetime_member: isMember };
}

/** Whoever has the key may claim what a genesis gives to its address. */
export function addressOf(publicKey: string): string {
  return PublicKey.fromStringOrThrow(publicKey, coreSymbol).toAddressString(coreSymbol);
}

/** Without a zone, and always UTC. */
function chainTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19);
}
