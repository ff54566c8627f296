import { type MetricsArguments, metricsRequestOf } from "../../shared/metrics/metrics-request.ts";
import { MetricsServer } from "../../shared/metrics/metrics-server.ts";
import { overseerMetrics } from "../metrics/overseer-metrics.ts";
import type { BeaconsRequest } from "../run/run-request.ts";
import { RunWatch } from "../run/run-watch.ts";

export interface MetricsWanted {
  readonly args: MetricsArguments;
  /** Tokens that open more than figures. */
  readonly otherTokens: readonly string[];
  /** Of an overseer that stays; null for others, and before it serves. */
  readonly connectedBeacons?: () => number | null;
}

/**
 * Serves what `--metrics` asks for while `work` goes on, which tells its figures to the watch. `url` is null where nothing
 * is served. Throws before the work has begun.
 */
export async function withMetrics<T>(
  { args, otherTokens, connectedBeacons = () => null }: MetricsWanted,
  work: (watch: RunWatch, url: string | null) => Promise<T>,
): Promise<T> {
  const watch = new RunWatch();
  const request = await metricsRequestOf(args, otherTokens);
  if (request === null) return work(watch, null);
  const server = await MetricsServer.start(request, () => overseerMetrics(watch.reading, connectedBeacons()));
  try {
    return await work(watch, server.url);
  } finally {
    await server.close();
  }
}

export function tokensOf(beacons: BeaconsRequest): string[] {
  return beacons.kind === "remote" ? [beacons.door.token] : [];
}
