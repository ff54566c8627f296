import { z } from "zod";

/** The fields of the nodes' answers that are used, as recorded in the transcripts. */

/** Without a zone, and always UTC. Blocks have half seconds. */
const chainTime = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$/)
  .transform((text) => Date.parse(`${text}Z`));

const blockId = z.string().regex(/^[0-9a-f]{64}$/);

/** nodeos writes integers of more than 32 bits as text. */
const integer = z.union([z.number().int(), z.string().regex(/^-?\d+$/)]).transform(Number);

export const infoAnswer = z.object({
  server_version_string: z.string().optional(),
  chain_id: z.string().regex(/^[0-9a-f]{64}$/),
  head_block_num: z.number().int(),
  head_block_id: blockId,
  head_block_time: chainTime,
  last_irreversible_block_num: z.number().int(),
  last_irreversible_block_id: blockId,
});
export type InfoAnswer = z.output<typeof infoAnswer>;

export const chainConfigAnswer = z.object({
  max_block_net_usage: integer,
  max_block_cpu_usage: integer,
  max_transaction_net_usage: integer,
  max_transaction_cpu_usage: integer,
  min_transaction_cpu_usage: integer,
  base_per_transaction_net_usage: integer,
  max_transaction_lifetime: integer,
});

export const consensusParametersAnswer = z.object({ chain_config: chainConfigAnswer });

/** The system contract's table of what it has last set. */
export const globalTableAnswer = z.object({ rows: z.array(chainConfigAnswer) });

export const producerScheduleAnswer = z.object({
  active: z.object({ producers: z.array(z.object({ producer_name: z.string() })) }),
});

export const producersAnswer = z.object({ rows: z.array(z.object({ owner: z.string() })) });

/** −1 where there is no limit. */
const usageLimit = z.object({ available: integer, max: integer });

const permissionAnswer = z.object({
  perm_name: z.string(),
  parent: z.string().optional(),
  /** Newer nodes tell. */
  linked_actions: z.array(z.unknown()).optional(),
  required_auth: z.object({
    threshold: z.number(),
    keys: z.array(z.object({ key: z.string(), weight: z.number() })),
  }),
});
export type PermissionAnswer = z.output<typeof permissionAnswer>;

export const accountAnswer = z.object({
  account_name: z.string(),
  permissions: z.array(permissionAnswer),
  ram_quota: integer,
  ram_usage: integer,
  cpu_limit: usageLimit,
  net_limit: usageLimit,
  /** What is staked for it; only with a system contract that has such a thing. */
  total_resources: z.object({ net_weight: z.string(), cpu_weight: z.string() }).nullish(),
  /** The part of it that is its own. */
  self_delegated_bandwidth: z.object({ net_weight: z.string(), cpu_weight: z.string() }).nullish(),
});
export type AccountAnswer = z.output<typeof accountAnswer>;

/** Such as `["998.7655 SYS"]`; empty where the account has none. */
export const balanceAnswer = z.array(z.string());

/** By symbol; without it where the contract has no such token. */
export const currencyStatsAnswer = z.record(z.string(), z.object({ supply: z.string() }));

/** `abi` is base64 of the packed ABI; empty for an account without a contract. */
export const rawAbiAnswer = z.object({ abi: z.string() });

/** Of the system contract's RAM market: tells the core token, and what RAM costs in it. */
export const ramMarketAnswer = z.object({
  rows: z.array(
    z.object({ base: z.object({ balance: z.string() }).optional(), quote: z.object({ balance: z.string() }) }),
  ),
});

/** By symbol; without it where the contract has no such token. */
export const tokenStatsAnswer = z.record(
  z.string(),
  z.object({ supply: z.string(), max_supply: z.string(), issuer: z.string() }),
);

/** Of the system contract's table of what an account has staked for others. */
export const delegationsAnswer = z.object({
  rows: z.array(z.object({ to: z.string(), net_weight: z.string(), cpu_weight: z.string() })),
});

/** Of `get_table_by_scope`; a scope of the table of tokens is a symbol, written as a name. */
export const scopesAnswer = z.object({ rows: z.array(z.object({ scope: z.string() })) });

export const blockInfoAnswer = z.object({ id: blockId, previous: blockId });

/** nodeos: the number of unknown_block_exception. */
export const unknownBlock = 3_100_002;

/** How nodes answer with any status but 2xx. */
export const nodeFailureAnswer = z.object({
  error: z.object({
    code: z.number(),
    what: z.string().default(""),
    details: z.array(z.object({ message: z.string() })).default([]),
  }),
});
