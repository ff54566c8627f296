import { setTimeout as delay } from "node:timers/promises";
import type { TrafficBlock, TrafficSource } from "../../shared/chains/traffic.ts";
import { AppError, isAppError } from "../../shared/errors/app-error.ts";
import type { BlockRange } from "./block-range.ts";

export interface ReadOptions {
  readonly source: TrafficSource;
  readonly range: BlockRange;
  /** Blocks asked for each second at most: nodes serve others, too. */
  readonly blocksPerSecond: number;
  /** Blocks asked for and not answered yet at most. */
  readonly inFlight: number;
  readonly signal: AbortSignal;
}

const attempts = 5;
const firstRetryMs = 250;

/**
 * The blocks of the range in their order, several asked for at a time. A question that fails is asked again, a little
 * later each time. Throws AppError RPC_FAILED for a block that the node does not have (any more), and what the last
 * attempt threw.
 */
export async function* readBlocks(options: ReadOptions): AsyncGenerator<TrafficBlock, void, undefined> {
  const { range, blocksPerSecond, inFlight, signal } = options;
  const asked: Promise<TrafficBlock>[] = [];
  const startMs = performance.now();
  let next = range.first;
  try {
    while (next <= range.last || asked.length > 0) {
      while (next <= range.last && asked.length < inFlight) {
        const waitMs = startMs + ((next - range.first) * 1000) / blocksPerSecond - performance.now();
        // Whoever waits for a block is not kept from it by the pace of later ones.
        if (waitMs > 0 && asked.length > 0) break;
        if (waitMs > 0) await pause(waitMs, signal);
        const block = fetchPatiently(options, next++);
        // It is thrown where its turn comes; until then nobody has to listen.
        block.catch(() => undefined);
        asked.push(block);
      }
      yield await (asked.shift() as Promise<TrafficBlock>);
    }
  } finally {
    await Promise.allSettled(asked);
  }
}

async function fetchPatiently({ source, range, signal }: ReadOptions, number: number): Promise<TrafficBlock> {
  for (let attempt = 1; ; attempt++) {
    try {
      const block = await source.fetchBlock(number);
      if (block !== null) return block;
      throw new AppError("RPC_FAILED", `the node does not have block ${number} of ${range.first} to ${range.last}`, {
        hint: "Ask a node that keeps all blocks, or for newer ones.",
      });
    } catch (error) {
      signal.throwIfAborted();
      const isPassing = isAppError(error) && (error.code === "NETWORK_UNREACHABLE" || error.hint === undefined);
      if (!isPassing || attempt === attempts) throw error;
      await pause(firstRetryMs * 2 ** (attempt - 1), signal);
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
  signal.throwIfAborted();
}
