import { createHash } from "node:crypto";
import { Numeric, Serialize } from "eosjs";

/** `chain_config_v0` of nodeos, its fields in the order in which they are packed, with their bytes. */
const configFields = [
  ["max_block_net_usage", 8],
  ["target_block_net_usage_pct", 4],
  ["max_transaction_net_usage", 4],
  ["base_per_transaction_net_usage", 4],
  ["net_usage_leeway", 4],
  ["context_free_discount_net_usage_num", 4],
  ["context_free_discount_net_usage_den", 4],
  ["max_block_cpu_usage", 4],
  ["target_block_cpu_usage_pct", 4],
  ["max_transaction_cpu_usage", 4],
  ["min_transaction_cpu_usage", 4],
  ["max_transaction_lifetime", 4],
  ["deferred_trx_expiration_window", 4],
  ["max_transaction_delay", 4],
  ["max_inline_action_size", 4],
  ["max_inline_action_depth", 2],
  ["max_authority_depth", 2],
] as const;

export type ChainConfig = Readonly<Record<(typeof configFields)[number][0], number>>;

export interface AntelopeGenesis {
  /** Without a zone, and always UTC; with milliseconds. */
  readonly initial_timestamp: string;
  readonly initial_key: string;
  readonly initial_configuration: ChainConfig;
}

export interface ChainSizes {
  readonly maximumTransactionBytes: number;
  readonly maximumBlockBytes: number;
  readonly maximumLifetimeSeconds: number;
  readonly maximumTransactionCpuMicros: number;
  readonly maximumBlockCpuMicros: number;
  readonly minimumTransactionCpuMicros: number;
}

/** The program's own defaults, but for what the scenario names. */
export function createGenesis(publicKey: string, sizes: ChainSizes, nowMs: number): AntelopeGenesis {
  return {
    // Blocks have half seconds.
    initial_timestamp: new Date(Math.floor(nowMs / 500) * 500).toISOString().slice(0, 23),
    initial_key: publicKey,
    initial_configuration: {
      max_block_net_usage: sizes.maximumBlockBytes,
      target_block_net_usage_pct: 1000,
      max_transaction_net_usage: sizes.maximumTransactionBytes,
      base_per_transaction_net_usage: 12,
      net_usage_leeway: 500,
      context_free_discount_net_usage_num: 20,
      context_free_discount_net_usage_den: 100,
      max_block_cpu_usage: sizes.maximumBlockCpuMicros,
      target_block_cpu_usage_pct: 1000,
      max_transaction_cpu_usage: sizes.maximumTransactionCpuMicros,
      min_transaction_cpu_usage: sizes.minimumTransactionCpuMicros,
      max_transaction_lifetime: sizes.maximumLifetimeSeconds,
      deferred_trx_expiration_window: 600,
      max_transaction_delay: 3_888_000,
      // Contracts hand whole contracts on to each other.
      max_inline_action_size: 524_288,
      max_inline_action_depth: 4,
      max_authority_depth: 6,
    },
  };
}

/** As nodeos has it: the hash of the packed genesis, time first, then key, then configuration. */
export function chainIdOf({ initial_timestamp, initial_key, initial_configuration }: AntelopeGenesis): string {
  const time = Buffer.alloc(8);
  time.writeBigInt64LE(BigInt(Date.parse(`${initial_timestamp}Z`)) * 1000n);
  const key = new Serialize.SerialBuffer();
  const { type, data } = Numeric.stringToPublicKey(initial_key);
  key.push(type);
  key.pushArray(data);
  const config = configFields.map(([name, bytes]) => {
    const field = Buffer.alloc(bytes);
    const value = initial_configuration[name];
    if (bytes === 8) field.writeBigUInt64LE(BigInt(value));
    else field.writeUIntLE(value, 0, bytes);
    return field;
  });
  return createHash("sha256")
    .update(Buffer.concat([time, Buffer.from(key.asUint8Array()), ...config]))
    .digest("hex");
}
