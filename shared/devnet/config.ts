import { z } from "zod";

/**
 * What a devnet process is told at its start: the contract between the overseer (which writes it) and `devnet/`.
 * All amounts are integers in the asset's smallest unit, as decimal strings.
 */
const amountText = z.string().regex(/^\d+$/);
const positiveText = z.string().regex(/^[1-9]\d*$/);

const delaySchema = z.union([
  z.strictObject({ kind: z.literal("fixed"), ms: z.number().min(0) }),
  /** `ms[i]` is drawn with probability `weights[i]`. */
  z.strictObject({
    kind: z.literal("points"),
    ms: z.array(z.number().min(0)).min(1),
    weights: z.array(z.number().min(0)).min(1),
  }),
  z.strictObject({ kind: z.literal("log-normal"), medianMs: z.number().positive(), sigma: z.number().min(0) }),
]);

/** How one node behaves; everything is off by default. Times are milliseconds after the devnet is ready. */
export const nodeBehaviourSchema = z.strictObject({
  /** Transactions per second that the node takes off its queue; the rest waits. `null`: as fast as it can. */
  capacityPerSecond: z.number().positive().nullable().default(null),
  /** Held back before each broadcast's answer, on top of the work itself. */
  answerDelay: delaySchema.nullable().default(null),
  /** The node neither reads nor answers during these. */
  stalls: z.array(z.strictObject({ atMs: z.number().min(0), forMs: z.number().positive() })).default([]),
  /** The node is gone during these: no listening socket, no connections, no blocks, nothing heard from other nodes. */
  outages: z.array(z.strictObject({ atMs: z.number().min(0), forMs: z.number().positive() })).default([]),
  /** All client connections are cut at these times. */
  dropConnectionsAtMs: z.array(z.number().min(0)).default([]),
  /** Share (0 to 1) of broadcasts that are refused with an error although nothing is wrong with them. */
  rejectShare: z.number().min(0).max(1).default(0),
  /** Share of broadcasts that are taken in but never answered. */
  dropAnswerShare: z.number().min(0).max(1).default(0),
  /** Share of broadcasts that are answered as accepted but never put into a block. */
  forgetShare: z.number().min(0).max(1).default(0),
});

export const networkBehaviourSchema = z.strictObject({
  /** From one node to another, each message. */
  propagationDelayMs: z.number().min(0).default(5),
  /** Delays of their own for pairs of nodes, both ways, instead of `propagationDelayMs`. */
  linkDelays: z
    .array(
      z.strictObject({
        between: z.tuple([z.number().int().min(0), z.number().int().min(0)]),
        ms: z.number().min(0),
      }),
    )
    .default([]),
  /** Share of slots in which the witness whose turn it is produces nothing. */
  missedSlotShare: z.number().min(0).max(1).default(0),
  /** Nodes are split into two sides for a while; the shorter side's blocks are orphaned when they meet again. */
  partitions: z
    .array(
      z.strictObject({
        atMs: z.number().min(0),
        forMs: z.number().positive(),
        nodes: z.array(z.number().int().min(0)).min(1),
      }),
    )
    .default([]),
  /** Whether transactions of orphaned blocks go back to the pool (as real nodes do) or are dropped. */
  orphanedReturn: z.boolean().default(true),
});

/** Who is there and who is connected to whom; without one, every node produces and is connected to every other. */
export const topologySchema = z.strictObject({
  /**
   * By position in `ports`. A producer makes blocks; a backup makes them while the producer it stands in for is gone;
   * a full node serves clients; a seed only passes on what it hears from other nodes and serves no clients.
   */
  roles: z.array(z.enum(["producer", "backup", "full", "seed"])).min(1),
  /** Pairs of positions that are connected, both ways. */
  links: z.array(z.tuple([z.number().int().min(0), z.number().int().min(0)])),
});

/** What the devnet of every chain is told. */
const commonShape = {
  /** The same seed gives the same chain id, keys, order of producers and faults. */
  seed: z.number().int().min(0).default(1),
  /** Listening address of every node. */
  host: z.string().default("127.0.0.1"),
  /** One node for each; 0 takes any free port. */
  ports: z.array(z.number().int().min(0).max(65_535)).min(1).max(64),
  topology: topologySchema.nullable().default(null),
  /** By position in `ports`; nodes beyond the list behave normally. */
  nodes: z.array(nodeBehaviourSchema).default([]),
  network: networkBehaviourSchema.prefault({}),
};

const namedAmountSchema = z.strictObject({ symbol: z.string(), amount: amountText });
/** After the genesis. Long enough by default that nothing expires during a run. */
const expiresAfterSeconds = z.number().int().positive().default(604_800);

const bitsharesGenesisSchema = z.strictObject({
  accounts: z.array(
    z.strictObject({
      name: z.string(),
      /** Owner, active and memo key. */
      publicKey: z.string(),
      lifetimeMember: z.boolean().default(false),
      /** By asset symbol. */
      balances: z.record(z.string(), amountText).default({}),
    }),
  ),
  /** Assets besides the core asset. */
  assets: z
    .array(
      z.strictObject({
        symbol: z.string(),
        precision: z.number().int().min(0).max(12),
        issuer: z.string(),
        maxSupply: amountText,
        /** Lent against collateral of the core asset; the issuer publishes what it is worth. */
        bitasset: z
          .strictObject({
            /** So much of the asset is worth so much of the core asset, in smallest units. */
            feed: z.strictObject({ debt: positiveText, collateral: positiveText }),
            /** The asset was settled for everybody: what is left for those who hold it, out of the issuer's balance. */
            settlementFund: positiveText.nullable().default(null),
          })
          .nullable()
          .default(null),
      }),
    )
    .default([]),
  /** What accounts owe at the start; the debt is added to their balance, the collateral is part of it. */
  positions: z
    .array(z.strictObject({ borrower: z.string(), debt: namedAmountSchema, collateral: positiveText }))
    .default([]),
  /** Resting orders, `count` of each, placed by the seller at the start; what they sell is part of the seller's balance. */
  orders: z
    .array(
      z.strictObject({
        seller: z.string(),
        sell: namedAmountSchema,
        receive: namedAmountSchema,
        count: z.number().int().min(1).default(1),
      }),
    )
    .default([]),
  /** Hash time-locked contracts; what they hold is part of the sender's balance. */
  htlcs: z
    .array(
      z.strictObject({
        from: z.string(),
        to: z.string(),
        amount: namedAmountSchema,
        /** SHA-256 of the preimage, in hex. */
        hash: z.string().regex(/^[0-9a-f]{64}$/),
        preimageBytes: z.number().int().min(0).max(65_535).default(32),
        expiresAfterSeconds,
      }),
    )
    .default([]),
  /** Balances that vest evenly from the genesis on, `count` of each; they are part of the owner's balance. */
  vestingBalances: z
    .array(
      z.strictObject({
        owner: z.string(),
        amount: namedAmountSchema,
        vestingSeconds: z.number().int().min(0).default(0),
        count: z.number().int().min(1).default(1),
      }),
    )
    .default([]),
  /** Proposed transfers, `count` of each, which `from` has not approved yet. */
  proposals: z
    .array(
      z.strictObject({
        proposer: z.string(),
        from: z.string(),
        to: z.string(),
        amount: namedAmountSchema,
        expiresAfterSeconds,
        count: z.number().int().min(1).default(1),
      }),
    )
    .default([]),
});

export const bitsharesDevnetSchema = z.strictObject({
  chain: z.literal("bitshares"),
  ...commonShape,
  blockIntervalMs: z.number().int().min(1000).default(1000),
  witnesses: z.number().int().min(1).max(101).default(11),
  parameters: z
    .strictObject({
      maximumTransactionBytes: z.number().int().positive().default(1_000_000),
      maximumBlockBytes: z.number().int().positive().default(2_000_000),
      maximumLifetimeSeconds: z.number().int().positive().default(86_400),
    })
    .prefault({}),
  genesis: bitsharesGenesisSchema,
});

const antelopeGenesisSchema = z.strictObject({
  accounts: z.array(
    z.strictObject({
      name: z.string(),
      /** Owner and active key, `EOS…` or `PUB_K1_…`. */
      publicKey: z.string(),
      /** By symbol, in the smallest unit. */
      balances: z.record(z.string(), amountText).default({}),
      /** CPU time and NET that the account may use within 24 hours, and its RAM; `null`: no limit. */
      cpuMicrosPerDay: z.number().int().min(0).nullable().default(null),
      netBytesPerDay: z.number().int().min(0).nullable().default(null),
      ramBytes: z.number().int().min(0).nullable().default(null),
      /** Names of permissions that whoever satisfies `active` satisfies. */
      permissions: z.array(z.string()).default([]),
      /** What it has staked for itself, in the core token's smallest unit. */
      staked: z.strictObject({ cpu: amountText, net: amountText }).nullable().default(null),
    }),
  ),
  /**
   * Whether accounts that are made later may use whatever they like, or nothing before it is bought or staked for them, as
   * on networks with a system contract.
   */
  newAccounts: z.enum(["unlimited", "without-resources"]).default("unlimited"),
  /** Tokens of `eosio.token`, issued to the accounts' balances; the first is the core asset. */
  tokens: z
    .array(
      z.strictObject({
        symbol: z.string().regex(/^[A-Z]{1,7}$/),
        precision: z.number().int().min(0).max(18),
        maxSupply: amountText,
      }),
    )
    .min(1),
});

export const antelopeDevnetSchema = z.strictObject({
  chain: z.literal("antelope"),
  ...commonShape,
  blockIntervalMs: z.number().int().min(500).multipleOf(500).default(500),
  producers: z.number().int().min(1).max(21).default(3),
  /** Blocks that a producer makes before it is the next one's turn. */
  blocksPerTurn: z.number().int().min(1).default(12),
  /** `savanna`: irreversible two blocks later; `dpos`: when two thirds of the producers have twice built on it. */
  finality: z.enum(["savanna", "dpos"]).default("savanna"),
  /** Whether nodes keep what became of each transaction (`get_transaction_status`). */
  transactionStatus: z.boolean().default(true),
  parameters: z
    .strictObject({
      /** `max_transaction_net_usage`. */
      maximumTransactionBytes: z.number().int().positive().default(524_288),
      /** `max_block_net_usage`. */
      maximumBlockBytes: z.number().int().positive().default(1_048_576),
      /** `max_transaction_lifetime`. */
      maximumLifetimeSeconds: z.number().int().positive().default(3600),
      maximumTransactionCpuMicros: z.number().int().positive().default(150_000),
      maximumBlockCpuMicros: z.number().int().positive().default(200_000),
      /** `min_transaction_cpu_usage`: billed even when the work took less. */
      minimumTransactionCpuMicros: z.number().int().positive().default(100),
      /** Billed for each action of a contract that does not burn CPU on purpose. */
      actionCpuMicros: z.number().int().positive().default(120),
    })
    .prefault({}),
  genesis: antelopeGenesisSchema,
});

export const devnetConfigSchema = z.discriminatedUnion("chain", [bitsharesDevnetSchema, antelopeDevnetSchema]);

export type BitsharesDevnetConfig = z.output<typeof bitsharesDevnetSchema>;
export type BitsharesDevnetConfigInput = z.input<typeof bitsharesDevnetSchema>;
export type AntelopeDevnetConfig = z.output<typeof antelopeDevnetSchema>;
export type AntelopeDevnetConfigInput = z.input<typeof antelopeDevnetSchema>;
/** Chains that the devnet speaks. */
export const devnetChains: readonly string[] = devnetConfigSchema.options.map(({ shape }) => shape.chain.value);

export type Topology = z.output<typeof topologySchema>;
export type DevnetConfig = z.output<typeof devnetConfigSchema>;
export type DevnetConfigInput = z.input<typeof devnetConfigSchema>;
export type NodeBehaviour = z.output<typeof nodeBehaviourSchema>;
export type NetworkBehaviour = z.output<typeof networkBehaviourSchema>;
export type Delay = z.output<typeof delaySchema>;

/** The one line of JSON that a devnet prints on stdout once every node answers. */
export const devnetReadySchema = z.object({
  event: z.literal("ready"),
  chainId: z.string(),
  nodes: z.array(z.object({ name: z.string(), url: z.string() })).min(1),
  /** Loopback HTTP address of the control door: `GET /state`, `POST /behaviour`, `POST /stop`. */
  control: z.string(),
});

export type DevnetReady = z.output<typeof devnetReadySchema>;
