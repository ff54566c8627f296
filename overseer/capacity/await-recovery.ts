import type { ChainDriver } from "../../shared/chains/driver.ts";
import { AppError, messageOf } from "../../shared/errors/app-error.ts";
import { waitUntil } from "../../shared/time/wait.ts";
import type { RunSummary } from "../reporting/run-summary.ts";

export interface RecoveryOptions {
  readonly driver: ChainDriver;
  readonly endpoints: readonly string[];
  /** The run that has just ended. */
  readonly summary: RunSummary;
  readonly lifetimeSeconds: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const describeTimeoutMs = 15_000;
const everyMs = 500;
/** A node whose head is older than this is still catching up. */
const intervalsBehind = 5;

/**
 * Waits until nothing of the last point can get into a block any more: either all of it has an end, or the chain's time
 * has passed the last expiration; and until all nodes are in sync. Throws NETWORK_NOT_READY at the deadline.
 */
export async function awaitRecovery(options: RecoveryOptions): Promise<void> {
  const { driver, endpoints, summary, lifetimeSeconds, timeoutMs, signal } = options;
  const expiredMs = mayStillBeIncluded(summary) ? endWallMillis(summary) + lifetimeSeconds * 1000 : 0;
  let seen = "nothing was seen of it";
  const recovered = async (): Promise<boolean> => {
    try {
      const network = await driver.describe({
        endpoints,
        expectedChainId: summary.network.chainId,
        timeoutMs: Math.min(timeoutMs, describeTimeoutMs),
        maximumHeadAgeMs: intervalsBehind * summary.network.blockIntervalMs + 1000,
        signal,
      });
      seen = "transactions of the last point can still get into blocks";
      return network.headTimeMs > expiredMs;
    } catch (error) {
      signal.throwIfAborted();
      seen = messageOf(error);
      return false;
    }
  };
  await waitUntil(recovered, {
    timeoutMs,
    everyMs,
    signal,
    onTimeout: () =>
      new AppError("NETWORK_NOT_READY", `the network did not recover within ${timeoutMs / 1000} s: ${seen}`, {
        hint: "a longer capacity.recovery gives it more time",
      }),
  });
}

function mayStillBeIncluded({ phases }: RunSummary): boolean {
  return phases.some(({ counts }) => counts.lost > 0 || counts.unanswered > counts.includedUnanswered);
}

function endWallMillis({ t0WallMillis, phases }: RunSummary): number {
  return (t0WallMillis ?? 0) + Math.max(0, ...phases.map((phase) => phase.endMicros)) / 1000;
}
