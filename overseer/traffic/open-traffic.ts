import type { ChainDriver, NetworkDescription } from "../../shared/chains/driver.ts";
import type { ChainTraffic, TrafficBlock } from "../../shared/chains/traffic.ts";
import { AppError, type Problem } from "../../shared/errors/app-error.ts";
import { chainIdSchema, nodeAddressSchema } from "../../shared/scenario/network-schema.ts";
import { type BlockRange, blockRangeOf, parseWantedBlocks, type WantedBlocks } from "./block-range.ts";
import { readBlocks } from "./read-blocks.ts";

export interface ReadingArguments {
  readonly endpoint: string;
  readonly chain: string;
  readonly blocks: string;
  readonly chainId: string | undefined;
  /** Blocks asked for each second at most. */
  readonly rate: number;
  readonly inFlight: number;
}

export interface ReadingContext {
  readonly chainNames: readonly string[];
  driverOf(chain: string): ChainDriver;
  readonly signal: AbortSignal;
}

export interface OpenTraffic {
  readonly traffic: ChainTraffic;
  readonly network: NetworkDescription;
  readonly range: BlockRange;
  blocks(): AsyncGenerator<TrafficBlock, void, undefined>;
  close(): Promise<void>;
}

const timeoutMs = 20_000;
const bounds = { rate: [0.1, 10_000], inFlight: [1, 64] } as const;

/**
 * Finds out about the network and the range. Throws AppError: USAGE for arguments that are wrong, all of them at once;
 * NETWORK_UNREACHABLE, NETWORK_MISMATCH, NETWORK_TOO_OLD and RPC_FAILED as the driver does. A network that has stopped
 * can be read, too.
 */
export async function openTraffic(args: ReadingArguments, context: ReadingContext): Promise<OpenTraffic> {
  const { traffic, wanted } = checked(args, context);
  const { signal } = context;
  const network = await context.driverOf(args.chain).describe({
    endpoints: [args.endpoint],
    expectedChainId: args.chainId ?? null,
    timeoutMs,
    maximumHeadAgeMs: Number.POSITIVE_INFINITY,
    signal,
  });
  const range = blockRangeOf(wanted, network);
  const source = await traffic.open({ endpoint: args.endpoint, timeoutMs, signal });
  return {
    traffic,
    network,
    range,
    blocks: () => readBlocks({ source, range, blocksPerSecond: args.rate, inFlight: args.inFlight, signal }),
    close: () => source.close(),
  };
}

function checked(
  args: ReadingArguments,
  { chainNames, driverOf }: ReadingContext,
): { readonly traffic: ChainTraffic; readonly wanted: WantedBlocks } {
  const problems: Problem[] = [];
  for (const [path, value, schema] of [
    ["ENDPOINT", args.endpoint, nodeAddressSchema],
    ["--chain-id", args.chainId, chainIdSchema],
  ] as const) {
    const { error } = schema.optional().safeParse(value);
    for (const { message } of error?.issues ?? []) problems.push({ path, value: value ?? "", expected: message });
  }
  const wanted = parseWantedBlocks(args.blocks);
  if ("path" in wanted) problems.push(wanted);
  for (const [key, value] of [
    ["rate", args.rate],
    ["inFlight", args.inFlight],
  ] as const) {
    const [least, most] = bounds[key];
    if (value >= least && value <= most) continue;
    const path = key === "rate" ? "--rate" : "--in-flight";
    problems.push({ path, value: String(value), expected: `expected ${least} to ${most}` });
  }
  const traffic = chainNames.includes(args.chain) ? driverOf(args.chain).traffic : undefined;
  const readable = chainNames.filter((name) => driverOf(name).traffic !== undefined);
  if (traffic === undefined) {
    problems.push({ path: "--chain", value: args.chain, expected: `expected one of ${readable.join(", ")}` });
  }
  if (traffic !== undefined && !("path" in wanted) && problems.length === 0) return { traffic, wanted };
  throw new AppError("USAGE", "the traffic cannot be read like this", { problems });
}
