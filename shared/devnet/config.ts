import { z } from "zod";

/**
 * What a devnet process is told at its start: the contract between the overseer (which writes it) and `devnet/`.
 * All amounts are integers in the asset's smallest unit, as decimal strings.
 */
const amountText = z.string().regex(/^\d+$/);

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

const genesisSchema = z.strictObject({
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
  /** User-issued assets besides the core asset. */
  assets: z
    .array(
      z.strictObject({
        symbol: z.string(),
        precision: z.number().int().min(0).max(12),
        issuer: z.string(),
        maxSupply: amountText,
      }),
    )
    .default([]),
  /** Resting orders, `count` of each, placed by the seller at the start; what they sell is part of the seller's balance. */
  orders: z
    .array(
      z.strictObject({
        seller: z.string(),
        sell: z.strictObject({ symbol: z.string(), amount: amountText }),
        receive: z.strictObject({ symbol: z.string(), amount: amountText }),
        count: z.number().int().min(1).default(1),
      }),
    )
    .default([]),
});

export const devnetConfigSchema = z.strictObject({
  chain: z.literal("bitshares"),
  /** The same seed gives the same chain id, keys, witness order and faults. */
  seed: z.number().int().min(0).default(1),
  /** Listening address of every node. */
  host: z.string().default("127.0.0.1"),
  /** One node for each; 0 takes any free port. */
  ports: z.array(z.number().int().min(0).max(65_535)).min(1).max(64),
  blockIntervalMs: z.number().int().min(1000).default(1000),
  witnesses: z.number().int().min(1).max(101).default(11),
  parameters: z
    .strictObject({
      maximumTransactionBytes: z.number().int().positive().default(1_000_000),
      maximumBlockBytes: z.number().int().positive().default(2_000_000),
      maximumLifetimeSeconds: z.number().int().positive().default(86_400),
    })
    .prefault({}),
  genesis: genesisSchema,
  /** By position in `ports`; nodes beyond the list behave normally. */
  nodes: z.array(nodeBehaviourSchema).default([]),
  network: networkBehaviourSchema.prefault({}),
});

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
